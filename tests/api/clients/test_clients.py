"""Clients in use, and clients generated from the exported schema, understand a running api."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import httpx2
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
async def arguments(http: httpx2.AsyncClient, shop: Shop, hero: StagedAsset) -> tuple[str, ...]:
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


#: The script of each client of `javascript`; those that have a compiler are built first.
NODE = {
    "urql": "urql.js",
    "apollo": "apollo.js",
    "graphql-request": "graphql-request.js",
    "relay": "built/relay.js",
    "houdini": "built/houdini.js",
}
#: What each prints: two pages, and the first once more.
SEEN = {
    "en-US": {"first": ["Apple", "Bench"], "second": ["Cup"], "refetched": ["Apple", "Bench"]},
    "de-DE": {"first": ["Apfel", "Bank"], "second": ["Tasse"], "refetched": ["Apfel", "Bank"]},
}


@pytest.fixture
def javascript(tmp_path: Path) -> Path:
    """A folder with the clients in JavaScript; those of compilers are compiled."""
    folder = folder_of("javascript", tmp_path)
    packages = npm_packages(folder) / "node_modules"
    (folder / "node_modules").symlink_to(packages)
    run("node_modules/.bin/relay-compiler", "--noWatchman", folder=folder)
    # Houdini's compiler needs a newer Node than many have; its runtime does not
    path = f"PATH={packages}/.bin:{os.environ['PATH']}"
    generate("env", path, "node", "node_modules/.bin/houdini", "generate", folder=folder)
    bundle = ("--bundle", "--platform=node", "--format=esm", "--outdir=built")
    run("node_modules/.bin/esbuild", "relay.js", "houdini.js", *bundle, folder=folder)
    return folder


def generate(*command: str, folder: Path) -> None:
    """Run Houdini's compiler: it takes 4 s, or two of its processes wait 120 s for each other."""
    for is_last in (False, False, False, True):
        try:
            run("timeout", "30", *command, folder=folder)
        except AssertionError:
            if is_last:
                raise
        else:
            return


async def test_clients_as_they_come_read_each_page_again_and_again_in_their_context(
    javascript: Path, http: httpx2.AsyncClient, shop: Shop
) -> None:
    for sku, english, german in (
        ("A", "Apple", "Apfel"),
        ("B", "Bench", "Bank"),
        ("C", "Cup", "Tasse"),
    ):
        name = attribute("name", "text", ("en-US", None, english), ("de-DE", None, german))
        await shop.put(Product(sku, "SIMPLE"), name)
    headers = await shop.key("read")
    secret = headers["Authorization"].removeprefix("Bearer ")
    gql = python_packages(HERE / "gql_client" / "requirements.txt") / "bin" / "python"
    commands = {name: ("node", script) for name, script in NODE.items()}
    commands["gql"] = (str(gql), str(HERE / "gql_client" / "products.py"))
    printed = await asyncio.gather(
        *(
            asyncio.to_thread(run, *command, f"{http.base_url}/graphql", secret, folder=javascript)
            for command in commands.values()
        )
    )
    seen = {name: json.loads(each) for name, each in zip(commands, printed, strict=True)}
    assert seen == dict.fromkeys(commands, SEEN)
