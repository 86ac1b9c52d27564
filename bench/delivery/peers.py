"""The image servers that Vitrine is compared with: how each is had, started and asked."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.peers.imgproxy import IMGPROXY, imgproxy, imgproxy_url
from bench.peers.ipx import IPX, ipx, ipx_url
from bench.peers.thumbor import THUMBOR, thumbor, thumbor_url
from bench.servers import ServerCommand
from catalog.delivery.model import Format
from imaging.pipeline.encode import QUALITY_PERCENT


class PeerProgram(Protocol):
    """What a peer is made of."""

    @property
    def is_installed(self) -> bool:
        """Whether it is there."""
        ...

    @property
    def versions(self) -> Mapping[str, str]:
        """Which it is."""
        ...

    def install(self) -> None:
        """Install it, unless it is there.

        Raises:
            InstallError: it cannot be.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One of them.

    Attributes:
        can_be_installed: the benchmark can; else whoever measures has to bring it.
        command: starts it on a port, with the pictures of a folder and a folder to write to.
        url: path of a picture's rendition, of this width, format and quality in percent.
        looks_like_ours: the quality at which its pictures look like ours at the default, by format
            where that is another number than ours.
    """

    program: PeerProgram
    can_be_installed: bool = True
    command: Callable[[int, Path, Path], ServerCommand]
    url: Callable[[str, int, Format, int], str]
    looks_like_ours: Mapping[Format, int] = field(default_factory=dict[Format, int])

    def quality_percent(self, wanted: Format) -> int:
        """Return at which quality it makes what looks like ours at the default."""
        return self.looks_like_ours.get(wanted, QUALITY_PERCENT[wanted])


PEERS: Mapping[str, Peer] = {
    "thumbor": Peer(program=THUMBOR, command=thumbor, url=thumbor_url),
    # sharp 0.34 has libaom tune for SSIM, the others for image quality: another scale
    "ipx": Peer(program=IPX, command=ipx, url=ipx_url, looks_like_ours={Format.AVIF: 65}),
    "imgproxy": Peer(program=IMGPROXY, can_be_installed=False, command=imgproxy, url=imgproxy_url),
}


def chosen_peers(names: Sequence[str], *, quick: bool) -> list[str]:
    """Return those of the peers that take part: all that can be had; quickly, those there.

    Raises:
        InstallError: one that the benchmark installs cannot be.
    """
    if not quick:
        for name in names:
            if PEERS[name].can_be_installed:
                PEERS[name].program.install()
    return [name for name in names if PEERS[name].program.is_installed]


def settings_of(names: Sequence[str], taking_part: Collection[str]) -> Mapping[str, object]:
    """Return which were to take part: those that do, at which quality, and those not there."""
    return {
        "peers": list(taking_part),
        "peers_percent": {
            name: {each.value: PEERS[name].quality_percent(each) for each in QUALITY_PERCENT}
            for name in taking_part
        },
        "absent": [name for name in names if name not in taking_part],
    }


def versions_of(peers: Sequence[str]) -> dict[str, str]:
    """Return which they are."""
    return {
        each: version for name in peers for each, version in PEERS[name].program.versions.items()
    }
