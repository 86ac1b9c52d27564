"""The warm-up job: the hero images of a product, after its publication."""

from dataclasses import dataclass

import procrastinate
import structlog

from catalog.db import Pool
from catalog.errors import UnavailableError
from catalog.graph.renditions import find_heroes
from catalog.reactions import WARM_UP_QUEUE
from imaging.stored_renditions import StoredRenditions
from relay.renditions.warming import RenditionChoice, Warmer, choose_presets, count_by_code

log = structlog.get_logger(__name__)

_RETRY = procrastinate.RetryStrategy(
    max_attempts=6, exponential_wait=4, retry_exceptions={UnavailableError}
)


class NotAllWarmError(UnavailableError):
    """Some renditions could not be made ahead; the job is tried again."""

    code = "NOT_ALL_WARM"


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The task of a relay; doing it twice does nothing more.

    Attributes:
        renditions: None: the setting is off, and what was deferred before is not done.
    """

    pool: Pool
    renditions: StoredRenditions | None

    def tasks(self) -> procrastinate.Blueprint:
        """Return it, for the namespace `renditions`."""
        tasks = procrastinate.Blueprint()
        tasks.task(queue=WARM_UP_QUEUE, name="warm_up", retry=_RETRY)(self.warm_up)
        return tasks

    async def warm_up(self, product: str) -> None:
        """Have every rendition of a product's hero images stored, for the web's presets.

        Raises:
            NotAllWarmError: some could not be made.
        """
        if self.renditions is None:
            log.info("warm_up_is_off", product=product)
            return
        async with self.pool.acquire() as conn:
            heroes = await find_heroes(conn, product)
        wish = RenditionChoice()
        warmer = Warmer(pool=self.pool, renditions=self.renditions, at_once=1)
        warmed = await warmer.warm(heroes, await choose_presets(self.pool, wish), wish)
        log.info(
            "warmed_up",
            product=product,
            assets=warmed.assets,
            rendered=warmed.rendered,
            stored=warmed.stored,
            failed=count_by_code(warmed.failures),
        )
        if warmed.failures:
            raise NotAllWarmError(warmed.failures[0].message)
