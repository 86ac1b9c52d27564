"""What must be the same on every process of a database: stated there, and compared at start.

A process with other purge drivers would leave copies lit, one with another store would look for
masters where there are none, one with another master key would sign what nobody verifies. The
first process states what it has. A difference is refused, until an operator states the new settings
(`vitrine settings --state`); the processes that still have the former ones are let in for an hour,
which is time to restart them one by one.
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import structlog
from pydantic import BaseModel, SecretStr

from catalog.audit.model import OWN_HOST
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import SettingsError
from catalog.events import shared_setting_store as store
from catalog.events.model import Event
from catalog.events.shared_setting_store import MASTER_KEY, SharedSetting, StatedSetting
from catalog.principal import OWN_SERVICES, Principal
from catalog.purges.driver_store import give_up_queues, use_drivers
from catalog.purges.model import PurgeTimes
from catalog.resealing.store import count_sealed
from catalog.sealing import MasterKey, MasterKeyMissingError, name_of
from catalog.settings import PREFIX
from edge.lifetimes import PLAIN_HOP_MAX_S
from vitrine.settings import Settings

log = structlog.get_logger(__name__)

_ON_THE_KEY = (
    "set the key that is stated, as VITRINE_MASTER_KEY or beside a newer one in "
    "VITRINE_FORMER_MASTER_KEYS. `vitrine key master rotate` is how another one comes to seal; "
    "should that one be lost, there is `vitrine key master give-up`"
)
#: Up to the last `@`: a password may hold `/` and `@` where nobody encoded them.
_CREDENTIALS = re.compile(r"(?<=://)\S*(?=@)")


class SettingDifference(NamedTuple):
    """A setting that is not as it was stated.

    Attributes:
        here: what people may see of it, in this process.
        is_former: whether it is what held before, and an operator has stated another since.
    """

    name: str
    here: str
    stated: StatedSetting
    is_former: bool

    def __str__(self) -> str:
        """Say what differs, without secrets."""
        variable = f"{PREFIX}{self.name.upper()}"
        by = OWN_SERVICES[self.stated.stated_by].name
        there = f"{by} stated at {self.stated.stated_at:%Y-%m-%d %H:%M} UTC"
        if self.name == MASTER_KEY and self.stated.fingerprint is not None:
            stated = name_of(self.stated.fingerprint)
            return f"{variable} is not the one that {there}, {stated}, nor is a former one here"
        if self.here == self.stated.shown:
            return f"{variable} is not the one that {there}"
        return f"{variable} is {self.here} here, and {self.stated.shown} as {there}"


class StatementResult(NamedTuple):
    """What a statement changed.

    Attributes:
        names: of the settings that are stated now and were not before.
        given_up: the drivers that are stated no more, and how many purges were withdrawn of each.
    """

    names: list[str]
    given_up: dict[str, int]

    @property
    def loss(self) -> str | None:
        """Return which purges were given up and what that means; None: none were."""
        if not self.given_up:
            return None
        lost = ", ".join(f"{purges:,} of {driver}" for driver, purges in self.given_up.items())
        return (
            f"Purges given up, since their driver is stated no more: {lost}. Pictures that such a "
            f"CDN still holds are dark when their lifetime ends, at most {PLAIN_HOP_MAX_S} s after "
            "the last process is restarted (answers of the graph: VITRINE_ANSWERS_CDN_MAX_AGE_S)"
        )


def shared_settings(settings: Settings, key: MasterKey | None) -> list[SharedSetting]:
    """Return what must be the same everywhere, as this process has it.

    Args:
        settings: of this process.
        key: that the fingerprints are keyed by; None: there are none.
    """
    drivers = sorted(settings.purge_drivers, key=lambda each: each.name)
    hops = settings.trusted_hops
    store_parts = settings.store_url, settings.s3_endpoint_url
    # unset, it names a port of this machine, and each gateway here has its own
    is_set = settings.media_base != f"http://127.0.0.1:{settings.gateway_port}"
    media_base = settings.media_base if is_set else "the gateway itself"
    found: Sequence[tuple[str, str, object]] = (
        ("purge_drivers", _list(f"{each.name} ({each.kind})" for each in drivers), drivers),
        (
            "trusted_hops",
            _list(f"{each.name} ({each.kind})" for each in hops),
            [*hops, settings.answer_drivers],
        ),
        ("store_url", " at ".join(filter(None, store_parts)), store_parts),
        ("media_base", media_base, media_base),
        # the api says when all gateways are dark by its own lease, and times the purges by both
        ("lease_s", f"{settings.lease_s:g}", settings.lease_s),
        ("send_timeout_s", f"{settings.send_timeout_s:g}", settings.send_timeout_s),
        (MASTER_KEY, "another", None),
    )
    return [
        SharedSetting(
            name=name,
            shown=_CREDENTIALS.sub("…", shown),
            fingerprint=None if key is None else _fingerprint(key, name, value),
        )
        for name, shown, value in found
    ]


async def compare_settings(conn: Connection, settings: Settings, *names: str) -> bool:
    """Hold settings against what was stated; with names, those alone.

    Returns:
        Whether anything was stated.

    Raises:
        SettingsError: one differs; the message says how, and what to do.
    """
    stated = await store.read_shared(conn)
    own = [
        each
        for each in shared_settings(settings, key_in_common(settings, stated))
        if not names or each.name in names
    ]
    differences = differences_of(own, stated)
    refused = [each for each in differences if not (each.is_former and each.stated.is_recent)]
    for each in differences:
        if each not in refused:
            log.warning("setting_is_former", setting=each.name, advice=f"{each}: restart with it")
    if refused:
        advice = (
            _ON_THE_KEY
            if any(each.name == MASTER_KEY for each in refused)
            else "every process needs the same. Correct it here, or, if all shall have this, run "
            "`vitrine settings --state` with it and restart them"
        )
        raise SettingsError(f"{'; '.join(map(str, refused))}: {advice}")
    return bool(stated)


async def state_settings(
    conn: Connection, settings: Settings, *, by: Principal, anew: bool
) -> StatementResult:
    """State what must be the same everywhere, and for which drivers purges are queued.

    Args:
        conn: of the owner.
        settings: of this process.
        by: who states them.
        anew: whether what was stated before gives way, and with a driver its queue; else only what
            nobody has stated is.

    Raises:
        SettingsError: anew, and without the master key: nobody could be held to what it seals; or
            with one that opens nothing of what is sealed.
    """
    if anew:
        settings.master_keys()
    async with conn.transaction():
        former = await store.read_shared(conn)
        key = key_in_common(settings, former)
        if anew:
            await _check_opens(conn, settings, former.get(MASTER_KEY))
        own = shared_settings(settings, key)
        names = await store.state_shared(conn, own, by=by.id, anew=anew)
        if {"purge_drivers", "trusted_hops"} & {*names}:
            await use_drivers(conn, settings.drivers, answer_drivers=settings.answer_drivers)
        given_up = await give_up_queues(conn) if anew else {}
        if names or given_up:
            change = Change(
                conn=conn, actor=by, origin=OWN_HOST, reactions=(), purge_times=PurgeTimes()
            )
            event = Event(
                type="settings.stated",
                subject="settings",
                version=1,
                data={"names": sorted(names), "purges_given_up": given_up},
                before={name: each.shown for name, each in former.items() if name in names},
                after={each.name: each.shown for each in own if each.name in names},
            )
            await change.record(event)
    return StatementResult(names, given_up)


def differences_of(
    own: Sequence[SharedSetting], stated: Mapping[str, StatedSetting]
) -> list[SettingDifference]:
    """Compare by fingerprints, where both have one under the same master key, else by the words."""
    known = stated.get(MASTER_KEY)
    master = next((each.fingerprint for each in own if each.name == MASTER_KEY), None)
    same_key = known is None or master is None or known.fingerprint in (None, master)
    found: list[SettingDifference] = []
    for each in own:
        there = stated.get(each.name)
        if there is None or (each.name == MASTER_KEY and same_key):
            continue
        own_fingerprint = each.fingerprint if same_key or each.name == MASTER_KEY else None
        if not _agree(each.shown, own_fingerprint, there.shown, there.fingerprint):
            is_former = (
                each.name != MASTER_KEY  # with the former one alone nothing new opens
                and there.former_shown is not None
                and _agree(
                    each.shown, own_fingerprint, there.former_shown, there.former_fingerprint
                )
            )
            found.append(SettingDifference(each.name, each.shown, there, is_former))
    return found


def _agree(shown: str, fingerprint: bytes | None, other: str, others: bytes | None) -> bool:
    if fingerprint is None or others is None:
        return shown == other
    return hmac.compare_digest(fingerprint, others)


def key_in_common(settings: Settings, stated: Mapping[str, StatedSetting]) -> MasterKey | None:
    """Return the master key that settings are compared by: the stated one, if it is here.

    Else the newest here, which differs from it; None: there is none.
    """
    try:
        keys = settings.master_keys()
    except SettingsError:  # whoever needs it says so
        return None
    known = stated.get(MASTER_KEY)
    found = None if known is None or known.fingerprint is None else keys.find(known.fingerprint)
    return found or keys.newest


async def _check_opens(conn: Connection, settings: Settings, known: StatedSetting | None) -> None:
    """See that the stated master key is here, unless nothing that is needed is sealed.

    Raises:
        MasterKeyMissingError: it is not.
    """
    keys = settings.master_keys()
    if known is None or known.fingerprint is None or keys.find(known.fingerprint) is not None:
        return
    if any(each.needed for each in await count_sealed(conn)):
        raise MasterKeyMissingError("nothing of what is sealed opens", known.fingerprint, keys)


def _fingerprint(key: MasterKey, name: str, value: object) -> bytes:
    return key.digest(orjson.dumps([name, value], default=_plain, option=orjson.OPT_SORT_KEYS))


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return what a value is made of, secrets revealed: it is hashed and never shown."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
