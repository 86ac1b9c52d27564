"""What a change of a family would do, found out without making it."""

from collections.abc import Mapping
from itertools import chain

from catalog.channels.rules import fallback_chain
from catalog.channels.store import find_channels, find_locales
from catalog.completeness import family_store as store
from catalog.completeness.family_changes import (
    FamilyConsequences,
    NewlyIncomplete,
    changed_variant,
    changed_variants,
    newly_incomplete,
    newly_required,
)
from catalog.db import Connection
from catalog.products.model import Family, FamilyRecord
from catalog.products.structure import wanted_family
from catalog.products.structure_store import find_attributes, find_families


async def rehearse_family(conn: Connection, record: FamilyRecord) -> FamilyConsequences:
    """Return what the products of a family would lose, lack or clash by; nothing is changed.

    Whether the change would be refused is not asked: `put_families` says that.

    Args:
        conn: to the primary.
        record: as it would be put; what it leaves out stays.
    """
    before = (await find_families(conn, [record.code])).get(record.code)
    if before is None:
        return FamilyConsequences()
    after = wanted_family(record, before)
    removed = [code for code in before.attributes if code not in after.attributes]
    return FamilyConsequences(
        products=await store.count_products(conn, before.code),
        lost=tuple(await store.find_lost(conn, before.code, removed)) if removed else (),
        incomplete=tuple(await _incomplete(conn, before, after)),
        variants=tuple([
            changed_variant(code, axes, await store.find_members(conn, code, [*chain(*axes)]))
            for code, axes in changed_variants(before, after).items()
        ]),
    )


async def _incomplete(conn: Connection, before: Family, after: Family) -> list[NewlyIncomplete]:
    if not newly_required(before, after):
        return []
    required = {
        code for family in (before, after) for codes in family.required.values() for code in codes
    }
    return newly_incomplete(
        before,
        after,
        await find_attributes(conn, [*required]),
        await _locales_by_channel(conn),
        await store.find_patterns(conn, before.code, required),
    )


async def _locales_by_channel(conn: Connection) -> dict[str, Mapping[str, tuple[str, ...]]]:
    locales = await find_locales(conn)
    fallbacks = {each.code: each.fallback for each in locales.values()}
    return {
        code: {locale: fallback_chain(locale, fallbacks) for locale in channel.locales}
        for code, channel in (await find_channels(conn)).items()
    }
