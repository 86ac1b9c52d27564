"""Whatever drops an answer here clears it at a CDN: subjects and tags are of one kind."""

import re

import pytest

from api.answers.answer_memory import Answer, Answers
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import Event
from catalog.memory.lease import Lease
from catalog.purges.rules import answer_tags_of, tags_of, tags_of_answer
from catalog.rights.model import NEVER
from catalog.subjects import (
    Subject,
    asset_subject,
    asset_texts_subject,
    channel_subject,
    collection_subject,
    licence_subject,
    list_subject,
    preset_subject,
    product_subject,
    publication_subject,
    reference_subject,
    signing_key_subject,
    territory_set_subject,
)
from tests.api.purges import each_of, purges
from tests.support.people import TEST
from tests.support.purging import purging


async def test_several_publications_are_one_change_of_the_lists(pool: Pool) -> None:
    changes = await purging(pool, ["cache"], answer_drivers=["cache"])
    events = [
        Event(
            type="publication.published",
            subject=f"product/{each}",
            version=1,
            subjects=(publication_subject(f"product{each}", "d2c"),),
        )
        for each in range(3)
    ]
    async with changes.begin(TEST) as change:
        await change.record(*events)
    rows = await pool.fetch("SELECT tag, pass FROM purge ORDER BY pass")
    tags = ("c-d2c", *(f"n-product{each}" for each in range(3)))
    assert sorted((row["pass"], row["tag"]) for row in rows) == [
        *((1, tag) for tag in tags),
        *((2, tag) for tag in tags),
        *((3, tag) for tag in tags),
    ]


async def test_an_import_clears_all_answers_rather_than_each(pool: Pool) -> None:
    changes = await purging(pool, ["images", "cache"], answer_drivers=["cache"])

    def bound(number: int) -> Event:
        subjects = (product_subject(f"product{number}"),)
        return Event(
            type="association.approved",
            subject=f"association/{number}",
            version=1,
            subjects=subjects,
        )

    async with changes.begin(TEST) as change:
        await change.record(*map(bound, range(64)))
    assert await purges(pool) == each_of(["cache"], *(f"m-product{each}" for each in range(64)))
    async with changes.begin(TEST) as change:
        await change.record(*map(bound, range(65)))
    assert await purges(pool) == {("g-all", "cache")}


RESTED_ON = (
    asset_subject("7f3k2cq9"),
    asset_texts_subject("7f3k2cq9"),
    product_subject("9xk2"),
    publication_subject("9xk2", "d2c"),
    list_subject("d2c"),
    licence_subject("ab12"),
    collection_subject("Été 2026, for “us”"),
    territory_set_subject("EU"),
)
NAMED = (
    *RESTED_ON,
    publication_subject("another", "d2c"),
    channel_subject("d2c"),
    preset_subject("card"),
    signing_key_subject("k1"),
    *(reference_subject(noun, "X") for noun in ("market", "locale", "category")),
)


@pytest.mark.parametrize("shows_a_list", [True, False])
@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("rests_on", RESTED_ON)
async def test_what_drops_an_answer_here_clears_it_at_a_cdn(
    rests_on: Subject, named: Subject, *, shows_a_list: bool
) -> None:
    answers = Answers(now=utc_now, lease=Lease(left_s=lambda: 1.0), max_bytes=100_000)
    key = ("{ a }", None, b"{}", b"")
    subjects = frozenset([rests_on, list_subject("d2c")] if shows_a_list else [rests_on])

    async def make() -> Answer:
        return Answer(body=b"{}", is_refused=False, rests_on=subjects, good_until=NEVER)

    await answers.made(key, make)
    answers.drop([named])
    event = Event(type="it.changed", subject="it", version=1, subjects=(named,))
    is_cleared = not set(answer_tags_of(event)).isdisjoint(tags_of_answer(subjects) or ())
    assert is_cleared == (answers.kept(key) is None)


def test_tags_are_short_and_written_as_every_cdn_takes_them() -> None:
    tags = tags_of_answer(RESTED_ON)
    assert tags is not None
    assert len(tags) == len(RESTED_ON)  # `g-all` besides, and one for a publication and its lists
    for tag in tags:  # as the queue of purges takes them, too
        assert re.fullmatch(r"[a-z]-[a-z0-9_-]{1,64}", tag)


def test_a_list_goes_with_each_publication_so_none_of_them_is_a_tag_of_its_own() -> None:
    shown = [publication_subject(each, "d2c") for each in ("one", "two")]
    assert tags_of_answer(shown) == ("g-all", "n-one", "n-two")
    assert tags_of_answer([*shown, list_subject("d2c")]) == ("g-all", "c-d2c")
    assert tags_of_answer([*shown, list_subject("other")]) == ("g-all", "c-other", "n-one", "n-two")


def test_what_has_no_tag_is_kept_by_no_cdn() -> None:
    assert tags_of_answer([list_subject("d2c"), Subject("weather:berlin")]) is None


def test_a_change_of_rights_clears_pictures_and_answers_by_one_tag() -> None:
    asset, licence = asset_subject("7f3k2cq9"), licence_subject("ab12")
    event = Event(type="rights.changed", subject="it", version=1, subjects=(asset, licence))
    assert tags_of(event) == answer_tags_of(event) == ("a-7f3k2cq9", "l-ab12")
