"""What pages ask for fits the schema, and its types are those that were written."""

from graphql import build_schema

from console.typed_documents import SCHEMA, written_modules


def test_the_types_of_all_documents_are_up_to_date() -> None:
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    stale = [
        path.name
        for path, text in written_modules(schema)
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make schema`"
