"""An identity provider on loopback, that can also lie: OpenID Connect with PKCE over real HTTP."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.serve import serve

CLIENT = "vitrine"


class IdP:
    """Logs everybody in as Ada at once; `lies` go into the next tokens."""

    def __init__(self) -> None:
        self.issuer = ""
        self.keys: list[RSAKey | ECKey] = [_rsa("first")]
        self.claims: dict[str, Any] = {
            "sub": "ada-at-idp",
            "email": "ada@shop.test",
            "email_verified": True,
        }
        self.lies: dict[str, Any] = {}
        self.signs_with: RSAKey | None = None
        self.is_broken = False
        self.asked_for_keys = 0
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def rotate(self) -> None:
        """Sign by another key from now on; the one before is gone."""
        self.keys = [ECKey.generate_key("P-256", parameters={"kid": "second"})]

    def token(self, **claims: object) -> str:
        """Sign claims."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **self.claims}
        said |= claims | self.lies
        key = self.signs_with or self.keys[0]
        algorithm = {"RSA": "RS256", "EC": "ES256"}[key.key_type]
        header = {"alg": algorithm, "kid": key.kid or ""}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(header, said, key, algorithms=[algorithm])

    async def _metadata(self, _: Request) -> Response:
        if self.is_broken:
            return Response(status_code=502)
        return JSONResponse({
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        })

    async def _keys(self, _: Request) -> Response:
        self.asked_for_keys += 1
        return JSONResponse(KeySet([*self.keys]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        sent = dict(parse_qsl((await request.body()).decode()))
        asked = self._codes.get(sent["code"])
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        challenge = _base64(digest)
        if (
            self.is_broken
            or asked is None
            or challenge != asked["code_challenge"]
            or sent["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 502 if self.is_broken else 400)
        token = self.token(nonce=asked["nonce"])
        return JSONResponse({"id_token": token, "access_token": "x", "token_type": "Bearer"})


def _rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


def forger() -> RSAKey:
    """Make a key that the provider never had, under the name of one that it has."""
    return _rsa("first")


def by_shared_secret(body: str, secret: str) -> str:
    """Sign a body by HS256 with a secret that is none, such as the text of a public key."""
    head = _base64(b'{"alg":"HS256","kid":"first"}')
    mac = hmac.digest(secret.encode(), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{_base64(mac)}"


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@asynccontextmanager
async def run_idp() -> AsyncGenerator[IdP]:
    """Run one."""
    idp = IdP()
    async with serve(idp.app) as url:
        idp.issuer = url
        yield idp
