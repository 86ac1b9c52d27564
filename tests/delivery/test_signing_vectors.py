"""The signing recipe for other languages: its vectors are what it gives, and what Vitrine takes."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.delivery.model import Claims, Preset, Recipe
from catalog.delivery.tokens import SigningKey, sign, staff_window, verify, web_window
from catalog.delivery.urls import parse_path
from catalog.errors import VitrineError
from catalog.ids import from_base36, to_base36
from gateway.delivery_request import read_claims, read_path, token_of
from tests.delivery import signing_recipe as recipe
from tests.support.processes import ROOT

VECTORS: Mapping[str, Any] = json.loads((ROOT / "docs" / "signing-vectors.json").read_text())
SECRETS = {each["kid"]: recipe.secret_of(each["secret"]) for each in VECTORS["keys"]}
KEYS = {kid: SigningKey(kid, secret) for kid, secret in SECRETS.items()}


def named(vector: Mapping[str, Any]) -> str:
    return vector.get("name", "")


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def claims_of(vector: Mapping[str, Any]) -> Claims:
    said = dict(vector["claims"])
    window = (instant(said.pop(name)) for name in ("not_before_s", "expires_at_s"))
    not_before, expires_at = window
    return Claims(kid=vector["kid"], not_before=not_before, expires_at=expires_at, **said)


def test_the_keys_are_derived_as_the_recipe_says() -> None:
    for each in VECTORS["keys"]:
        assert recipe.derived_key(SECRETS[each["kid"]]).hex() == each["derived_hex"]


def test_numbers_have_one_text() -> None:
    for each in VECTORS["base36"]:
        assert recipe.base36(each["number"]) == to_base36(each["number"]) == each["text"]
        assert from_base36(each["text"]) == each["number"]


@pytest.mark.parametrize("vector", VECTORS["windows"])
def test_the_window_of_a_web_token_is_the_same_everywhere(vector: Mapping[str, Any]) -> None:
    asset, now_s = vector["asset"], vector["now_s"]
    window_s, min_life_s = vector["window_s"], vector["min_life_s"]
    expected = vector["not_before_s"], vector["expires_at_s"]

    assert recipe.offset_s(asset, window_s) == vector["offset_s"]
    assert recipe.web_instants(asset, now_s, window_s, min_life_s) == expected
    ours = web_window(asset, instant(now_s), window_s=window_s, min_life_s=min_life_s)
    assert ours == tuple(map(instant, expected))


@pytest.mark.parametrize("vector", VECTORS["tokens"], ids=named)
def test_the_recipe_signs_what_vitrine_signs_and_takes(vector: Mapping[str, Any]) -> None:
    kid, claims = vector["kid"], claims_of(vector)
    payload = recipe.payload_of(kid, vector["claims"])
    token = recipe.token_of(payload, SECRETS[kid])
    path = recipe.path_of(claims.asset, vector["rendition"])

    assert (payload, token) == (vector["payload"], vector["token"])
    assert f"{VECTORS['media_base']}{path}?t={token}" == vector["url"]
    assert sign(claims, KEYS[kid]) == token
    assert verify(token, KEYS.get, instant(vector["now_s"])) == claims
    assert str(parse_path(path)) == path
    if claims.audience == "staff":
        assert staff_window(instant(vector["now_s"])) == (claims.not_before, claims.expires_at)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=named)
def test_what_is_wrong_in_one_thing_is_refused_with_its_code(vector: Mapping[str, Any]) -> None:
    preset = Preset(
        code="any",
        version=1,
        audience=vector["preset_audience"],
        recipe=Recipe(widths_px=(640,)),
        lifetime_s=60,
    )
    with pytest.raises(VitrineError) as refused:
        read_claims(
            token_of(vector["query"]),
            read_path(vector["path"]),
            preset,
            KEYS.get,
            instant(vector["now_s"]),
        )
    assert refused.value.code == vector["code"]


def test_every_field_of_a_payload_is_in_the_document_in_its_place() -> None:
    document = (ROOT / "docs" / "signing.md").read_text()
    (example,) = re.findall(r"^k1\.\S+$", document, re.MULTILINE)
    assert example == VECTORS["tokens"][0]["payload"]
