"""The proof by replay: every answer of the gateways, polls and load alike, is decided again."""

from datetime import timedelta

from bench.time_to_dark.house import House
from catalog.db import Pool
from gateway.replay.answers import Coverage, log_files, read_answers
from gateway.replay.replay import Tally, Tolerances, replay


async def replay_answers(house: House, pool: Pool) -> Tally:
    """Hold what the gateways have logged so far against the history of rights.

    Nothing is tolerated beyond the lease, though rows are dated a little before their commit.
    """
    lease = timedelta(seconds=house.settings.lease_s)
    files = log_files([house.settings.delivery_log_folder()])
    async with pool.acquire() as conn:
        return await replay(
            conn, read_answers(files, Coverage()), Tolerances(answers=lease, hits=lease)
        )
