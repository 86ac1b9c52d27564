"""What the machine draws too seldom: stories in which one defence alone keeps the promise."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.gateway.machine import shop
from tests.gateway.machine.shop import LAMP
from tests.gateway.machine.world import Tally, World
from tests.support.virtual_time import VirtualTimeLoop


async def a_load_is_overtaken_by_the_next_event(world: World) -> None:
    world.sites[0].link.loads.slow_down([0.001], [0.5])
    world.change(shop.withdrawn(LAMP))  # dropped, so it is loaded
    await asyncio.sleep(0.3)
    world.change(shop.held(LAMP))  # dropped again, while the answer is on its way


async def a_grant_ends_before_it_is_read_and_the_clock_is_late(world: World) -> None:
    # the midpoint of a question and its answer is 0.4 s too late, and so the clock behind
    world.sites[0].link.feed.slow_down([0.001], [0.8])
    await world.sites[0].restart(skew_s=0.0)
    await asyncio.sleep(0.7)
    world.change(shop.granted(LAMP, []))


async def a_newer_state_is_read_before_the_feed_tells(world: World) -> None:
    site, known_by_heart = world.sites[1], world.asked(LAMP)
    for _ in range(2):
        site.ask(known_by_heart)
        await asyncio.sleep(0.1)
    site.link.feed.slow_down([0.25], [0.25])
    await asyncio.sleep(1.2)
    world.change(shop.withdrawn(LAMP))
    site.ask(world.asked(LAMP))  # its URL is newer than what is known: the asset is read at once
    await asyncio.sleep(0.05)
    site.ask(known_by_heart)


async def one_country_is_taken_from_the_world(world: World) -> None:
    world.change(shop.restricted(LAMP, [shop.not_in_germany]))


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("story", "refused"),
    [
        (a_load_is_overtaken_by_the_next_event, 451),
        (a_grant_ends_before_it_is_read_and_the_clock_is_late, 410),
        (a_newer_state_is_read_before_the_feed_tells, 410),
        (one_country_is_taken_from_the_world, 403),
    ],
)
def test_nothing_is_answered_that_was_not_right_within_the_lease(
    story: Callable[[World], Awaitable[None]], refused: int
) -> None:
    world = World(Tally())

    async def play() -> None:
        world.open((0.0, 0.0))
        await asyncio.sleep(0.5)
        await story(world)
        await asyncio.sleep(4)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(play())
    assert world.errors == []
    assert refused in world.tally.answers
