"""Which media type a client takes, by the headers that clients send by default."""

import pytest

from api.http.accept import GRAPHQL_JSON, JSON, accepted

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
APOLLO = "application/graphql-response+json,application/json;q=0.9"
APOLLO_3 = "application/json, application/graphql-response+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (URQL, GRAPHQL_JSON),
        (APOLLO, GRAPHQL_JSON),
        (APOLLO_3, GRAPHQL_JSON),
        ("application/json", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (None, JSON),
        ("", JSON),
        ("text/event-stream, */*;q=0.1", JSON),
        ("application/graphql-response+json;q=0.5, application/json", JSON),
        ("application/graphql-response+json;q=0, application/json;q=0.1", JSON),
        ("APPLICATION/GRAPHQL-RESPONSE+JSON; charset=utf-8", GRAPHQL_JSON),
        ('application/json; profile="a,text/html;b"', JSON),
        (BROWSER, JSON),
        ("image/png", JSON),
        ("application/json;q=x", JSON),
    ],
)
def test_json_is_answered_as_the_client_likes_it_best(accept: str | None, media_type: str) -> None:
    taken = accepted(accept)
    assert taken.media_type == media_type
    assert not taken.takes_only_events


@pytest.mark.parametrize(
    "accept",
    [
        "text/event-stream",
        "text/event-stream;q=0.1",
        "text/event-stream, application/json;q=0",
        "text/html, text/event-stream",
    ],
)
def test_a_stream_alone_is_taken_where_no_json_is(accept: str) -> None:
    assert accepted(accept).takes_only_events


@pytest.mark.parametrize(
    ("accept", "takes_events"),
    [(URQL, True), (APOLLO, False), ("*/*", False), ("text/event-stream;q=0, */*", False)],
)
def test_a_subscription_is_a_stream_where_events_are_named(
    accept: str, *, takes_events: bool
) -> None:
    assert accepted(accept).takes_events is takes_events


def test_browsers_that_open_the_address_want_a_page() -> None:
    assert accepted(BROWSER).takes_pages
    assert not accepted("*/*").takes_pages
