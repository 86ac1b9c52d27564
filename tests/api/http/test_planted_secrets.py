"""Marked secrets are planted everywhere, everything fails, and nothing that comes out has one.

The api, the gateway, the purger, the relay and commands run for real, and log all that they can.
Whatever they ask besides PostgreSQL is refused, by answers that repeat what was asked.
"""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from catalog.access.assignments import give_role
from catalog.access.scim import create_token
from catalog.access.session_model import Login, SessionTimes
from catalog.access.sessions import begin_session, create_login_link
from catalog.db import Pool
from catalog.jobs import Job, defer
from catalog.work import commands as work
from tests.api.http.planted import Others, Planted, environment, questions, run_others
from tests.api.shop import Shop
from tests.support.commands import vitrine
from tests.support.people import ADA
from tests.support.ports import free_port
from tests.support.processes import run_vitrine, wait_until_ready
from tests.support.s3_server import S3Server
from tests.support.stage import StagedAsset
from tests.support.waiting import eventually
from vitrine.settings import Settings

PROCESSES = ("api", "gateway", "purger", "relay")
DRIVERS = 5
MOST_ANSWERED = 0.8
#: What the others heard as it is: so they were asked, and what they answered held it.
HEARD = ("varnish", "fastly", "cloudflare", "oidc-code")
HOUR = timedelta(hours=1)
UNAVAILABLE = 503
COMMANDS = (
    ("purge", "status"),
    ("settings",),
    ("key", "signing", "list"),
    ("key", "api", "list"),
    ("audit", "export"),
    ("audit", "verify"),
    ("user", "list"),
    ("replay",),
)
LOGINS_SQL = """
CREATE ROLE planted_process LOGIN PASSWORD '{}' IN ROLE vitrine_process;
CREATE ROLE planted_gateway LOGIN PASSWORD '{}' IN ROLE vitrine_gateway;
"""
#: The database refuses from now on.
ALLOW_SQL = "ALTER ROLE planted_process LOGIN; ALTER ROLE planted_gateway LOGIN"
REFUSE_SQL = "ALTER ROLE planted_process NOLOGIN; ALTER ROLE planted_gateway NOLOGIN"
END_SQL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'planted_%'"
TABLES_SQL = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
CHANGE = 'mutation { withdrawAsset(assetId: "%s", reason: "x") { errors { message } } }'
UPLOAD = 'mutation { createUpload(name: "a.jsonl") { upload { url } } }'
WORKS = "{ works { nodes { cause state } } }"


