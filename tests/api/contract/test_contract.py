"""No client of a released schema is broken by the next, unless it was told before."""

import re
from pathlib import Path

import pytest

from api.contract.changes import SchemaChanges, changes_since
from api.contract.sdl import print_sdl
from tests.support.processes import ROOT
from tests.vitrine.test_cli import vitrine

RELEASED = ROOT / "schema.released.graphql"
DOCUMENTED = ROOT / "docs/schema-changes.md"

OLD = """
type Query {
  lamp(sku: ID, colour: String @deprecated(reason: "`shade`")): Lamp
  lamps(filter: Filter): [Lamp!]! @deprecated(reason: "`products`")
  node(id: ID!): Node
}
interface Node { id: ID! }
type Lamp implements Node { id: ID! name: String @deprecated(reason: "`title`") kind: Kind }
input Filter { kind: Kind size: ID @deprecated(reason: "`width`") }
enum Kind { DESK FLOOR OIL @deprecated(reason: "there are none") }
"""


def broken_by(*changes: tuple[str, str], older: str = OLD) -> SchemaChanges:
    newer = older
    for old, new in changes:
        assert old in newer
        newer = newer.replace(old, new)
    return changes_since(older, newer)


def test_what_breaks_clients_of_the_released_schema_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `(.+?)` \|", DOCUMENTED.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(changes_since(RELEASED.read_text(), print_sdl()).breaking)


def test_the_same_schema_has_no_changes() -> None:
    assert broken_by() == SchemaChanges(breaking=(), retired=(), dangerous=())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (', colour: String @deprecated(reason: "`shade`")', "", "Query.lamp"),
        (' name: String @deprecated(reason: "`title`")', "", "Lamp.name"),
        (' size: ID @deprecated(reason: "`width`")', "", "Filter.size"),
        (' OIL @deprecated(reason: "there are none")', "", "OIL"),
    ],
)
def test_what_was_deprecated_may_go_and_is_named(old: str, new: str, said: str) -> None:
    changes = broken_by((old, new))
    assert changes.breaking == ()
    (retired,) = changes.retired
    assert said in retired


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sku: ID, ", "", "sku"),
        (" kind: Kind }\ninput", " }\ninput", "Lamp.kind"),
        ("{ kind: Kind ", "{ ", "Filter.kind"),
        (" FLOOR", "", "FLOOR"),
        ("lamp(sku: ID,", "lamp(sku: ID!,", "sku"),
        (" name: String ", " name: Int ", "Lamp.name"),  # it is there still, and other than it was
        ("  node(id: ID!): Node\n", "", "Query.node"),
    ],
)
def test_what_was_promised_may_neither_go_nor_become_another(old: str, new: str, said: str) -> None:
    changes = broken_by((old, new))
    (breaking,) = changes.breaking
    assert said in breaking
    assert changes.retired == ()


@pytest.mark.parametrize(("deprecated", "breaking"), [(True, 0), (False, 2)])
def test_a_type_goes_with_the_deprecated_fields_that_alone_led_to_it(
    deprecated: bool,  # noqa: FBT001 - a row of the table above
    breaking: int,
) -> None:
    mark = ' @deprecated(reason: "`products`")' if deprecated else ""
    older = OLD.replace(' @deprecated(reason: "`products`")', mark)
    lamps = f"  lamps(filter: Filter): [Lamp!]!{mark}\n"
    filters = 'input Filter { kind: Kind size: ID @deprecated(reason: "`width`") }\n'
    changes = broken_by((lamps, ""), (filters, ""), older=older)
    assert (len(changes.breaking), len(changes.retired)) == (breaking, 2 - breaking)


def test_a_type_that_an_interface_leads_to_is_promised() -> None:
    older = (
        "type Query { node: Node } interface Node { id: ID } type Lamp implements Node { id: ID }"
    )
    newer = "type Query { node: Node } interface Node { id: ID }"
    assert any("Lamp" in each for each in changes_since(older, newer).breaking)


def test_a_new_value_of_an_enum_is_dangerous_and_breaks_nobody() -> None:
    changes = broken_by(("FLOOR", "FLOOR WALL"))
    assert changes.breaking == ()
    assert any("WALL" in each for each in changes.dangerous)


def test_the_command_fails_where_a_client_may(tmp_path: Path) -> None:
    older = tmp_path / "older.graphql"
    older.write_text(
        print_sdl().replace("type Channel {", 'type Channel {\n  """Gone."""\n  colour: String\n')
    )
    said = vitrine("schema", "--against", str(older))
    assert said.returncode == 1
    assert "Channel.colour was removed" in said.stderr
    assert said.stderr.endswith("(SCHEMA_BREAKS)\n")

    older.write_text(
        older.read_text().replace("colour: String", 'colour: String @deprecated(reason: "Paint.")')
    )
    said = vitrine("schema", "--against", str(older), "--check")
    assert said.returncode == 0, said.stderr
    assert "retired: " in said.stdout
    assert "Channel.colour" in said.stdout


@pytest.mark.parametrize("content", ["type Query {", "not { a schema }", None])
def test_what_is_no_schema_is_refused_in_a_line(tmp_path: Path, content: str | None) -> None:
    older = tmp_path / "older.graphql"
    if content is not None:
        older.write_text(content)
    said = vitrine("schema", "--against", str(older))
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert str(older) in said.stderr
