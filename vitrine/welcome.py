"""What `vitrine up` says once everything runs: where it is, and something to try at once."""

import json
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.console import Console

_SAMPLE = (
    'query @inContext(market: "US", locale: "en-US", channel: "d2c") { products(first: 3) '
    '{ nodes { sku name hero { image(preset: "card", width: 640, format: JPEG) { url } } } } }'
)


def welcome(console: Console, run: Mapping[str, str], run_file: Path, *, seconds: float) -> None:
    """Print where everything is, a query to paste, and an image URL that the query gives."""
    console.print(f"\n[bold green]Vitrine is ready[/] after {seconds:.1f} s.\n")
    console.print(f"  GraphQL    {run['api_url']}/graphql")
    console.print(f"  Images     {run['media_url']}")
    console.print(f"  Admin key  in {run_file} and `Authorization: Bearer …` of your requests")
    console.print(f"  Logs       {run_file.parent / 'logs'}\n")
    console.print("Try a query:\n")
    body = json.dumps({"query": _SAMPLE})
    console.print(
        f"  curl -s {run['api_url']}/graphql -H 'Content-Type: application/json' -d '{body}'",
        markup=False,
    )
    image = _first_image(f"{run['api_url']}/graphql")
    if image is not None:
        console.print("\nand open an image:\n")
        console.print(f"  {image}", markup=False)
    console.print("\nCtrl-C stops everything.\n")


def _first_image(endpoint: str) -> str | None:
    """Return the first image that the query gives; a catalogue of one's own may have none."""
    answer = httpx.post(endpoint, json={"query": _SAMPLE}, timeout=20)
    if not answer.is_success or "errors" in answer.json():
        return None
    for product in answer.json()["data"]["products"]["nodes"]:
        if product["hero"]:
            url: str = product["hero"]["image"]["url"]
            return url
    return None
