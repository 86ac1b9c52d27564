"""The proof by replay: every answer of the gateways, polls and load alike, is decided again."""

from datetime import timedelta

from bench.time_to_dark.house import WatchedHouse
from catalog.db import Pool
from gateway.proof.answers import Coverage, log_files, read_answers
from gateway.proof.replay import TRANSACTION_S, Tally, Tolerances, replay


async def replay_answers(house: WatchedHouse, pool: Pool) -> Tally:
    """Hold what the gateways have logged so far against the history of rights.

    The tolerance is that of `vitrine replay`: the lease, and a second for the transaction.
    """
    tolerance = timedelta(seconds=house.settings.lease_s + TRANSACTION_S)
    files = log_files([house.settings.delivery_log])
    async with pool.acquire() as conn:
        return await replay(
            conn, read_answers(files, Coverage()), Tolerances(answers=tolerance, hits=tolerance)
        )
