"""Every kind of change that the machine draws."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import strategies as st

from catalog.rights.model import NEVER, Window
from tests.gateway.machine import shop

#: From the change on, in seconds; negative is the past.
_STARTS = st.sampled_from((-60.0, 0.0, 0.4, 2.0))
_LASTS = st.sampled_from((None, 0.5, 1.5, 3.0, 40.0))


def _windows(
    of: Callable[[datetime, datetime], object],
) -> st.SearchStrategy[Callable[[datetime], object]]:
    def make(start_s: float, lasts_s: float | None) -> Callable[[datetime], object]:
        def at(now: datetime) -> object:
            start = now + timedelta(seconds=start_s)
            return of(
                start, NEVER if lasts_s is None else max(start, now) + timedelta(seconds=lasts_s)
            )

        return at

    return st.builds(make, _STARTS, _LASTS)


_assets = st.sampled_from(shop.ASSETS)
_grants = st.lists(st.one_of(_windows(shop.worldwide), _windows(shop.in_germany)), max_size=2)
_restrictions = st.lists(_windows(shop.not_in_germany), max_size=1)
_publications = st.lists(_windows(lambda start, end: Window(start=start, end=end)), max_size=2)

ANY: st.SearchStrategy[shop.Change] = st.one_of(
    st.builds(shop.withdrawn, _assets),
    st.builds(shop.held, _assets),
    st.builds(shop.reinstated, _assets),
    st.builds(shop.granted, _assets, _grants),
    st.builds(shop.restricted, _assets, _restrictions),
    st.builds(shop.published, st.sampled_from(shop.OWNERS), _publications),
    st.builds(shop.key_created),
    st.builds(shop.active_key_revoked),
)
