"""The pure decision: roles by actions, narrowed; and the table as the documentation shows it."""

import dataclasses
from pathlib import Path

import pytest

from catalog.access.model import Scope
from catalog.access.roles import MEANINGS, PLACELESS, ROLES, SCOPES, Action, roles_table
from catalog.access.rules import (
    DIMENSIONS,
    EVERYWHERE,
    ActionPlace,
    Assignment,
    Narrowing,
    may,
    may_anywhere_in,
    narrowings_of,
)

DOCS = Path(__file__).parents[2] / "docs" / "access.md"
PUBLISH = Action.PRODUCTS_PUBLISH


def publisher(**where: set[str]) -> Assignment:
    narrowing = Narrowing(**{name: frozenset(codes) for name, codes in where.items()})
    return Assignment(role="publisher", actions=ROLES["publisher"].actions, where=narrowing)


def place(**touched: set[str]) -> ActionPlace:
    return ActionPlace(**{name: frozenset(codes) for name, codes in touched.items()})


def test_the_documentation_has_the_table_of_the_code() -> None:
    assert roles_table() in DOCS.read_text()
    assert {*MEANINGS} == {*Action}
    assert {*SCOPES} == {*Scope}


def test_a_role_that_is_not_narrowed_holds_everywhere() -> None:
    roles = [publisher()]
    assert may(roles, PUBLISH, EVERYWHERE)
    assert may(roles, PUBLISH, place(channels={"d2c"}))
    assert not may(roles, Action.RIGHTS_CHANGE, None)
    assert not may([], PUBLISH, None)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_role_that_is_narrowed_holds_there_alone(dimension: str) -> None:
    roles = [publisher(**{dimension: {"a", "b"}})]
    assert may(roles, PUBLISH, place(**{dimension: {"a"}}))
    assert may(roles, PUBLISH, place(**{dimension: {"a", "b"}}))
    assert not may(roles, PUBLISH, place(**{dimension: {"c"}}))
    assert not may(roles, PUBLISH, place(**{dimension: set[str]()}))  # nobody knows what it touches
    assert not may(roles, PUBLISH, EVERYWHERE)
    both = may(roles, PUBLISH, place(**{dimension: {"a", "c"}}))
    assert both == (dimension == "categories")  # a product is in several: one of them will do
    others = {name: {"a"} for name in DIMENSIONS if name != dimension}
    assert not may(roles, PUBLISH, place(**others))
    assert may(roles, PUBLISH, None)  # to be asked again, once it is known what is touched


def test_roles_add_up_and_are_never_cross_combined() -> None:
    roles = [
        publisher(channels={"d2c"}, families={"lamps"}),
        publisher(channels={"print"}, families={"chairs"}),
    ]
    assert may(roles, PUBLISH, place(channels={"d2c"}, families={"lamps"}))
    assert not may(roles, PUBLISH, place(channels={"d2c"}, families={"chairs"}))
    assert not may(roles, PUBLISH, place(channels={"d2c", "print"}, families={"lamps"}))


def test_nowhere_is_not_everywhere() -> None:
    roles = [publisher(channels=set())]
    assert not may(roles, PUBLISH, place(channels={"d2c"}))
    assert not may_anywhere_in(roles, PUBLISH, channels={"d2c"})


def test_what_is_not_known_yet_is_passed_over() -> None:
    roles = [publisher(channels={"d2c"}, families={"lamps"})]
    assert may_anywhere_in(roles, PUBLISH, channels={"d2c"})
    assert not may_anywhere_in(roles, PUBLISH, channels={"print"})


def test_every_dimension_of_a_narrowing_is_one_of_a_place() -> None:
    assert tuple(each.name for each in dataclasses.fields(ActionPlace)) == DIMENSIONS


def test_within_what_something_is_allowed_is_said_by_the_roles_that_fit() -> None:
    lamps, print_ = publisher(families={"lamps"}), publisher(channels={"print"})
    assert narrowings_of([lamps, print_], PUBLISH, channels={"d2c"}) == (lamps.where,)
    assert narrowings_of([lamps, print_], PUBLISH, channels={"print"}) is None
    assert narrowings_of([lamps], PUBLISH, families={"lamps"}) is None
    assert narrowings_of([lamps], PUBLISH, families=()) == ()
    assert narrowings_of([lamps], Action.RIGHTS_READ) == ()


@pytest.mark.parametrize("action", sorted(PLACELESS))
def test_what_lies_nowhere_is_allowed_wherever_the_role_is_had(action: Action) -> None:
    narrowed = Assignment(
        role="editor", actions=ROLES["editor"].actions, where=Narrowing(markets=frozenset({"CH"}))
    )
    assert may([narrowed], action, EVERYWHERE)
    assert not may([], action, EVERYWHERE)
