"""`vitrine renditions`: finished images as a whole: counted, made ahead, removed."""

import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from catalog.db import Pool, open_pool
from catalog.delivery.model import Format
from catalog.errors import InvalidInputError
from catalog.graph.renditions import (
    find_assets,
    find_assets_of,
    find_heroes,
    find_sources,
    find_uses,
)
from catalog.settings import MIB
from imaging.opening import folder_limits, open_renditions, workers
from imaging.tiers import Tier, tiers_of
from relay.renditions.inventory import (
    Inventory,
    RenditionTotal,
    find_orphans,
    remove,
    take_inventory,
)
from relay.renditions.warming import (
    RenditionChoice,
    Warmer,
    WarmUpResult,
    choose_presets,
    count_by_code,
)
from serving.redis import open_redis
from serving.stores import open_store
from vitrine.database import on_database
from vitrine.settings import Settings

_FAILED = 1
_SHOWN = 20
_SHARED = ("store_url",)  # what these need to be the same as every process has it
_APPLICATION = "vitrine renditions"

FormatName: TypeAlias = Literal["avif", "webp", "jpg", "png"]


@dataclass(frozen=True, kw_only=True)
class AssetOptions:
    """Which assets."""

    product: Annotated[
        tuple[str, ...],
        Parameter(help="SKU: all pictures of the product and of what is below it."),
    ] = ()
    heroes: Annotated[
        bool, Parameter(help="The hero images of all that is published, embargoed or not.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class RenditionOptions:
    """Which renditions of them; by default every one of every preset that the web may ask for."""

    preset: Annotated[tuple[str, ...], Parameter(help="Code of a preset.")] = ()
    width: Annotated[tuple[int, ...], Parameter(help="A width of the presets, in pixels.")] = ()
    format: Annotated[tuple[FormatName, ...], Parameter(help="A format of the presets.")] = ()


def print_stats(*assets: str, by_source: bool = False, json: bool = False) -> None:
    """Print how many finished renditions there are, and their bytes.

    Args:
        assets: codes or public ids; only renditions of their bytes, all versions. Default: all.
        by_source: a line for each source, with the assets that have its bytes.
        json: print one JSON object.
    """
    inventory, uses = on_database(
        lambda settings, url: _stats(settings, url, assets, by_source=by_source),
        relies_on=_SHARED,
    )
    if json:
        _write(_inventory_json(inventory, uses if by_source else None))
        return
    out = Console(soft_wrap=True, highlight=False)
    out.print(_tiers_table(inventory))
    if by_source:
        out.print(_sources_table(inventory, uses))


def warm_up(
    *assets: str,
    of: Annotated[AssetOptions | None, Parameter(name="*")] = None,
    chosen: Annotated[RenditionOptions | None, Parameter(name="*")] = None,
    at_once: int = 0,
    json: bool = False,
) -> None:
    """Render into the object store what nobody has asked for yet.

    Args:
        assets: codes or public ids.
        of: more assets.
        chosen: which renditions of them.
        at_once: renders at the same time; 0: two more than cores.
        json: print one JSON object, and no progress.
    """
    which, options = of or AssetOptions(), chosen or RenditionOptions()
    _check(bool(assets or which.product or which.heroes), "name assets, or --product, or --heroes")
    _check(at_once >= 0, "--at-once is not negative")
    wish = RenditionChoice(
        presets=options.preset,
        widths_px=options.width,
        formats=tuple(Format(each) for each in options.format),
    )
    began = monotonic()

    def warm(settings: Settings, url: str) -> Coroutine[Any, Any, WarmUpResult]:
        run = _RunOptions(settings=settings, at_once=at_once, is_quiet=json)
        return _warm(run, url, assets, which, wish)

    warmed = on_database(warm, relies_on=_SHARED)
    seconds = round(monotonic() - began, 3)
    if json:
        failures = [asdict(each) for each in warmed.failures]
        _write({**asdict(warmed), "failures": failures, "seconds": seconds})
    else:
        _print_warmed(warmed, seconds)
    if warmed.failures:
        sys.exit(_FAILED)


def purge_renditions(
    *assets: str, orphans: bool = False, delete: bool = False, json: bool = False
) -> None:
    """Print which stored renditions would be removed; with `--delete`, remove them.

    Args:
        assets: codes or public ids; renditions of the bytes of all their versions, whichever asset
            was shown with them.
        orphans: renditions of bytes that no version of any asset has.
        delete: remove them.
        json: print one JSON object.
    """
    _check(bool(assets) or orphans, "name assets, or give --orphans")

    def purge(
        settings: Settings, url: str
    ) -> Coroutine[Any, Any, tuple[list[str], RenditionTotal]]:
        run = _RunOptions(settings=settings, is_quiet=json)
        return _purge(run, url, assets, orphans=orphans, delete=delete)

    sources, held = on_database(purge, relies_on=_SHARED)
    if json:
        _write({"sources": sources, **asdict(held), "deleted": delete})
        return
    did = "Removed" if delete else "Would remove"
    out = Console(soft_wrap=True, highlight=False)
    out.print(f"{did} {held.count:,} renditions of {len(sources):,} sources, {_size(held)}")
    if held.count and not delete:
        out.print("Nothing has been removed: --delete removes them.")


def _check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a rule, then what it says
    """Refuse what cannot be meant, before a database is opened.

    Raises:
        InvalidInputError: the rule does not hold.
    """
    if not holds:
        raise InvalidInputError(otherwise)


@dataclass(frozen=True, kw_only=True)
class _RunOptions:
    settings: Settings
    at_once: int = 0
    is_quiet: bool = False


async def _stats(
    settings: Settings, url: str, assets: Sequence[str], *, by_source: bool
) -> tuple[Inventory, dict[str, tuple[str, ...]]]:
    async with _open(settings, url) as (pool, tiers):
        sources = await _sources_of(pool, assets) if assets else None
        inventory = await take_inventory(tiers, sources)
        if not by_source:
            return inventory, {}
        async with pool.acquire() as conn:
            uses = await find_uses(conn, list(inventory.sources))
        return inventory, {source: use.assets for source, use in uses.items()}


async def _warm(
    run: _RunOptions, url: str, assets: Sequence[str], which: AssetOptions, wish: RenditionChoice
) -> WarmUpResult:
    settings = run.settings
    threads = run.at_once or workers(settings)
    async with (
        open_pool(url, application=_APPLICATION) as pool,
        open_store(settings) as store,
        open_redis(settings) as redis,
        open_renditions(settings, store, redis, threads=threads, made_ahead=True) as renditions,
    ):
        presets = await choose_presets(pool, wish)
        async with pool.acquire() as conn:
            wanted = [
                *await find_assets(conn, assets),
                *await find_assets_of(conn, which.product),
                *(await find_heroes(conn) if which.heroes else ()),
            ]
        with _progress("renditions", is_quiet=run.is_quiet) as advance:
            warmer = Warmer(pool=pool, renditions=renditions, at_once=threads, progress=advance)
            return await warmer.warm(list(dict.fromkeys(wanted)), presets, wish)


async def _purge(
    run: _RunOptions, url: str, assets: Sequence[str], *, orphans: bool, delete: bool
) -> tuple[list[str], RenditionTotal]:
    async with _open(run.settings, url) as (pool, tiers):
        sources = await _sources_of(pool, assets)
        if orphans:
            kept = await take_inventory(tiers)
            sources += await find_orphans(pool, list(kept.sources))
        sources = sorted({*sources})
        if delete:
            with _progress("removed", is_quiet=run.is_quiet) as advance:
                return sources, await remove(tiers, sources, advance)
        inventory = await take_inventory(tiers, sources)
        return sources, inventory.total


async def _sources_of(pool: Pool, assets: Sequence[str]) -> list[str]:
    async with pool.acquire() as conn:
        return await find_sources(conn, await find_assets(conn, assets))


@asynccontextmanager
async def _open(settings: Settings, url: str) -> AsyncGenerator[tuple[Pool, tuple[Tier, ...]]]:
    limits = folder_limits(settings)
    async with (
        open_pool(url, application=_APPLICATION, max_size=1) as pool,
        open_store(settings) as store,
    ):
        yield pool, tiers_of(store, limits if limits.folder.is_dir() else None)


@contextmanager
def _progress(what: str, *, is_quiet: bool) -> Generator[Callable[[], None]]:
    """Count on standard error, for whoever watches."""
    progress = Progress(
        TextColumn(f"{{task.completed:,.0f}} {what}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=is_quiet or not sys.stderr.isatty(),
    )
    with progress:
        task = progress.add_task("", total=None)
        yield lambda: progress.advance(task)


def _write(said: Mapping[str, object]) -> None:
    sys.stdout.write(orjson.dumps(said).decode() + "\n")


def _inventory_json(
    inventory: Inventory, uses: Mapping[str, tuple[str, ...]] | None
) -> dict[str, object]:
    tiers = {name: asdict(held) for name, held in inventory.tiers.items()}
    if uses is None:
        return {"tiers": tiers}
    sources = [
        {
            "source": source,
            "assets": uses[source],
            "tiers": {name: asdict(held) for name, held in by_tier.items()},
        }
        for source, by_tier in sorted(inventory.sources.items())
    ]
    return {"tiers": tiers, "sources": sources}


def _tiers_table(inventory: Inventory) -> Table:
    table = Table("tier", "renditions", "size")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, held in inventory.tiers.items():
        table.add_row(name, f"{held.count:,}", _size(held))
    return table


def _sources_table(inventory: Inventory, uses: Mapping[str, tuple[str, ...]]) -> Table:
    table = Table("source", "assets", *inventory.tiers)
    for source, by_tier in sorted(inventory.sources.items()):
        held = [by_tier.get(name, RenditionTotal()) for name in inventory.tiers]
        assets = ", ".join(uses[source]) or "[yellow]none: purge --orphans removes these[/]"
        table.add_row(source[:12], assets, *(f"{each.count:,}, {_size(each)}" for each in held))
    return table


def _print_warmed(warmed: WarmUpResult, seconds: float) -> None:
    out = Console(soft_wrap=True, highlight=False)
    out.print(
        f"{warmed.assets:,} assets: {warmed.rendered:,} renditions made, {warmed.stored:,} were "
        f"there, {len(warmed.failures):,} failed, in {seconds:.1f} s"
    )
    if warmed.without_file:
        out.print(f"{warmed.without_file:,} assets have no file yet.")
    for each in warmed.failures[:_SHOWN]:
        out.print(
            f"  {each.asset}  {each.width_px} px  {each.format.value}  {each.message} ({each.code})"
        )
    if len(warmed.failures) > _SHOWN:
        rest = ", ".join(f"{n:,} {code}" for code, n in count_by_code(warmed.failures).items())
        out.print(f"  and others; all in all {rest}")


def _size(held: RenditionTotal) -> str:
    return f"{held.size_bytes / MIB:,.1f} MiB"
