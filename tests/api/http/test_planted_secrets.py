"""Marked secrets are planted everywhere, and nothing that comes out holds one."""

import base64
from pathlib import Path

import httpx2

from catalog.db import Pool
from tests.api.shop import Shop
from tests.support.databases import PASSWORD
from tests.support.ports import free_port
from tests.support.processes import run_vitrine, wait_until_ready
from tests.support.stage import master_key_text

MARK = "planted-7f3k2cq9-secret"
_S3 = f"{MARK}-s3"
CHANGE = 'mutation { withdrawAsset(assetId: "%s", reason: "x") { errors { message } } }'


async def test_nothing_that_comes_out_holds_a_secret(
    shop: Shop, pool: Pool, process_database_url: str, tmp_path: Path
) -> None:
    asset = await shop.asset()
    key = (await shop.key("admin"))["Authorization"].removeprefix("Bearer ")
    port = free_port()
    log = tmp_path / "api.log"
    env = {
        "VITRINE_HOME": f"{tmp_path}",
        "VITRINE_DATABASE_URL": process_database_url,
        "VITRINE_MASTER_KEY": master_key_text(),
        "VITRINE_API_PORT": f"{port}",
        "VITRINE_API_BASE": f"http://127.0.0.1:{port}",
        "VITRINE_S3_ACCESS_KEY": f"{MARK}-access",
        "VITRINE_S3_SECRET_KEY": _S3,
        "VITRINE_LOG_LEVEL": "debug",
    }
    planted = [
        *(MARK, key, PASSWORD + "@", master_key_text()),
        *(base64.b64decode(master_key_text()).hex(), base64.b64encode(key.encode()).decode()),
    ]
    said: list[str] = []
    with run_vitrine("api", env=env, log=log) as process:
        base = f"http://127.0.0.1:{port}"
        wait_until_ready(base, process)
        async with httpx2.AsyncClient(base_url=base) as http:
            said += await _answers(http, key, CHANGE % asset.public_id)
    said.append(log.read_text())
    assert '"process"' in said[-1]
    async with pool.acquire() as conn:
        said += [
            f"{row[0]}"
            for table in ("audit", "event", "api_key", "shared_setting", "signing_key", "session")
            for row in await conn.fetch(f"SELECT t::text FROM {table} AS t")  # noqa: S608 - our own text
        ]
        assert await conn.fetchval("SELECT count(*) FROM audit WHERE address IS NOT NULL") == 1
    for secret in planted:
        assert not [text for text in said if secret in text], secret


def _all_of(response: httpx2.Response) -> str:
    assert response.status_code < 500, response.text
    return f"{dict(response.headers)} {response.text}"


async def _answers(http: httpx2.AsyncClient, key: str, change: str) -> list[str]:
    """Ask for everything that is given a secret, right or wrong."""
    said: list[str] = []
    graphql = {
        f"Bearer {key}": change,
        f"Bearer {MARK}": "{ __typename }",
        f"Basic {MARK}": "{ __typename }",
    }
    for authorization, query in graphql.items():
        headers = {"Authorization": authorization, "Cookie": f"vitrine_session={MARK}"}
        said += [
            _all_of(await http.post("/graphql", json={"query": each}, headers=headers))
            for each in (query, "{ nothing", [1])
        ]
    fields = {"name": "administrator", "password": MARK, "code": MARK, "link": MARK}
    said.append(_all_of(await http.post("/login", data=fields)))
    said.append(_all_of(await http.get("/account", headers={"Cookie": f"vitrine_session={MARK}"})))
    bearer = {"Authorization": f"Bearer {MARK}"}
    said.append(_all_of(await http.get("/scim/v2/Users", headers=bearer)))
    said += [_all_of(await http.get(path)) for path in ("/metrics", "/health/ready")]
    return said
