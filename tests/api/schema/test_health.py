"""How the house stands, as its processes say it in the database."""

from typing import Any

from pydantic import SecretStr

from api.schema.settings import HIDDEN, SettingSource, settings_of
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.model import GatewayIdentity
from catalog.events.process_store import ProcessReport, describe_gateway, report_process
from catalog.ids import new_id
from tests.api.client import Client
from tests.api.shop import Shop
from vitrine.settings import Settings, load_settings

HEALTH = """{ health {
  processes { kind version isReady isSilent problems { check message } feedLagSeconds }
  database { version mebibytes connections mostConnections } store { isReachable problem }
  queue { waiting oldestAt running failed } purges { due overdueSeconds }
  audit { sealedAt unsealed }
} }"""


def said(**problems: str) -> ProcessReport:
    return ProcessReport(
        version="1.0", host="here", started_at=utc_now(), feed_lag_s=0.1, problems=problems
    )


async def health(client: Client, headers: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    return (await client.data(HEALTH, headers=headers))["health"]


async def test_processes_database_store_and_queues_say_how_they_stand(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("admin")
    async with shop.pool.acquire() as conn:
        await report_process(conn, new_id(), "relay", said(queue="no tables"))
        await report_process(conn, new_id(), "purger", said())
        await conn.execute(
            "UPDATE process SET reported_at = clock_timestamp() - interval '31 s'"
            " WHERE kind = 'purger'"
        )
        await conn.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('q', 't', 'todo'), ('q', 't', 'failed')"
        )
    told = await health(client, headers)
    stand = {each["kind"]: (each["isReady"], each["isSilent"]) for each in told["processes"]}
    assert stand == {"API": (True, False), "PURGER": (False, True), "RELAY": (False, False)}
    (relay,) = [each for each in told["processes"] if each["kind"] == "RELAY"]
    assert relay["problems"] == [{"check": "queue", "message": "no tables"}]
    assert told["store"] == {"isReachable": True, "problem": None}
    queue = told["queue"]
    assert (queue["waiting"], queue["running"], queue["failed"]) == (1, 0, 1)
    assert queue["oldestAt"] is not None
    assert told["database"]["mebibytes"] > 1
    assert told["purges"] == {"due": 0, "overdueSeconds": 0.0}
    assert told["audit"]["sealedAt"] is None
    assert told["audit"]["unsealed"] > 0

    folder = shop.stage.store.local_path("a").parent
    folder.rmdir()
    folder.touch()  # what is no folder is no store
    told = await health(client, headers)
    assert told["store"]["isReachable"] is False
    assert told["store"]["problem"]


async def test_those_who_do_not_run_the_house_are_refused(client: Client, shop: Shop) -> None:
    for query in (HEALTH, "{ settings { name } }"):
        assert await client.code(query) == "UNAUTHENTICATED"
        assert await client.code(query, headers=await shop.key("manage.rights")) == "FORBIDDEN"


async def test_a_gateway_speaks_for_itself_alone(pool: Pool, gateway_pool: Pool) -> None:
    own, other = GatewayIdentity.new(), GatewayIdentity.new()
    async with gateway_pool.acquire() as conn:
        await conn.execute("SELECT gateway_report($1, secret => $2)", own.id, own.secret)
        await describe_gateway(conn, own, said())
        await describe_gateway(conn, GatewayIdentity(id=own.id, secret=other.secret), None)
        await describe_gateway(conn, other, said())  # the log does not know it
        assert [row["id"] for row in await pool.fetch("SELECT id FROM process")] == [own.id]
        await describe_gateway(conn, own, None)
    assert await pool.fetchval("SELECT count(*) FROM process") == 0


def test_settings_are_told_without_what_is_secret() -> None:
    drivers = [
        {"name": "cdn", "kind": "fastly", "service": "S1", "token": "planted-1" * 2},
        {
            "name": "hook",
            "kind": "webhook",
            "url": "https://u:planted-2@h.test/?k=planted-3",
            "secret": "QUJD" * 12,
        },
    ]
    hop = {
        "name": "hop",
        "networks": ["10.0.0.0/8"],
        "secret": "planted-5" * 4,
        "country_header": "X-Country",
    }
    settings: Settings = load_settings(
        database_url="postgresql://u:planted-6@h.test/db",
        purge_drivers=drivers,
        trusted_hops=[hop],
        s3_access_key="planted-7",
        s3_secret_key="planted-8",
        oidc_client_secret=SecretStr("planted-9"),
    )
    told = {
        each.name: each for each in settings_of(settings, {"VITRINE_DATABASE_URL": "postgres:"})
    }
    assert "planted" not in str(told)
    assert "QUJD" not in str(told)
    assert told["VITRINE_DATABASE_URL"].value == HIDDEN
    assert told["VITRINE_DATABASE_URL"].source is SettingSource.VARIABLE
    assert "S1" in (told["VITRINE_PURGE_DRIVERS"].value or "")
    assert (told["VITRINE_LEASE_S"].value, told["VITRINE_LEASE_S"].default) == ("1.0", "1.0")
    assert told["VITRINE_LEASE_S"].source is SettingSource.DEFAULT
    assert told["VITRINE_MEDIA_BASE"].source is SettingSource.DERIVED
    assert told["VITRINE_REDIS_URL"].value is None
