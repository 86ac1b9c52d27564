"""What `vitrine up` says once everything runs: where it is, and something to try at once."""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2
from rich.console import Console

from catalog.access.sessions import LINK_MINUTES

_SAMPLE = (
    'query @inContext(market: "US", locale: "en-US", channel: "d2c") { products(first: 3) '
    '{ nodes { sku name hero { image(preset: "card", width: 640, format: JPEG) { url } } } } }'
)
#: What an empty catalogue needs before anything can be asked of it: records of the bulk format.
BEGINNING = """\
{"type": "locale", "code": "en-US", "name": "English"}
{"type": "channel", "code": "shop", "name": "Shop", "kind": "storefront", "public": true, \
"country_rule": "viewer", "usages": ["web"], "default_usage": "web", "locales": ["en-US"]}
"""


def welcome(console: Console, run: Mapping[str, str], run_file: Path, *, seconds: float) -> None:
    """Print where everything is, a query to paste, and an image URL that the query gives."""
    console.print(f"\n[bold green]Vitrine is ready[/] after {seconds:.1f} s.\n")
    if "shop_url" in run:
        console.print(f"  Shop       {run['shop_url']}")
    console.print(f"  Console    {run['api_url']}/console")
    console.print(f"  GraphQL    {run['api_url']}/graphql")
    console.print(f"  Images     {run['media_url']}")
    console.print(f"  Admin key  in {run_file} and `Authorization: Bearer …` of your requests")
    if "login_url" in run:
        console.print(f"  Log in     {run['login_url']}", soft_wrap=True)
        console.print(f"             once, within {LINK_MINUTES} minutes")
    console.print(f"  Logs       {run_file.parent / 'logs'}\n")
    endpoint = f"{run['api_url']}/graphql"
    if _has_channel(endpoint, run["admin_key"]):
        _try_it(console, endpoint)
    else:
        console.print("There is no channel yet, and so nothing to ask for. To begin, import one:\n")
        console.print(
            f"  cat > begin.jsonl <<'JSONL'\n{BEGINNING}JSONL", markup=False, soft_wrap=True
        )
        command = _import_into(run_file.parent)
        console.print(f"  {command} begin.jsonl\n", markup=False, soft_wrap=True)
        console.print("The rest is in docs/bulk-format.md.")
    console.print("\nCtrl-C stops everything.\n")


def _import_into(home: Path) -> str:
    """Return the command that imports into this very home, from wherever it is pasted."""
    command = Path(sys.executable).with_name("vitrine")
    return f"VITRINE_HOME={shlex.quote(str(home.absolute()))} {shlex.quote(str(command))} import"


def _has_channel(endpoint: str, admin_key: str) -> bool:
    headers = {"Authorization": f"Bearer {admin_key}"}
    asked = {"query": "{ channels { code } }"}
    answer = httpx2.post(endpoint, json=asked, headers=headers, timeout=20)
    return not answer.is_success or bool(answer.json()["data"]["channels"])


def _try_it(console: Console, endpoint: str) -> None:
    console.print("Try a query:\n")
    body = json.dumps({"query": _SAMPLE})
    console.print(
        f"  curl -s {endpoint} -H 'Content-Type: application/json' -d '{body}'", markup=False
    )
    image = _first_image(endpoint)
    if image is not None:
        console.print("\nand open an image:\n")
        console.print(f"  {image}", markup=False)


def _first_image(endpoint: str) -> str | None:
    """Return the first image that the query gives; a catalogue of one's own may have none."""
    answer = httpx2.post(endpoint, json={"query": _SAMPLE}, timeout=20)
    if not answer.is_success or "errors" in answer.json():
        return None
    for product in answer.json()["data"]["products"]["nodes"]:
        if product["hero"]:
            url: str = product["hero"]["image"]["url"]
            return url
    return None
