"""What one walk finds in a document, wherever it stands."""

from api.documents.outline import Outline
from api.documents.preparation import Preparation
from api.schema.build import SCHEMA, core_of

CORE = core_of(SCHEMA)


def outline(document: str) -> Outline:
    return Preparation(CORE, ()).prepare(document).outline


def test_conditions_are_found_wherever_they_stand_and_other_booleans_are_none() -> None:
    found = outline("""
      query ($a: Boolean, $b: Boolean, $c: Boolean, $d: Boolean, $e: Boolean, $f: Boolean)
      @inContext(preview: $e) {
        product(sku: "A") @include(if: $a) { ... @skip(if: $b) { sku } ...Part @skip(if: $c) }
        purge(await: $f)
      }
      fragment Part on Product { name @include(if: $d) }
    """)
    assert found.conditions == {"a", "b", "c", "d"}


def test_keys_that_hold_the_schema_alone_are_told_from_others() -> None:
    found = outline('{ a: __schema { b: types { name } } c: __type(name: "X") { a: name } }')
    assert found.of_schema == {"c"}


def test_aliases_are_counted_once_a_fragment_and_not_within_the_schema() -> None:
    part = "fragment Part on Product { a: hero { alt } b: sku }"
    assert outline(f'{{ x: product(sku: "A") {{ ...Part ...Part }} }} {part}').aliases == 2
    assert outline("{ __schema { a: types { name } } }").aliases == 0


def test_what_is_spread_in_several_places_costs_in_each_and_by_its_variables() -> None:
    page = "fragment Page on Product { variants(first: $n) { nodes { sku } } }"
    one = outline(f'query ($n: Int!) {{ product(sku: "A") {{ ...Page }} }} {page}')
    two = outline(
        f"query ($n: Int!) {{ products(first: 3) {{ nodes {{ ...Page ...Page }} }} }} {page}"
    )
    below = 1 + 7 * 2
    assert one.cost({"n": 7}) == 1 + 1 + below
    assert two.cost({"n": 7}) == 1 + 3 * (1 + 2 * (1 + below))


def test_a_fragment_that_is_not_spread_is_no_deeper_than_others_may_be() -> None:
    deep = "{ hero " * 20 + "{ alt }" + "}" * 20
    assert outline(f"{{ __typename }} fragment Deep on Product {deep}").depth > 14
