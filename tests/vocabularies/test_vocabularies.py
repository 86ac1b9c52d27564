"""Vocabularies, and the values that are chosen from them."""

import pytest

from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import VitrineError, faults_of
from catalog.products.commands import put_attributes, put_products
from catalog.products.model import AttributeRecord
from catalog.publication.commands import publish_products
from catalog.vocabularies.commands import put_vocabularies
from catalog.vocabularies.model import VocabularyRecord, VocabularyTerm
from catalog.vocabularies.rules import in_circles, merge_vocabulary
from catalog.vocabularies.store import DELETE_TERMS_SQL
from tests.products.shop import name, open_shop, put, put_good, simple, value
from tests.support.people import TEST
from tests.support.turns import one_behind_the_other

WOOD = VocabularyTerm(code="wood", label={"en": "Wood"}, synonyms={"en": ("timber",)})
OAK = VocabularyTerm(code="oak", label={"en": "Oak"}, broader="wood")


def terms(*each: VocabularyTerm, code: str = "materials") -> VocabularyRecord:
    return VocabularyRecord(code=code, terms=each)


def synonyms(*each: str) -> VocabularyTerm:
    return VocabularyTerm(code="a", synonyms={"en": each})


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (terms(code="a b"), "code"),
        (terms(WOOD, WOOD), "terms[1].code"),
        (terms(VocabularyTerm(code="a b")), "terms[0].code"),
        (terms(OAK), "terms[0].broader"),
        (terms(VocabularyTerm(code="a", broader="a")), "terms[0].broader"),
        (
            terms(
                WOOD,
                VocabularyTerm(code="a", broader="b"),
                VocabularyTerm(code="b", broader="a"),
            ),
            "terms[1].broader",
        ),
        (terms(synonyms(" ")), "terms[0].synonyms.en"),
        (terms(synonyms("a" * 201)), "terms[0].synonyms.en"),
        (terms(synonyms(*"a" * 51)), "terms[0].synonyms.en"),
        (terms(*(VocabularyTerm(code=str(place)) for place in range(5_001))), "terms"),
        (VocabularyRecord(code="a", label={"en": "\0"}), "label.en"),
    ],
)
def test_a_bad_vocabulary_is_refused_at_its_field(record: VocabularyRecord, field: str) -> None:
    with pytest.raises(VitrineError) as refused:
        merge_vocabulary(record, None, frozenset())
    assert faults_of(refused.value)[0].field == field


class CountedLookups(dict[str, str | None]):
    """Broader terms that count how often they are looked up."""

    count = 0

    def __getitem__(self, term: str) -> str | None:
        self.count += 1
        return super().__getitem__(term)


def test_each_term_of_a_long_line_is_walked_through_once() -> None:
    line = CountedLookups({str(place): str(place + 1) for place in range(1_000)} | {"1000": None})
    assert in_circles(line) == set()
    assert line.count == len(line)
    assert in_circles(line | {"1000": "998", "aside": "999"}) == {"998", "999", "1000"}


async def test_terms_that_go_are_found_by_a_hash_of_those_that_stay(pool: Pool) -> None:
    wanted = (["a"], ["a"] * 5_000, [str(place) for place in range(5_000)])
    plan = [row[0] for row in await pool.fetch(f"EXPLAIN {DELETE_TERMS_SQL}", *wanted)]
    assert any("hashed SubPlan" in line for line in plan)


async def test_values_are_terms_and_a_term_in_use_stays(pool: Pool) -> None:
    shop = await open_shop(pool)

    async def state(record: VocabularyRecord) -> BatchResult:
        async with shop.begin(TEST) as change:
            return await put_vocabularies(change, [record])

    assert (await _hold(shop, "materials")).rejections[0].field == "validation.vocabulary"
    assert await state(terms(WOOD, OAK)) == BatchResult(created=1)
    assert await state(terms(WOOD, OAK)) == BatchResult(unchanged=1)
    assert (await _hold(shop, "materials")).updated == 1
    (refused,) = (await put(shop, simple("A", value("mood", "pine")))).rejections
    assert refused.faults[0].broken is not None
    assert refused.faults[0].broken.rule == "vocabulary"
    await put_good(shop, [simple("A", value("mood", "oak"))])

    assert (await state(terms(WOOD))).rejections[0].field == "terms"
    assert (await state(terms(OAK, WOOD))).updated == 1
    filled = (name("A"), value("weight", 1), value("size", "s"))
    await put_good(shop, [simple("A", *filled)])
    async with shop.begin(TEST) as change:
        await publish_products(change, ["A"], "d2c")
    document = await pool.fetchval("SELECT document FROM publication")
    (mood,) = (each for each in document["attributes"] if each["code"] == "mood")
    assert mood["options"] == {"oak": {"label": {"en": "Oak"}, "position": 0}}


async def _hold(shop: Changes, vocabulary: str) -> BatchResult:
    record = AttributeRecord(code="mood", validation={"vocabulary": vocabulary})
    async with shop.begin(TEST) as change:
        return await put_attributes(change, [record])


async def hold_to(shop: Changes, vocabulary: str) -> list[tuple[str | None, str]]:
    record = AttributeRecord(code="mood", validation={"vocabulary": vocabulary})
    async with shop.begin(TEST) as change:
        applied = await put_attributes(change, [record])
    return [(each.field, each.code) for each in applied.rejections]


async def test_an_attribute_keeps_to_a_vocabulary_that_has_the_terms_of_its_values(
    pool: Pool,
) -> None:
    shop = await open_shop(pool)
    async with shop.begin(TEST) as change:
        await put_vocabularies(
            change, [terms(WOOD), terms(OAK, WOOD, code="all"), terms(code="no")]
        )
    assert await hold_to(shop, "materials") == []
    await put_good(shop, [simple("CAP", value("mood", "wood"))])
    assert await hold_to(shop, "no") == [("validation.vocabulary", "CONFLICT")]
    assert await hold_to(shop, "all") == []


async def test_a_term_that_is_taken_away_meanwhile_is_none(pool: Pool) -> None:
    shop = await open_shop(pool)
    async with shop.begin(TEST) as change:
        await put_vocabularies(change, [terms(WOOD, synonyms("x"))])
    assert await hold_to(shop, "materials") == []
    given = await one_behind_the_other(
        shop,
        lambda change: put_vocabularies(change, [terms(WOOD)]),
        lambda change: put_products(change, [simple("CAP", value("mood", "a"))]),
    )
    assert [each.code for each in given.rejections] == ["INVALID_INPUT"]
    assert await pool.fetchval("SELECT count(*) FROM product_value WHERE attribute = 'mood'") == 0
