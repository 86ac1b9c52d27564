"""Changes of locales, markets and channels, each batch with its events."""

from collections.abc import Sequence
from itertools import chain

from catalog.batches import BatchChanges, BatchResult, judge
from catalog.changes import Change
from catalog.channels import rules, store
from catalog.channels.model import (
    ChannelRecord,
    Locale,
    LocaleRecord,
    Market,
    MarketRecord,
)
from catalog.events.model import Event
from catalog.rights.store import raise_epochs
from catalog.subjects import asset_subject, channel_subject, reference_subject

#: Of aggregates that have no revision.
UNVERSIONED = 0


async def put_locales(change: Change, records: Sequence[LocaleRecord]) -> BatchResult:
    """Add or change locales."""
    await store.lock(change.conn)
    known = await store.find_locales(change.conn)
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, stored: rules.merge_locale(record, stored, known),
    )
    if judged.changed:
        await store.put_locales(change.conn, judged.changed)
        await change.record(*_changed_events("locale", judged))
    return judged.applied


async def put_markets(change: Change, records: Sequence[MarketRecord]) -> BatchResult:
    """Add or change markets."""
    await store.lock(change.conn)
    locales = await store.find_locales(change.conn)
    known = await store.find_markets(change.conn)
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, stored: rules.merge_market(record, stored, known, locales),
    )
    if judged.changed:
        await store.put_markets(change.conn, judged.changed)
        await change.record(*_changed_events("market", judged))
    return judged.applied


async def put_channels(change: Change, records: Sequence[ChannelRecord]) -> BatchResult:
    """Add or change channels.

    Where the country rule or the territory of one changes, so does what may be delivered: the
    epochs of all assets whose rights speak of the channel rise in the same transaction. Every
    change names the channel to the gateways, which then drop what they hold for it.
    """
    await store.lock(change.conn)
    locales = await store.find_locales(change.conn)
    known = await store.find_channels(change.conn)
    before = dict(known)
    judged = judge(
        records,
        known,
        key=lambda record: record.code,
        merge=lambda record, stored: rules.merge_channel(record, stored, locales),
    )
    if not judged.changed:
        return judged.applied
    turned = [
        each.code for each in judged.changed if rules.darkens_or_lights(before.get(each.code), each)
    ]
    assets = {code: await store.find_assets_on(change.conn, [code]) for code in turned}
    raised = await raise_epochs(change.conn, list({*chain.from_iterable(assets.values())}))
    public_ids = {each.asset: each.public_id for each in raised}
    await store.put_channels(change.conn, judged.changed)
    await change.record(
        *(
            Event(
                type="channel.changed",
                subject=f"channel/{each.code}",
                version=UNVERSIONED,
                # no picture is tagged with a channel: its assets are what edges can find
                subjects=(
                    channel_subject(each.code),
                    *(asset_subject(public_ids[asset]) for asset in assets.get(each.code, ())),
                ),
                data={"code": each.code, "epochs_raised": each.code in assets},
                before=judged.before.get(each.code),
                after=each,
            )
            for each in judged.changed
        )
    )
    return judged.applied


def _changed_events(
    noun: str, judged: BatchChanges[str, Locale] | BatchChanges[str, Market]
) -> list[Event]:
    """Return one event `{noun}.changed` for each; only answers of the graph rest on it."""
    return [
        Event(
            type=f"{noun}.changed",
            subject=f"{noun}/{each.code}",
            version=UNVERSIONED,
            subjects=(reference_subject(noun, each.code),),
            data={"code": each.code},
            before=judged.before.get(each.code),
            after=each,
        )
        for each in judged.changed
    ]
