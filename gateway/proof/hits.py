"""Reads the access logs of caches: what they handed out without asking for it.

One JSON object a line, under our names or Cloudflare's, or the common log format that varnishncsa,
nginx and Apache write. The token in the URL says what was asked for;
its MAC is not checked again: what a cache hands out, a gateway has verified.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from catalog.delivery.tokens import TokenInvalidError, read_unverified
from catalog.delivery.urls import PathError, parse_path
from catalog.rights.territory import is_country
from gateway.proof.answers import ANYWHERE, Coverage, LoggedAnswer, Source, UnreadableLogError
from gateway.proof.delivery_log import DeliveryLogEntry, microseconds

#: Names of the four facts, by who writes them; the country may be missing.
_NAMES = {
    "time": ("time", "EdgeStartTimestamp"),
    "url": ("url", "ClientRequestURI"),
    "status": ("status", "EdgeResponseStatus"),
    "country": ("country", "ClientCountry"),
}
_COMMON = re.compile(
    r'\S+ \S+ \S+ \[(?P<time>[^]]+)\] "(?:[A-Z]+ (?P<url>\S+) [^"]*|-)" (?P<status>\d{3})\b'
)
_NANOSECONDS = 10**15  # whatever is larger counts them, as Cloudflare does by default


def read_hits(files: Sequence[Path], source: Source, coverage: Coverage) -> Iterator[LoggedAnswer]:
    """Read access logs; requests for anything but a rendition are passed over.

    Args:
        files: of caches of one kind.
        source: `edge` for those that ask a gateway, `cdn` for others.
        coverage: gets the logs of edges, and the lines that cannot be read.

    Raises:
        UnreadableLogError: a file cannot be read, or none of its lines.
    """
    for path in files:
        number, unreadable_before = 0, coverage.unreadable
        coverage.edge_logs += source == "edge"
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(lines, start=1):
                    hit = _hit(line, coverage)
                    if hit is not None:
                        at, entry = hit
                        yield LoggedAnswer(at, entry, source, f"{path.name}:{number}")
        except OSError as error:
            raise UnreadableLogError(f"{path}: {error.strerror}") from error
        if number and coverage.unreadable - unreadable_before == number:
            raise UnreadableLogError(
                f"{path} is no access log: each line has to be JSON with `time`, `url` and "
                "`status`, or in the common log format"
            )


def _hit(line: str, coverage: Coverage) -> tuple[datetime, DeliveryLogEntry] | None:
    try:
        facts = _facts(line)
        at, status = _instant(facts["time"]), int(facts["status"])
        url = urlsplit(str(facts["url"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        coverage.unreadable += 1
        return None
    try:
        path = parse_path("/" + "/".join(url.path.split("/")[-4:]))
        claims = read_unverified(parse_qs(url.query)["t"][0])
    except (PathError, TokenInvalidError, KeyError):
        return None  # not for a rendition, or refused for what it asked
    country = facts.get("country")
    known = country if isinstance(country, str) and is_country(country.upper()) else None
    return at, DeliveryLogEntry(
        at=microseconds(at),
        status=status,
        reason=None,
        asset=claims.asset,
        epoch=path.epoch,
        country=ANYWHERE if country is None else known and known.upper(),
        channel=claims.channel,
        usage=claims.usage,
        owner=claims.owner,
        audience=claims.audience,
        kid=claims.kid,
        not_before=int(claims.not_before.timestamp()),
        expires_at=int(claims.expires_at.timestamp()),
        how="direct",
    )


def _facts(line: str) -> Mapping[str, Any]:
    if line.startswith("{"):
        written: dict[str, Any] = orjson.loads(line)
        return {
            fact: written[name]
            for fact, names in _NAMES.items()
            for name in names
            if name in written
        }
    common = _COMMON.match(line)
    if common is None:
        raise ValueError("neither JSON nor the common log format")
    began = datetime.strptime(common["time"], "%d/%b/%Y:%H:%M:%S %z")
    return {**common.groupdict(), "time": began.timestamp()}


def _instant(value: object) -> datetime:
    """Read RFC 3339, or seconds or nanoseconds since 1970.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, int | float):
        seconds = value / 10**9 if value >= _NANOSECONDS else value
        return datetime.fromtimestamp(seconds, UTC)
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("an instant without its zone")
    return instant.astimezone(UTC)
