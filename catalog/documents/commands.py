"""Registering documents as trusted, and removing them."""

from collections.abc import Sequence

from catalog.changes import Change
from catalog.db import Connection
from catalog.documents import store
from catalog.documents.model import Document, RegisteredDocument, document_subject, parse_hash
from catalog.errors import NotFoundError
from catalog.events.model import Event


async def register(change: Change, documents: Sequence[Document]) -> frozenset[str]:
    """Trust documents from now on, and return the hashes of those that are new.

    What is registered already stays as it is. No cache holds that a document is unknown, so the
    events name nothing that would have to be dropped.

    Args:
        change: the transaction of all of them.
        documents: valid ones; whoever calls has checked them against the schema.
    """
    by_hash = {each.hash: each for each in documents}
    new = await store.insert(change.conn, [*by_hash.values()])
    await change.record(
        *(
            Event(
                type="document.registered",
                subject=f"document/{digest}",
                version=1,
                data={"name": document.name},
            )
            for digest, document in by_hash.items()
            if digest in new
        )
    )
    return new


async def remove(change: Change, hashes: Sequence[str]) -> None:
    """Trust documents no longer; every process obeys as soon as it reads the event.

    Raises:
        InvalidInputError: one of the hashes is none.
        NotFoundError: one of them names no registered document; none is removed.
    """
    digests = [*dict.fromkeys(parse_hash(each) for each in hashes)]
    removed = await store.delete(change.conn, digests)
    if missing := [each for each in digests if each not in removed]:
        raise NotFoundError(f"no document is registered as sha256:{missing[0]}", field="hash")
    await change.record(
        *(
            Event(
                type="document.removed",
                subject=f"document/{digest}",
                version=2,
                subjects=(document_subject(digest),),
            )
            for digest in digests
        )
    )


async def list_documents(conn: Connection) -> list[RegisteredDocument]:
    """Return every registered document, by name."""
    return await store.list_all(conn)
