"""Which master key seals: the one that is stated, so that no process seals what another lacks."""

from catalog.db import Connection
from catalog.events import shared_setting_store as store
from catalog.sealing import MasterKey, MasterKeyMissingError, MasterKeys


async def sealing_key(conn: Connection, keys: MasterKeys) -> MasterKey:
    """Return the master key to seal with; until the transaction ends, no rotation states another.

    Args:
        conn: in a transaction.
        keys: of this process; before any is stated, the newest seals.

    Raises:
        MasterKeyMissingError: the key that is stated is not among them.
    """
    stated = await store.hold_master_key(conn)
    if stated is None:
        return keys.newest
    found = keys.find(stated)
    if found is None:
        raise MasterKeyMissingError("nothing can be sealed here", stated, keys)
    return found
