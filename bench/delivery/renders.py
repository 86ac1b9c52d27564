"""The gateway and its peers, asked for renditions that none of them has made before."""

import io
import statistics
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from PIL import Image

from bench.delivery.client import AnswerError, ClientTimes, Take, ask, get
from bench.delivery.house import DeliveryHouse
from bench.delivery.peers import PEERS, Peer
from bench.homes import free_ports
from bench.processes import cpu_s, memory_bytes
from bench.report import Figure
from bench.servers import Server, run_server
from catalog.delivery.model import Format

GATEWAY = "gateway"
PRESET = "photo"
FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF)
_MIB = 1024 * 1024
_SAMPLED_EVERY_S = 0.1
_PILLOW_NAMES = {Format.JPEG: "JPEG", Format.WEBP: "WEBP", Format.AVIF: "AVIF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """What everybody is asked for.

    Attributes:
        number: of the picture, among those of the house.
        picture: name of its file.
        quality_percent: None: the default of a preset that states none.
    """

    number: int
    picture: str
    width_px: int
    format: Format
    quality_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSide:
    """A server and how it wants to be asked."""

    server: Server
    url_of: Callable[[Rendition], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLap:
    """One server in one round.

    Attributes:
        cpu_s: of its processes together.
        memory_bytes: of them, at the most.
    """

    outcome: ClientTimes
    cpu_s: float
    memory_bytes: int


#: By name of the server and label of what it was asked for.
Laps: TypeAlias = Mapping[str, Mapping[str, Sequence[RenderLap]]]


def preset_of(quality_percent: int | None) -> str:
    """Return the code of the preset that has this quality in every format; None: it states none."""
    return PRESET if quality_percent is None else f"{PRESET}-{quality_percent}"


@contextmanager
def open_sides(
    house: DeliveryHouse, pictures: Path, peers: Collection[str]
) -> Generator[Mapping[str, RenderSide]]:
    """Start the peers beside the gateway, on the same pictures."""

    def gateway_url(wanted: Rendition) -> str:
        image, code = house.images[wanted.number], preset_of(wanted.quality_percent)
        return image.url(house.keys, preset=code, width_px=wanted.width_px, format=wanted.format)

    with ExitStack() as stack:
        sides = {GATEWAY: RenderSide(server=house.gateway, url_of=gateway_url)}
        for port, name in zip(free_ports(len(peers)), peers, strict=True):
            peer, log = PEERS[name], house.folder / f"{name}.log"
            command = peer.command(port, pictures, house.folder)
            server = stack.enter_context(run_server(command, port=port, log=log))
            sides[name] = RenderSide(server=server, url_of=_asking(peer))
        yield sides


def in_rounds(
    sides: Mapping[str, RenderSide],
    rounds: Iterable[Mapping[str, Sequence[Rendition]]],
    *,
    connections: int,
) -> Laps:
    """Ask every server for the same renditions, in turn, another first in each round.

    Args:
        sides: who is asked.
        rounds: what for, by label; the first does not count, and every answer in it is looked at.
        connections: with one request in flight on each.
    """
    names = list(sides)
    laps: dict[str, dict[str, list[RenderLap]]] = {name: {} for name in names}
    for number, asked_for in enumerate(rounds):
        for label, wanted in asked_for.items():
            for turn in range(len(names)):
                name = names[(number + turn) % len(names)]
                take = None if number else _checking(wanted)
                done = _lap(sides[name], wanted, connections, take)
                if number:
                    laps[name].setdefault(label, []).append(done)
    return laps


def figures_of(laps: Laps) -> dict[str, Figure]:
    """Return of each server and label: renditions a second, their size, their cost; and memory."""
    figures: dict[str, Figure] = {}
    for name, by_label in laps.items():
        for label, measured in by_label.items():
            per_s = [round(each.outcome.per_s, 2) for each in measured]
            cpu_ms = [1000 * each.cpu_s / len(each.outcome.latencies_s) for each in measured]
            size = [each.outcome.body_bytes / len(each.outcome.latencies_s) for each in measured]
            figures |= {
                f"{name}_{label}_per_s": Figure(values=per_s, unit="renditions/s"),
                f"{name}_{label}_cpu_ms": Figure(values=_rounded(cpu_ms), unit="ms each"),
                f"{name}_{label}_bytes": Figure(values=_rounded(size), unit="bytes each"),
            }
        repeated = sum(each.outcome.repeated for each in chain(*by_label.values()))
        figures[f"{name}_repeated"] = Figure(values=[repeated], unit="requests")
        figures[f"{name}_peak_mib"] = Figure(values=[round(_peak(by_label) / _MIB, 1)], unit="MiB")
    return figures


def ratios_of(laps: Laps) -> dict[str, Sequence[float]]:
    """Return for each peer the ratio where it does best, with each label, and of memory."""
    ratios: dict[str, Sequence[float]] = {}
    ours = laps[GATEWAY]
    for name, theirs in laps.items():
        if name == GATEWAY:
            continue
        by_label = {
            label: [
                our.outcome.per_s / their.outcome.per_s
                for our, their in zip(ours[label], measured, strict=True)
            ]
            for label, measured in theirs.items()
        }
        ratios[name] = min(by_label.values(), key=statistics.median)
        ratios |= {f"{name}_{label}": values for label, values in by_label.items()}
        ratios[f"{name}_memory"] = [_peak(theirs) / _peak(ours)]
    return ratios


def _lap(
    side: RenderSide, wanted: Sequence[Rendition], connections: int, take: Take | None
) -> RenderLap:
    requests = [get(side.url_of(each)) for each in wanted]
    before_s = cpu_s(side.server.pid)
    with _peak_memory(side.server.pid) as peak:
        outcome = ask(side.server.port, requests, connections=connections, take=take)
    return RenderLap(
        outcome=outcome, cpu_s=cpu_s(side.server.pid) - before_s, memory_bytes=max(peak)
    )


def _peak(by_label: Mapping[str, Sequence[RenderLap]]) -> int:
    return max(each.memory_bytes for measured in by_label.values() for each in measured)


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(each, 1) for each in values]


def _asking(peer: Peer) -> Callable[[Rendition], str]:
    return lambda wanted: peer.url(
        wanted.picture,
        wanted.width_px,
        wanted.format,
        wanted.quality_percent or peer.quality_percent(wanted.format),
    )


def _checking(wanted: Sequence[Rendition]) -> Take:
    def take(index: int, _head: bytes, body: bytes) -> None:
        asked = wanted[index]
        with Image.open(io.BytesIO(body)) as image:
            if (image.format, image.width) != (_PILLOW_NAMES[asked.format], asked.width_px):
                raise AnswerError(f"{asked} was answered with {image.format} of {image.size}")

    return take


@contextmanager
def _peak_memory(pid: int) -> Generator[Sequence[int]]:
    """Sample the memory of a process tree until the end of the block."""
    samples = [memory_bytes(pid)]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(_SAMPLED_EVERY_S):
            samples.append(memory_bytes(pid))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()
        samples.append(memory_bytes(pid))
