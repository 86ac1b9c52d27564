"""A small catalogue as records, and an ingest that looks at names instead of pixels."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from catalog.media.model import BrokenFileError, IngestedFile

Record = dict[str, Any]

FOUNDATION: list[Record] = [
    {"type": "locale", "code": "en-US", "name": "English"},
    {
        "type": "channel",
        "code": "d2c",
        "name": "Shop",
        "kind": "storefront",
        "country_rule": "viewer",
        "usages": ["web"],
        "default_usage": "web",
        "locales": ["en-US"],
    },
    {"type": "attribute", "code": "name", "attribute_type": "text", "localizable": True},
    {
        "type": "attribute",
        "code": "colour",
        "attribute_type": "select",
        "options": [{"code": "red", "label": {"en-US": "Red"}}],
    },
    {
        "type": "family",
        "code": "shoes",
        "attributes": ["name", "colour"],
        "variants": [{"code": "by-colour", "axes": [["colour"]]}],
    },
    {"type": "category", "code": "shop", "label": {"en-US": "Shop"}},
    {"type": "licence", "code": "own", "licensor": "Us", "grants": [
        {
            "territory": {"include": ["WORLD"]},
            "channels": ["*"],
            "usages": ["*"],
            "valid_from": "now-1d",
        }
    ]},
]  # fmt: skip


def product(sku: str, **fields: Any) -> Record:  # noqa: ANN401 - JSON
    return {
        "type": "product",
        "sku": sku,
        "kind": "SIMPLE",
        "family": "shoes",
        "values": [{"attribute": "name", "locale": "en-US", "data": f"Shoe {sku}"}],
        **fields,
    }


def asset(code: str, **fields: Any) -> Record:  # noqa: ANN401 - JSON
    return {
        "type": "asset",
        "code": code,
        "file": f"{code}.jpg",
        "status": "approved",
        "licences": ["own"],
        **fields,
    }


def hero(sku: str, code: str) -> Record:
    return {
        "type": "media_association",
        "product": sku,
        "asset": code,
        "role": "hero",
        "origin": "pim",
        "status": "approved",
    }


def write(path: Path, *records: Record | str) -> Path:
    """Write records, and lines that are none, as JSON Lines."""
    lines = [each if isinstance(each, str) else orjson.dumps(each).decode() for each in records]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def read(path: Path) -> list[Record]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def described(path: Path) -> IngestedFile:
    """Return what ingest would make of a file of this name."""
    digest = hashlib.sha256(path.name.encode()).hexdigest()
    return IngestedFile(
        sha256=digest,
        bytes=1000,
        width_px=800,
        height_px=600,
        mime="image/jpeg",
        storage_key=f"originals/{digest}",
        master_key=f"originals/{digest}",
    )


class NamedIngest:
    """Remembers what it was asked for; files named `broken…` are, `huge…` do not fit the table."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, path: Path) -> IngestedFile:
        self.asked.append(path.name)
        if path.name.startswith("broken"):
            raise BrokenFileError(f"{path.name} is broken", field="file")
        found = described(path)
        if path.name.startswith("huge"):
            object.__setattr__(found, "bytes", -1)
        return found


def many(count: int) -> Sequence[Record]:
    """Return the foundation and so many products, each with an asset."""
    return [
        *FOUNDATION,
        *(product(f"p{number}") for number in range(count)),
        *(asset(f"a{number}") for number in range(count)),
        *(hero(f"p{number}", f"a{number}") for number in range(count)),
    ]