@dataclass
class PlantedHouse:
    """All processes at work, and what they are told that is secret."""

    planted: Planted
    others: Others
    shop: Shop
    pool: Pool
    asset: StagedAsset
    env: Mapping[str, str]
    home: Path
    ports: Mapping[str, int]
    bearer: dict[str, str] = field(default_factory=dict[str, str])
    upload: str = ""

    def base(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def command(self, *arguments: str) -> None:
        """Run a command, and keep what it says."""
        settings = {name.lower(): value for name, value in self.env.items() if name != "HOME"}
        done = vitrine(*arguments, home=self.home, **settings)
        self.planted.hears(f"vitrine {' '.join(arguments)}", done.stdout + done.stderr)

    async def know(self, http: httpx2.AsyncClient) -> None:
        """Make what clients prove themselves by, and have a file announced."""
        plant, stage = self.planted.plant, self.shop.stage
        self.bearer = await self.shop.key("admin")
        plant("api-key", self.bearer["Authorization"].removeprefix("Bearer "))
        async with stage.changes.begin(ADA) as change:
            await give_role(change, ADA.id, "administrator")
            plant("scim-token", await create_token(change))
            plant("login-link", await create_login_link(change, ADA.id))
            session = await begin_session(
                change, ADA.id, login=Login.LINK, times=SessionTimes(lasts=HOUR, idle=HOUR)
            )
            plant("session", session.secret)
        plant("delivery-token", stage.token(self.asset))
        plant("signing-key", stage.keys.active.secret.hex())
        asked = await self.post(http, UPLOAD)
        url: str = asked.json()["data"]["createUpload"]["upload"]["url"]
        self.upload = plant("upload-link", url.rpartition("/")[2])

    async def post(self, http: httpx2.AsyncClient, query: str) -> httpx2.Response:
        """Ask the graph as an administrator."""
        return await http.post(
            f"{self.base('api')}/graphql", json={"query": query}, headers=self.bearer
        )

    async def work(self) -> None:
        """Give the relay a file that it cannot fetch, for the last time, and the audit to seal."""
        async with self.shop.stage.changes.begin(ADA) as change:
            upload = await work.announce_upload(change, "a.jsonl")
            await work.receive_upload(change, upload, 1)
            args: dict[str, Any] = {
                "file": upload.public_id,
                "mapping": None,
                "uploads": [upload.public_id],
            }
            await work.start_work(
                change, work.IMPORT, {**args, "publish": [], "strict_gtin": False}
            )
            await change.conn.execute("UPDATE procrastinate_jobs SET attempts = 99")
            await defer(change.conn, Job(queue="audit", task="audit:seal", args={"timestamp": 0}))

    async def ask_the_api(self, http: httpx2.AsyncClient) -> None:
        """Ask for everything that is given a secret, right or wrong."""
        base, secrets, answered = self.base("api"), self.planted.secrets, self.planted.answered
        wrong, token = self.planted.plant("wrong-key"), f"eyJ{self.planted.plant('claims')}.x.y"
        cookie = {"Cookie": f"vitrine_session={secrets['session']}"}
        for headers in (
            self.bearer,
            cookie,
            {"Authorization": f"Bearer {wrong}"},
            {"Authorization": f"Basic {wrong}"},
            {"Authorization": f"Bearer {token}"},
            {"X-Vitrine-Hop-Secret": secrets["hop-secret-of-edge"]},
        ):
            for asked in ({"query": WORKS}, {"query": "{ nothing"}, [1], {"query": "{ _ }"}):
                answered("graphql", await http.post(f"{base}/graphql", json=asked, headers=headers))
        for scim in (secrets["scim-token"], wrong):
            bearer = {"Authorization": f"Bearer {scim}"}
            answered("scim", await http.get(f"{base}/scim/v2/Users?filter={wrong}", headers=bearer))
        answered("upload", await http.put(f"{base}/files/{self.upload}", content=b"{}"))
        answered("upload", await http.get(f"{base}/files/{self.upload}"))
        none = {"Cookie": f"vitrine_session={wrong}"}
        answered("account", await http.get(f"{base}/account", headers=none))
        await self._log_in(http, base)

    async def ask_all(self, http: httpx2.AsyncClient) -> None:
        """Ask an administrator's questions, one of each kind."""
        answers = [await self.post(http, each) for each in questions()]
        for each in answers:
            self.planted.answered("graphql", each)
        assert sum("errors" not in each.json() for each in answers) > MOST_ANSWERED * len(answers)

    async def _log_in(self, http: httpx2.AsyncClient, base: str) -> None:
        plant, answered = self.planted.plant, self.planted.answered
        link = {"link": self.planted.secrets["login-link"]}
        page = await http.get(f"{base}/login", params=link)  # its form holds the link again
        token = page.text.partition('name="token" value="')[2].partition('"')[0]
        typed = {"name": "administrator", "password": plant("password"), "code": plant("code")}
        for fields in (typed, {**typed, "token": token}, {**link, "token": token}):
            answer = await http.post(f"{base}/login", data=fields)
            if "set-cookie" not in answer.headers:  # else it holds the session, for the browser
                answered("login", answer)
        there = await http.get(f"{base}/login/oidc")
        if "location" not in there.headers:
            answered("login", there)
            return
        state = parse_qs(urlsplit(there.headers["location"]).query)["state"][0]
        back = {"code": plant("oidc-code"), "state": plant("oidc-state", state)}
        answered("login", await http.get(f"{base}/login/oidc/callback", params=back))

    async def ask_the_gateway(self, http: httpx2.AsyncClient) -> None:
        base, token = self.base("gateway"), self.planted.secrets["delivery-token"]
        path = self.shop.stage.path(self.asset)
        hop = {"X-Vitrine-Hop-Secret": self.planted.secrets["hop-secret-of-edge"]}
        for way in (f"{path}?t={token}", f"{path}?t={token[:-1]}", f"{path}/{token}"):
            answer = await http.get(f"{base}{way}", headers=hop)
            if "location" not in answer.headers:  # that leads to what was asked, with the token
                self.planted.answered("gateway", answer)

    async def look(self, http: httpx2.AsyncClient) -> None:
        for name in PROCESSES:
            for path in ("/metrics", "/health/live", "/health/ready"):
                self.planted.answered(name, await http.get(f"{self.base(name)}{path}"))

    async def drivers_failed(self) -> bool:
        return await self.pool.fetchval("SELECT count(last_error) FROM purge_driver") == DRIVERS

    async def work_failed(self) -> bool:
        return await self.pool.fetchval("SELECT cause IS NOT NULL FROM work")

    async def all_refuse(self) -> bool:
        async with httpx2.AsyncClient() as http:
            ready = [await http.get(f"{self.base(name)}/health/ready") for name in PROCESSES]
        return all(each.status_code == UNAVAILABLE for each in ready)

    async def look_at_rest(self) -> None:
        """Look at every table, and at what was traced."""
        async with self.pool.acquire() as conn:
            for (table,) in await conn.fetch(TABLES_SQL):
                for (row,) in await conn.fetch(f'SELECT t::text FROM "{table}" AS t'):  # noqa: S608 - its own name
                    self.planted.hears(f"table {table}", row)
        for body in self.others.traces:
            self.planted.hears("traces", body.decode("latin-1"))

    def look_at_files(self) -> None:
        """Look at all that processes wrote into their home, logs among it."""
        for path in self.home.rglob("*"):
            if path.is_file():
                self.planted.hears(f"file {path.name}", path.read_bytes().decode("latin-1"))

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Run all processes, with logins to the database that end with them."""
        secrets = self.planted.secrets
        logins = LOGINS_SQL.format(secrets["database"], secrets["gateway-database"])
        await self.pool.execute(logins)
        variables = {f"VITRINE_{name}": value for name, value in self.env.items()}
        running, started = ExitStack(), dict[str, "subprocess.Popen[bytes]"]()
        try:
            started = {
                name: running.enter_context(
                    run_vitrine(name, env=variables, log=self.home / f"{name}.log")
                )
                for name in PROCESSES
            }
            for name, process in started.items():
                await asyncio.to_thread(wait_until_ready, self.base(name), process)
            yield
        finally:
            await self.pool.execute(ALLOW_SQL)  # a worker that cannot say goodbye tries for long
            for process in started.values():
                process.terminate()
            await asyncio.to_thread(running.close)
            await self.pool.execute("DROP ROLE planted_process, planted_gateway")

    async def refuse(self) -> None:
        """Let the database refuse from now on whoever is connected."""
        await self.pool.execute(REFUSE_SQL)
        await self.pool.execute(END_SQL)  # once nobody may log in again


async def test_nothing_that_comes_out_holds_a_secret(
    shop: Shop, pool: Pool, s3: S3Server, process_database_url: str, tmp_path: Path
) -> None:
    planted, home, asset = Planted(), tmp_path / "home", await shop.asset()
    home.mkdir()
    ports = {name: free_port() for name in PROCESSES}
    async with run_others() as others, httpx2.AsyncClient(timeout=30) as http:
        env = environment(planted, others, s3, process_database_url)
        takes_one = {
            name.upper()
            for name, setting in Settings.model_fields.items()
            if "SecretStr" in repr(setting.annotation)
        }
        assert takes_one <= env.keys()
        env |= {f"{name.upper()}_PORT": f"{port}" for name, port in ports.items()}
        env |= {"HOME": f"{home}", "API_BASE": f"http://127.0.0.1:{ports['api']}"}
        house = PlantedHouse(planted, others, shop, pool, asset, env, home, ports)
        async with house.at_work():
            await house.know(http)
            await http.post(f"{s3.endpoint_url}/moto-api/reset")  # the bucket is gone
            await house.work()
            planted.answered("graphql", await house.post(http, CHANGE % asset.public_id))
            await eventually(house.drivers_failed, within_s=30)
            await eventually(house.work_failed, within_s=30)
            for ask in (house.ask_all, house.ask_the_api, house.ask_the_gateway, house.look):
                await ask(http)
            for words in COMMANDS:
                await asyncio.to_thread(house.command, *words)
            await house.refuse()
            await eventually(house.all_refuse, within_s=30)
            for ask in (house.ask_the_api, house.ask_the_gateway, house.look):
                await ask(http)
            await asyncio.to_thread(house.command, "purge", "status")
        await house.look_at_rest()
        house.look_at_files()
    heard = "".join(others.heard)
    assert [name for name in HEARD if planted.secrets[name] not in heard] == []
    assert others.traces
    assert planted.leaks() == []
