"""Clients that are generated from the exported schema compile, and understand a running api."""

import asyncio
import json
import shutil
from pathlib import Path

import httpx
import pytest

from tests.api.shop import Product, Shop, attribute
from tests.support.installed import npm_packages, python_packages, run
from tests.support.processes import ROOT
from tests.support.stage import StagedAsset

HERE = Path(__file__).parent


@pytest.fixture
async def hero(shop: Shop) -> StagedAsset:
    """The one picture of a lamp."""
    name = attribute("name", "text", ("en-US", None, "Lamp"), ("de-DE", None, "Leuchte"))
    lamp = await shop.put(Product("LAMP", "SIMPLE"), name)
    hero = await shop.asset()
    await shop.link(lamp, hero, "hero")
    return hero


@pytest.fixture
async def arguments(http: httpx.AsyncClient, shop: Shop, hero: StagedAsset) -> tuple[str, ...]:
    """What each client is told: the address, a key's secret, the id of an asset."""
    headers = await shop.key("read", "manage.rights")
    secret = headers["Authorization"].removeprefix("Bearer ")
    return f"{http.base_url}/graphql", secret, hero.public_id


def folder_of(client: str, tmp_path: Path) -> Path:
    """Copy a client with the schema and the operations that its types are generated from."""
    folder = tmp_path / client
    shutil.copytree(HERE / client, folder)
    shutil.copy(HERE / "operations.graphql", folder)
    shutil.copy(ROOT / "schema.graphql", folder)
    return folder


@pytest.fixture
def typescript(tmp_path: Path) -> Path:
    """A folder with the compiled TypeScript client."""
    folder = folder_of("typescript", tmp_path)
    (folder / "node_modules").symlink_to(npm_packages(folder) / "node_modules")
    run("node_modules/.bin/graphql-codegen", "--config", "codegen.yml", folder=folder)
    run("node_modules/.bin/tsc", "--project", ".", folder=folder)
    return folder


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder with the Python client, and its virtual environment as `venv`."""
    folder = folder_of("python", tmp_path)
    (folder / "venv").symlink_to(python_packages(folder / "requirements.txt"))
    run("venv/bin/python", "-m", "ariadne_codegen", folder=folder)
    return folder


async def understands(hero: StagedAsset, *command: str, folder: Path) -> None:
    """Run a client beside the api, which answers in this very process."""
    said = json.loads(await asyncio.to_thread(run, *command, folder=folder))
    assert said == {
        "name": "Leuchte",
        "kind": "SIMPLE",
        "locale": "de-DE",
        "types": ["image/avif", "image/webp", "image/jpeg", "image/png"],
        "withdrawn": hero.public_id,
        "refused": ["NOT_FOUND"],
    }


# what is compiled stands first, so that the api does not wait for it
async def test_a_typescript_client_by_graphql_codegen_is_strict_and_understands_the_api(
    typescript: Path, arguments: tuple[str, ...], hero: StagedAsset
) -> None:
    await understands(hero, "node", "built/client.js", *arguments, folder=typescript)


async def test_a_python_client_by_ariadne_codegen_understands_the_api(
    python: Path, arguments: tuple[str, ...], hero: StagedAsset
) -> None:
    await understands(hero, "venv/bin/python", "client.py", *arguments, folder=python)
