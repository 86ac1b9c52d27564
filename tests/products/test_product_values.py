"""Values that name products."""

from catalog.db import Pool
from catalog.products.commands import put_attributes, put_families
from catalog.products.model import AttributeRecord, FamilyRecord, ProductRecord
from tests.products.shop import open_shop, put, value
from tests.support.people import TEST


async def test_a_value_names_a_product_that_there_is_or_that_comes_along(pool: Pool) -> None:
    shop = await open_shop(pool)
    async with shop.begin(TEST) as change:
        fits = AttributeRecord(code="fits", attribute_type="product")
        await put_attributes(change, [fits])
        await put_families(change, [FamilyRecord(code="hooks", attributes=("fits",))])

    def hook(sku: str, fits: str | None) -> ProductRecord:
        return ProductRecord(sku=sku, kind="SIMPLE", family="hooks", values=(value("fits", fits),))

    applied = await put(shop, hook("A", "B"), hook("B", "A"), hook("C", "NONE"))
    assert applied.created == 2
    (refused,) = applied.rejections
    assert refused.faults[0].broken is not None
    assert (refused.faults[0].broken.rule, refused.faults[0].broken.given) == ("product", "NONE")
    assert (await put(shop, hook("C", "A"))).created == 1
