"""The SQL of the audit's rows."""

import uuid
from collections.abc import Sequence

from catalog.audit.differences import difference
from catalog.audit.model import Origin
from catalog.db import Connection
from catalog.events.model import RecordedEvent

WRITE_SQL = """
INSERT INTO audit (event, type, subject, data, before, after, actor, address, api_key, session)
SELECT event, type, subject, data, before, after, $7, $8, $9, $10
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
    WITH ORDINALITY AS given(event, type, subject, data, before, after, place)
ORDER BY place
"""


async def write(
    conn: Connection, recorded: Sequence[RecordedEvent], *, actor: uuid.UUID, origin: Origin
) -> None:
    """Write one row for each event that was recorded.

    Args:
        conn: in the transaction of the events, which has its number by them: whoever seals relies
            on rows that no transaction writes before it has one.
        recorded: in their order.
        actor: who did it.
        origin: from where.
    """
    differences = [difference(each.event.before, each.event.after) for each in recorded]
    await conn.execute(
        WRITE_SQL,
        [each.id for each in recorded],
        [each.event.type for each in recorded],
        [each.event.subject for each in recorded],
        [dict(each.event.data) for each in recorded],
        [before for before, _ in differences],
        [after for _, after in differences],
        actor,
        origin.address,
        origin.api_key,
        origin.session,
    )
