"""The templates of products over HTTP: what they say, what a change would do, and to whom."""

from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import create_person
from catalog.access.rules import Narrowing
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.people import TEST

FAMILIES = """query @inContext(locale: "de-DE") { families {
  code label groups { code label attributes { code type options { code label } } }
  required { channel attributes } variants { code axes } }
  attributes(codes: ["name", "none"]) { code localizable group } }"""
REHEARSE = """{ rehearseFamily(family: {code: "lamps", attributes: ["name"],
  required: [{channel: "d2c", attributes: ["name"]}], variants: []}) {
  productCount lost { attribute valueCount productCount skus }
  incomplete { channel attributes productCount skus }
  variants { code clashes { model skus } lacking misplaced } } }"""
STOCK_SQL = """
INSERT INTO attribute_option (attribute, code, label, position)
VALUES ('colour', 'red', '{"de-DE": "Rot"}', 0);
UPDATE attribute SET attribute_group = 'looks' WHERE code = 'colour';
INSERT INTO attribute_requirement (family, attribute, channel) VALUES ('lamps', 'name', 'd2c');
INSERT INTO family (code) VALUES ('chairs');
INSERT INTO attribute_group (code, label) VALUES ('looks', '{"de-DE": "Aussehen"}');
"""
RED_SQL = "INSERT INTO product_value (owner, attribute, data) VALUES ($1, 'colour', '\"red\"')"


async def test_families_are_read_and_a_change_of_one_is_rehearsed(
    client: Client, shop: Shop
) -> None:
    await shop.pool.execute(STOCK_SQL)
    model = await shop.put(Product("LAMP", "MODEL"))
    red = await shop.put(Product("LAMP-R", "VARIANT", [model]))
    await shop.pool.execute(RED_SQL, red.id)
    data = await client.data(FAMILIES, headers=await shop.key("manage.products"))
    chairs, lamps = data["families"]
    assert chairs == {
        "code": "chairs",
        "label": "chairs",
        "groups": [],
        "required": [],
        "variants": [],
    }
    colour = {"code": "colour", "type": "select", "options": [{"code": "red", "label": "Rot"}]}
    named: dict[str, object] = {"code": "name", "type": "text", "options": []}
    groups = {each["code"]: each["attributes"] for each in lamps["groups"]}
    assert (groups["looks"], named in groups[None]) == ([colour], True)
    assert [(each["code"], each["label"]) for each in lamps["groups"]] == [
        ("looks", "Aussehen"),
        (None, None),
    ]
    assert lamps["required"] == [{"channel": "d2c", "attributes": ["name"]}]
    assert lamps["variants"] == [{"code": "lamps-by-colour", "axes": [["colour"]]}]
    assert data["attributes"] == [{"code": "name", "localizable": True, "group": None}]
    told = (await client.data(REHEARSE, headers=await shop.key("manage.products")))[
        "rehearseFamily"
    ]
    assert told == {
        "productCount": 2,
        "lost": [{"attribute": "colour", "valueCount": 1, "productCount": 1, "skus": ["LAMP-R"]}],
        "incomplete": [],
        "variants": [
            {"code": "lamps-by-colour", "clashes": [], "lacking": [], "misplaced": ["LAMP-R"]}
        ],
    }


async def test_whoever_keeps_some_families_sees_those_and_rehearses_none(
    client: Client, shop: Shop
) -> None:
    await shop.pool.execute(STOCK_SQL)
    async with shop.stage.changes.begin(TEST) as change:
        ada = await create_person(change, name="Ada")
        within = Narrowing(families=frozenset({"chairs"}))
        await give_role(change, ada.id, "publisher", within)
        key = await create_key(change, name="Ada's", principal=ada, scopes=())
    headers = {"Authorization": f"Bearer {key.secret}"}
    assert await client.data("{ families { code } }", headers=headers) == {
        "families": [{"code": "chairs"}]
    }
    assert await client.code(REHEARSE, headers=headers) == "FORBIDDEN"
