"""Grants and restrictions as rows of a form, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.datastructures import ImmutableMultiDict

from console.pages.media.rights import Term

#: Rows of a form, the empty one at its end included; what has more is changed by an import.
MOST_ROWS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRow:
    """A row of the form: one grant, or one restriction.

    Attributes:
        include, exclude: codes with spaces between them.
        valid_from, valid_until: as `datetime-local` writes them, in UTC; empty: now, or never.
        from_stored, until_stored: as the graph wrote them: what was not touched stays exact.
        licence: of a grant.
        note: of a restriction.
        is_dropped: it shall end.
    """

    include: str = ""
    exclude: str = ""
    channels: tuple[str, ...] = ("*",)
    usages: tuple[str, ...] = ("*",)
    valid_from: str = ""
    valid_until: str = ""
    from_stored: str = ""
    until_stored: str = ""
    licence: str = ""
    note: str = ""
    is_dropped: bool = False

    @property
    def is_stated(self) -> bool:
        """Return whether it shall hold."""
        return bool(self.include.strip()) and not self.is_dropped


def row_of(term: Term) -> TermRow:
    """Return the row of a term as the graph answers it."""
    begins, ends = term["validFrom"], term["validUntil"]
    return TermRow(
        include=" ".join(term["territory"]["include"]),
        exclude=" ".join(term["territory"]["exclude"]),
        channels=tuple(term["channels"]),
        usages=tuple(term["usages"]),
        valid_from=_shown(begins),
        valid_until=_shown(ends),
        from_stored=begins,
        until_stored=ends or "",
        licence=term.get("licence") or "",
        note=term.get("note") or "",
    )


def rows_of(form: ImmutableMultiDict[str, str]) -> list[TermRow]:
    """Return the rows of a form that was sent; those that are empty are none."""
    rows = [_row(form, place) for place in range(MOST_ROWS) if f"include_{place}" in form]
    return [each for each in rows if each.include.strip() or each.is_dropped]


def _row(form: ImmutableMultiDict[str, str], place: int) -> TermRow:
    def one(name: str) -> str:
        return form.get(f"{name}_{place}", "")

    return TermRow(
        include=one("include"),
        exclude=one("exclude"),
        channels=tuple(form.getlist(f"channels_{place}")),
        usages=tuple(form.getlist(f"usages_{place}")),
        valid_from=one("from"),
        valid_until=one("until"),
        from_stored=one("from_stored"),
        until_stored=one("until_stored"),
        licence=one("licence"),
        note=one("note"),
        is_dropped=bool(one("drop")),
    )


def stated(
    rows: Iterable[TermRow], now: datetime, *, is_grants: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the terms that rows state, as the graph takes them, and the fields that are wrong."""
    terms: list[dict[str, Any]] = []
    wrong: list[str] = []
    for place, row in enumerate(each for each in rows if each.is_stated):
        begins, ends = (
            _instant(row.valid_from, row.from_stored),
            _instant(row.valid_until, row.until_stored),
        )
        wrong += [
            f"{name} {place + 1}" for name, at in (("from", begins), ("until", ends)) if at == ""
        ]
        own = {"licence": row.licence or None} if is_grants else {"note": row.note or None}
        terms.append({
            "territory": {"include": _codes(row.include), "exclude": _codes(row.exclude)},
            "channels": _all_or(row.channels),
            "usages": _all_or(row.usages),
            "validFrom": begins or now.isoformat(),
            "validUntil": ends,
            **own,
        })
    return terms, wrong


def differences(
    before: Sequence[Term], wanted: Sequence[Mapping[str, Any]]
) -> tuple[list[Term], list[Mapping[str, Any]]]:
    """Return which terms end, and which are new."""
    kept = [_key(each) for each in wanted]
    known = [_key(each) for each in before]
    return (
        [each for each in before if _key(each) not in kept],
        [each for each in wanted if _key(each) not in known],
    )


def _key(term: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        *(tuple(term["territory"][name]) for name in ("include", "exclude")),
        *(tuple(term[name]) for name in ("channels", "usages")),
        *(term[name] for name in ("validFrom", "validUntil")),
        *(term.get(name) for name in ("licence", "note")),
    )


def _codes(text: str) -> list[str]:
    return [each.upper() if len(each) == 2 else each for each in text.replace(",", " ").split()]  # noqa: PLR2004 - of ISO 3166-1


def _all_or(codes: Sequence[str]) -> list[str]:
    return ["*"] if "*" in codes else list(codes)


def _shown(instant: str | None) -> str:
    return "" if instant is None else _utc(instant).strftime("%Y-%m-%dT%H:%M")


def _instant(typed: str, stored: str) -> str | None:
    """Return what was typed as the graph takes it; None: nothing was; "": it is no instant."""
    if not typed.strip():
        return None
    try:
        if stored and typed == _shown(stored):
            return stored
        return datetime.fromisoformat(typed).replace(tzinfo=UTC).isoformat()
    except (ValueError, OverflowError):  # of a year before the first
        return ""


def _utc(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(UTC)
