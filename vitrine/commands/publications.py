"""`vitrine publications`: whether frozen documents are as they were published."""

import sys

from catalog.db import open_pool
from catalog.publication.verifying import PublicationsVerdict, verify_publications
from vitrine.database import on_database
from vitrine.settings import Settings

_FAILED = 1
_MOST_TOLD = 20


def verify_documents() -> None:
    """Hold the document of every version against its checksum (RFC 8785, SHA-256).

    Exit status 1: some are not as they were published; the first are named.
    """

    async def verify(_: Settings, url: str) -> PublicationsVerdict:
        async with (
            open_pool(url, application="vitrine publications") as pool,
            pool.acquire() as conn,
        ):
            return await verify_publications(conn)

    verdict = on_database(verify)
    sys.stdout.write(f"{verdict.intact:,} documents are as they were published.\n")
    if verdict.older:
        sys.stdout.write(
            f"{verdict.older:,} are from before checksums over canonical JSON: "
            "nothing can be said of them.\n"
        )
    if verdict.damaged:
        sys.stdout.write(f"{len(verdict.damaged):,} are not:\n")
        for each in verdict.damaged[:_MOST_TOLD]:
            sys.stdout.write(f"  {each}\n")
        sys.exit(_FAILED)
