"""While a CDN's purges are late it may keep little, and no other pays for that."""

import httpx2

from edge.edges import TrustedHop
from edge.hops import SECRET_HEADER
from gateway.app import create_app
from tests.support.serve import serve
from tests.support.stage import WORLDWIDE, Stage
from tests.support.waiting import eventually
from vitrine.settings import Settings

FULL, SHORT = "max-age=299", "max-age=10"

QUEUE_SQL = """
INSERT INTO purge (tag, cause, pass, driver, not_before)
SELECT 'a-aaaa', id, 1, driver, clock_timestamp() - due_s * interval '1 second'
FROM unnest($1::text[], $2::int[]) AS late(driver, due_s), (SELECT id FROM event LIMIT 1) AS cause
"""


def hop(name: str, kind: str = "plain") -> TrustedHop:
    return TrustedHop.model_validate({
        "name": name,
        "networks": ["127.0.0.1/32"],
        "secret": f"secret-of-hop-{name}",
        "kind": kind,
        "driver": name,
    })


async def test_a_hop_whose_purges_are_over_a_minute_late_keeps_little_until_they_are_done(
    stage: Stage, settings: Settings
) -> None:
    hops = (hop("late"), hop("slow"), hop("well"), hop("asks", "authorising"))
    url = stage.url(await stage.asset(WORLDWIDE))
    async with (
        serve(create_app(settings.model_copy(update={"trusted_hops": hops}))) as base_url,
        httpx2.AsyncClient(base_url=base_url) as client,
    ):

        async def kept(name: str) -> str:
            answer = await client.get(url, headers={SECRET_HEADER: f"secret-of-hop-{name}"})
            return answer.headers["CDN-Cache-Control"]

        async def late_keeps_little() -> bool:
            return await kept("late") == SHORT

        async def late_keeps_as_usual() -> bool:
            return await kept("late") == usual["late"]

        usual = {each.name: await kept(each.name) for each in hops}
        await stage.pool.execute(QUEUE_SQL, ["late", "slow", "asks"], [61, 30, 61])
        await eventually(late_keeps_little)
        assert [await kept(name) for name in ("slow", "well")] == [usual["slow"], usual["well"]]
        assert await kept("asks") not in {SHORT, "no-store"}

        await stage.pool.execute("UPDATE purge SET state = 'confirmed', confirmed_at = now()")
        await eventually(late_keeps_as_usual)
