"""Warm-up: renditions are made before anybody asks for them; what is stored is passed over.

Rights are not asked: what is stored is read only after a decision.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from catalog.db import Pool
from catalog.delivery.geometry import distinct_widths
from catalog.delivery.model import Format, Preset, RenditionRequest
from catalog.delivery.store import presets as load_presets
from catalog.errors import InvalidInputError, VitrineError
from catalog.graph.delivery import DeliverableAsset, load_asset
from imaging.content_key import content_key
from imaging.stored_renditions import StoredRenditions


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionChoice:
    """Which renditions of an asset; an empty choice is every one that the web may ask for.

    Attributes:
        presets: codes; their versions that new URLs name.
        formats: of those that the presets are written in.
    """

    presets: tuple[str, ...] = ()
    widths_px: tuple[int, ...] = ()
    formats: tuple[Format, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A rendition that could not be made or stored, and why."""

    asset: str
    width_px: int
    format: Format
    code: str
    message: str


@dataclass(slots=True, kw_only=True)
class WarmUpResult:
    """What a warm-up did.

    Attributes:
        rendered: renditions that were made and stored.
        stored: those that were there already.
        without_file: assets whose bytes have not been ingested.
    """

    assets: int = 0
    rendered: int = 0
    stored: int = 0
    without_file: int = 0
    failures: list[Failure] = field(default_factory=list[Failure])


async def choose_presets(pool: Pool, wish: RenditionChoice) -> list[Preset]:
    """Return the presets of a wish, each in its current version.

    Raises:
        InvalidInputError: there is no such preset, or none of them has such a width or format.
    """
    async with pool.acquire() as conn:
        current = {
            each.code: each for each in await load_presets(conn) if each.served_until is None
        }
    for code in wish.presets:
        if code not in current:
            message = f"there is no preset {code!r}; there are: {', '.join(sorted(current))}"
            raise InvalidInputError(message, field="presets")
    chosen = [
        each
        for each in current.values()
        if (each.code in wish.presets if wish.presets else each.audience == "web")
    ]
    _check("widths", wish.widths_px, [width for each in chosen for width in each.recipe.widths_px])
    _check("formats", wish.formats, [name for each in chosen for name in each.recipe.formats])
    return chosen


def requests_for(
    asset: DeliverableAsset, presets: Iterable[Preset], wish: RenditionChoice
) -> Iterator[RenditionRequest]:
    """Yield what makes each wanted rendition of an asset, those of equal bytes once.

    By default the widths that a `srcset` names: no larger ones than the picture can fill.
    """
    seen: set[str] = set()
    for recipe in (preset.complete_recipe for preset in presets):
        named = [asked_px for asked_px, _ in distinct_widths(asset.source_size, recipe)]
        widths_px = [each for each in recipe.widths_px if each in (wish.widths_px or named)]
        formats = [each for each in recipe.formats if each in (wish.formats or recipe.formats)]
        for width_px, image_format in product(widths_px, formats):
            request = asset.rendition(recipe, width_px, image_format)
            if request is not None and (key := content_key(request)) not in seen:
                seen.add(key)
                yield request


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmer:
    """Makes renditions ahead.

    Attributes:
        at_once: renditions that are looked for or made at the same time; no more than the
            threads of the render pool.
        progress: called for every rendition that is dealt with.
    """

    pool: Pool
    renditions: StoredRenditions
    at_once: int
    progress: Callable[[], None] = lambda: None

    async def warm(
        self, assets: Sequence[str], presets: Sequence[Preset], wish: RenditionChoice
    ) -> WarmUpResult:
        """Have the wanted renditions of assets stored; may be stopped and begun again."""
        warmed = WarmUpResult(assets=len(assets))
        turns = asyncio.Semaphore(self.at_once)
        async with asyncio.TaskGroup() as tasks:
            async for public_id, request in self._requests(assets, presets, wish, warmed):
                await turns.acquire()
                task = tasks.create_task(self._store(public_id, request, warmed))
                task.add_done_callback(lambda _: turns.release())
        return warmed

    async def _requests(
        self,
        assets: Sequence[str],
        presets: Sequence[Preset],
        wish: RenditionChoice,
        warmed: WarmUpResult,
    ) -> AsyncIterator[tuple[str, RenditionRequest]]:
        for public_id in assets:
            async with self.pool.acquire() as conn:
                asset = await load_asset(conn, public_id)
            if asset is None or asset.master_key is None:
                warmed.without_file += 1
                continue
            for request in requests_for(asset, presets, wish):
                yield public_id, request

    async def _store(self, public_id: str, request: RenditionRequest, warmed: WarmUpResult) -> None:
        try:
            if await self.renditions.store(request):
                warmed.rendered += 1
            else:
                warmed.stored += 1
        except VitrineError as error:
            warmed.failures.append(
                Failure(
                    asset=public_id,
                    width_px=request.width_px,
                    format=request.format,
                    code=error.code,
                    message=error.message,
                )
            )
        self.progress()


def count_by_code(failures: Iterable[Failure]) -> Counter[str]:
    """Return how often each error occurred."""
    return Counter(each.code for each in failures)


def _check(field_name: str, wanted: Sequence[object], there_are: Sequence[object]) -> None:
    for each in wanted:
        if each not in there_are:
            known = ", ".join(sorted({str(one) for one in there_are}))
            message = f"none of these presets has {each}; they have: {known}"
            raise InvalidInputError(message, field=field_name)
