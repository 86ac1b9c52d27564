"""Secrets that are planted in settings, and servers that repeat them when they refuse."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlsplit

import httpx2
from graphql import (
    build_schema,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.ports import free_port
from tests.support.processes import ROOT
from tests.support.s3_server import S3Server
from tests.support.serve import serve
from tests.support.stage import master_key_text

INTERNAL = 500
#: Of a master key in base64.
MASTER_KEY_LENGTH = 44
_DEPTH = 3


def marked(name: str) -> str:
    return f"planted-{name}-7f3k2cq9"


@dataclass
class Planted:
    """The secrets that were planted, by what each is for, and what came out."""

    secrets: dict[str, str] = field(default_factory=dict[str, str])
    said: dict[str, str] = field(default_factory=dict[str, str])

    def plant(self, name: str, secret: str | None = None) -> str:
        """Return a secret that must not come out."""
        self.secrets[name] = secret or marked(name)
        return self.secrets[name]

    def hears(self, where: str, text: object) -> None:
        self.said[f"{where} ({len(self.said)})"] = f"{text}"

    def answered(self, where: str, answer: httpx2.Response) -> None:
        self.hears(where, f"{dict(answer.headers)} {answer.text}")
        assert answer.status_code != INTERNAL, f"{where}: a part that is away is no error of ours"

    def leaks(self) -> list[str]:
        return [
            f"{name} in {where}"
            for name, secret in self.secrets.items()
            for where, text in self.said.items()
            if any(form in text for form in forms(secret))
        ]


def forms(secret: str) -> set[str]:
    """Return how a secret may be written."""
    raw = base64.b64decode(secret) if len(secret) == MASTER_KEY_LENGTH else secret.encode()
    return {secret, quote(secret, safe=""), base64.b64encode(raw).decode(), raw.hex(), f"{raw}"}


class Others:
    """All that processes ask but PostgreSQL: it repeats what it heard, and refuses."""

    def __init__(self) -> None:
        self.base = ""
        self.heard: list[str] = []
        self.traces: list[bytes] = []

    async def collect(self, request: Request) -> Response:
        self.traces.append(await request.body())
        return Response()

    async def provider(self, _: Request) -> Response:
        names = ("authorization_endpoint", "token_endpoint")
        return JSONResponse({
            "issuer": self.base,
            "jwks_uri": f"{self.base}/keys",
            **{name: f"{self.base}/{name}" for name in names},
        })

    async def keys(self, _: Request) -> Response:
        key = ECKey.generate_key("P-256", parameters={"kid": "theirs"})
        return JSONResponse(KeySet([key]).as_dict(private=False))

    async def refuse(self, request: Request) -> Response:
        body = (await request.body()).decode(errors="replace")
        heard = f"{request.method} {request.url} {dict(request.headers)} {body}"
        self.heard.append(heard)
        return Response(heard, 401, {"WWW-Authenticate": "Bearer"})


@asynccontextmanager
async def run_others() -> AsyncGenerator[Others]:
    others = Others()
    every = ["GET", "POST", "PUT", "HEAD", "DELETE", "PURGE", "PURGEKEYS"]
    routes = [
        Route("/v1/traces", others.collect, methods=["POST"]),
        Route("/.well-known/openid-configuration", others.provider),
        Route("/keys", others.keys),
        Route("/{rest:path}", others.refuse, methods=every),
    ]
    async with serve(Starlette(routes=routes)) as others.base:
        yield others


def questions() -> list[str]:
    """Return a query for each root field that takes no argument, with all that is below it."""
    schema = build_schema((ROOT / "schema.graphql").read_text())
    assert schema.query_type is not None
    return [
        f"{{ {name}{_selection(field.type, _DEPTH)} }}"
        for name, field in schema.query_type.fields.items()
        if not any(map(is_required_argument, field.args.values()))
    ]


def _selection(of: Any, depth: int) -> str:  # noqa: ANN401 - a type of graphql-core
    named = cast("Any", get_named_type(of))
    if not is_object_type(named):
        return "" if is_leaf_type(named) else " { __typename }"
    fields = [
        f"{name}{_selection(field.type, depth - 1)}"
        for name, field in named.fields.items()
        if not any(map(is_required_argument, field.args.values()))
        if depth or is_leaf_type(get_named_type(field.type))
    ]
    return f" {{ {' '.join(fields or ['__typename'])} }}"


def drivers(planted: Planted, base: str) -> list[dict[str, object]]:
    """Return the purge drivers, one of each kind."""
    plant = planted.plant
    key = base64.b64encode(marked("webhook").encode()).decode()
    password = plant("hook-password")
    zone = {"zone": "0" * 32, "api_url": base, "token": plant("cloudflare")}
    service = {"service": "abc", "api_url": base, "token": plant("fastly")}
    distribution = {
        "distribution": "E1",
        "endpoint_url": base,
        "access_key": plant("cloudfront-id"),
        "secret_key": plant("cloudfront"),
    }
    hook = {
        "secret": plant("webhook", f"whsec_{key}"),
        "url": f"{base.replace('://', f'://u:{password}@')}/hook",
    }
    return [
        {"name": "varnish", "kind": "varnish", "nodes": [base], "secret": plant("varnish")},
        {"name": "fastly", "kind": "fastly", **service},
        {"name": "cloudflare", "kind": "cloudflare", **zone},
        {"name": "cloudfront", "kind": "cloudfront", **distribution},
        {"name": "hook", "kind": "webhook", **hook},
    ]


def environment(
    planted: Planted, others: Others, s3: S3Server, database_url: str
) -> dict[str, str]:
    """Return the settings of all processes, a secret in each that takes one."""
    plant, base = planted.plant, others.base
    former = base64.b64encode(marked("former-key")[:32].ljust(32, "-").encode()).decode()
    hop = {"name": "edge", "networks": ["127.0.0.1/32"], "secret": plant("hop-secret-of-edge")}
    login, gateway = (
        database_url.replace(urlsplit(database_url).netloc.rpartition("@")[0], f"{user}:{password}")
        for user, password in (
            ("planted_process", plant("database")),
            ("planted_gateway", plant("gateway-database")),
        )
    )
    return {
        "DATABASE_URL": login,
        "GATEWAY_DATABASE_URL": gateway,
        "MASTER_KEY": plant("master-key", master_key_text()),
        "FORMER_MASTER_KEYS": plant("former-master-key", former),
        "REDIS_URL": f"redis://:{plant('redis')}@127.0.0.1:{free_port()}/0",
        "STORE_URL": f"s3://{s3.make_bucket('planted')}",
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": plant("s3-id"),
        "S3_SECRET_KEY": plant("s3"),
        "OIDC_ISSUER": base,
        "OIDC_AUDIENCE": "services",
        "OIDC_CLIENT_SECRET": plant("oidc"),
        "PURGE_DRIVERS": json.dumps(drivers(planted, base)),
        "TRUSTED_HOPS": json.dumps([hop]),
        "OTLP_ENDPOINT": base.replace("://", f"://u:{plant('otlp')}@"),
        "TRACE_SHARE": "1",
        "LOG_LEVEL": "debug",
    }
