"""`vitrine documents`: GraphQL documents that are trusted."""

import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
from rich.console import Console

from catalog.documents import commands
from catalog.documents.model import Document
from catalog.errors import InvalidInputError
from vitrine.database import in_change
from vitrine.document_files import FoundDocument, read_documents

_out = Console(soft_wrap=True, highlight=False)


def register_documents(*paths: Path, check: bool = False, json: bool = False) -> None:
    """Hold documents against the schema and the limits, and trust them: all, or none of them.

    Args:
        paths: `.graphql` files, folders of them, graphql-codegen's `persisted-documents.json`,
            Apollo's persisted query manifest.
        check: only hold them against the schema; needs no database.
        json: print a JSON object in place of lines for people.

    Raises:
        InvalidInputError: no path is named, or a document cannot be registered.
    """
    if not paths:
        raise InvalidInputError("name .graphql files, folders of them, or a manifest")
    found = read_documents(paths)
    documents = [each.as_document() for each in found]
    new = frozenset[str]()
    if not check:
        new = in_change(lambda change, _: commands.register(change, documents))
    if json:
        _write({
            "documents": [
                {
                    "hash": document.hash,
                    "name": document.name,
                    "file": str(each.file),
                    **({} if check else {"isNew": document.hash in new}),
                }
                for each, document in zip(found, documents, strict=True)
            ],
            "registered": len(new),
        })
        return
    _print_registered(found, documents, new, is_check=check)


def list_documents(*, json: bool = False) -> None:
    """List all trusted documents, by name.

    Args:
        json: print a JSON list in place of the table.
    """
    found = in_change(lambda change, _: commands.list_documents(change.conn))
    if json:
        _write([
            {"hash": each.hash, "name": each.name, "registeredAt": each.registered_at}
            for each in found
        ])
        return
    for each in found:
        _out.print(f"sha256:{each.hash}  {each.registered_at:%Y-%m-%d %H:%M}  {each.name}")


def remove_documents(*hashes: str) -> None:
    """Trust documents no longer; every api obeys within a second.

    Args:
        hashes: `sha256:…`, or the digits alone.

    Raises:
        InvalidInputError: no hash is named, or one is none.
    """
    if not hashes:
        raise InvalidInputError("name documents by their hashes; `vitrine documents list` has them")
    in_change(lambda change, _: commands.remove(change, hashes))
    _out.print(f"{len(hashes):,} no longer trusted.")


def _print_registered(
    found: Sequence[FoundDocument],
    documents: Sequence[Document],
    new: frozenset[str],
    *,
    is_check: bool,
) -> None:
    for each, document in zip(found, documents, strict=True):
        _out.print(f"sha256:{document.hash}  {document.name or each.file}", markup=False)
    told = "valid; nothing was registered" if is_check else f"trusted, {len(new):,} of them new"
    _out.print(f"{len(documents):,} {told}.")


def _write(value: object) -> None:
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
