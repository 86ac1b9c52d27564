"""Reads `Accept`: which of the media types that answers have a client takes (RFC 9110, 12.5.1)."""

import re
from dataclasses import dataclass
from typing import Final

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"
#: A media range and its parameters, of which texts in quotes may hold commas.
_RANGE = re.compile(r'\s*([^\s;,]+)((?:\s*;\s*[^\s=;,"]+(?:=(?:"(?:[^"\\]|\\.)*"|[^;,"]*))?)*)')
_QUALITY = re.compile(r";\s*q=([0-9.]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AcceptedTypes:
    """Which media types a client takes.

    Attributes:
        media_type: of a JSON answer. GraphQL's own, where it is named and not less welcome than
            plain JSON; plain JSON where neither is, as GraphQL over HTTP has it for old clients.
        names_json: whether plain JSON is named as such.
        takes_events: whether it takes a stream of events.
        takes_only_events: whether it takes nothing else that answers may be.
        takes_pages: whether it names pages, as browsers do that open a link.
    """

    media_type: str
    names_json: bool
    takes_events: bool
    takes_only_events: bool
    takes_pages: bool


def accepted(accept: str | None) -> AcceptedTypes:
    """Read the header; None: it was not sent, so that anything is taken."""
    named = _qualities("*/*" if accept is None else accept)
    of_others = named.get("application/*", named.get("*/*", 0.0))
    json, graphql_json = named.get(JSON, of_others), named.get(GRAPHQL_JSON, of_others)
    is_graphql = graphql_json > 0 and graphql_json >= json and (GRAPHQL_JSON in named or json == 0)
    takes_events = named.get(EVENT_STREAM, 0.0) > 0
    return AcceptedTypes(
        media_type=GRAPHQL_JSON if is_graphql else JSON,
        names_json=named.get(JSON, 0.0) > 0,
        takes_events=takes_events,
        takes_only_events=takes_events and json <= 0 and graphql_json <= 0,
        takes_pages=named.get("text/html", 0.0) > 0,
    )


def _qualities(accept: str) -> dict[str, float]:
    """Return how welcome each media range is, from 0 (not at all) to 1."""
    found: dict[str, float] = {}
    for media_range, parameters in _RANGE.findall(accept):
        given = _QUALITY.search(parameters)
        found[media_range.lower()] = _number(given[1]) if given else 1.0
    return found


def _number(text: str) -> float:
    try:
        return min(1.0, float(text))
    except ValueError:
        return 1.0
