"""What settings say of CDNs and proxies in front is held against what those can do."""

import json

import pytest

from catalog.errors import SettingsError
from tests.support.processes import ROOT
from vitrine.settings import load_settings


def test_territory_vary_is_refused_where_vary_is_not_honoured() -> None:
    hop = {"name": "cdn", "networks": ["192.0.2.0/24"], "territory": "vary"}
    with pytest.raises(SettingsError, match="honours"):
        load_settings(trusted_hops=[hop])
    assert load_settings(trusted_hops=[{**hop, "honours_vary": True}])


def test_tiers_that_wait_for_each_other_are_refused() -> None:
    driver = {"kind": "varnish", "nodes": ["http://edge"], "secret": "0123456789abcdef"}
    drivers = [{"name": name, "after": after, **driver} for name, after in ("ab", "bc", "ca")]
    with pytest.raises(SettingsError, match="wait for each other"):
        load_settings(purge_drivers=drivers)


def test_a_hop_names_a_driver_that_exists() -> None:
    hop = {"name": "cdn", "networks": ["192.0.2.0/24"], "driver": "edge"}
    driver = {
        "name": "edge",
        "kind": "varnish",
        "nodes": ["http://127.0.0.1:6081"],
        "secret": "long enough a secret",
    }
    with pytest.raises(SettingsError, match="no purge driver edge"):
        load_settings(trusted_hops=[hop])
    assert load_settings(trusted_hops=[hop], purge_drivers=[driver])
    with pytest.raises(SettingsError):
        load_settings(purge_drivers=[{**driver, "secret": ""}])
    with pytest.raises(SettingsError, match="same name"):
        load_settings(purge_drivers=[driver, driver])


CDNS: dict[str, dict[str, str]] = {
    "fastly": {"service": "7i6HN3TK9wS159v2gPAZ8A", "token": "a token of the operator"},
    "cloudflare": {"zone": "0123456789abcdef" * 2, "token": "a token of the operator"},
    "cloudfront": {"distribution": "EDFDVBD6EXAMPLE"},
    "webhook": {"url": "https://purge.shop.example/", "secret": "whsec_0123456789abcdef"},
}


def cdn(kind: str, **changes: object) -> dict[str, object]:
    return {"name": "cdn", "kind": kind, **CDNS[kind], **changes}


def hop(**changes: object) -> dict[str, object]:
    return {"name": "front", "networks": ["192.0.2.0/24"], "driver": "cdn", **changes}


@pytest.mark.parametrize(
    ("kind", "honours"),
    [("fastly", True), ("cloudflare", True), ("cloudfront", False), ("webhook", False)],
)
def test_a_hop_may_not_claim_to_honour_vary_where_its_cdn_does_not(
    kind: str, *, honours: bool
) -> None:
    varying = {"trusted_hops": [hop(honours_vary=True)], "purge_drivers": [cdn(kind)]}
    if honours:
        assert load_settings(**varying).trusted_hops[0].honours_vary
        return
    with pytest.raises(SettingsError, match=f"honours_vary is refused.*`{kind}`"):
        load_settings(**varying)
    assert load_settings(trusted_hops=[hop()], purge_drivers=[cdn(kind)])


@pytest.mark.parametrize("kind", CDNS)
def test_a_hop_reads_a_targeted_header_as_its_cdn_does(kind: str) -> None:
    settings = load_settings(trusted_hops=[hop()], purge_drivers=[cdn(kind)])
    assert settings.trusted_hops[0].reads_targeted == (kind in {"cloudflare", "webhook"})


def test_a_fastly_that_was_taught_to_may_claim_it_and_a_cloudfront_may_not() -> None:
    claims = hop(reads_targeted=True)
    with pytest.raises(SettingsError, match="reads no CDN-Cache-Control"):
        load_settings(trusted_hops=[claims], purge_drivers=[cdn("cloudfront")])
    taught = load_settings(trusted_hops=[claims], purge_drivers=[cdn("fastly")])
    assert taught.trusted_hops[0].reads_targeted


def test_what_stands_behind_a_webhook_may_be_said_to_read_none() -> None:
    told = load_settings(trusted_hops=[hop(reads_targeted=False)], purge_drivers=[cdn("webhook")])
    assert not told.trusted_hops[0].reads_targeted


def test_a_country_that_cloudflare_keeps_out_of_its_keys_is_nothing_to_vary_by() -> None:
    varying = hop(territory="vary", honours_vary=True)
    with pytest.raises(SettingsError, match="out of its cache keys"):
        load_settings(trusted_hops=[varying], purge_drivers=[cdn("cloudflare")])
    own = {**varying, "country_header": "X-Country"}
    assert load_settings(trusted_hops=[own], purge_drivers=[cdn("cloudflare")])
    assert load_settings(trusted_hops=[varying], purge_drivers=[cdn("fastly")])


@pytest.mark.parametrize("page", ["docs/edges.md", "docs/purge-drivers.md"])
def test_every_driver_of_the_documentation_is_accepted(page: str) -> None:
    text = (ROOT / page).read_text().replace("…", "0123456789abcdef")
    examples = [json.loads(line) for line in text.splitlines() if line.startswith('{"name"')]
    assert {"fastly", "cloudflare", "cloudfront"} <= {example["kind"] for example in examples}
    for example in examples:
        assert load_settings(purge_drivers=[example])


def test_cloudflare_is_of_the_strictest_plan_unless_told() -> None:
    (driver,) = load_settings(purge_drivers=[cdn("cloudflare")]).purge_drivers
    assert driver.model_dump()["plan"] == "free"
    with pytest.raises(SettingsError):
        load_settings(purge_drivers=[cdn("cloudflare", plan="unlimited")])


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("fastly", {"token": "hunter2hunter2hunter2\n"}),
        ("fastly", {"token": "hunter2hunter2hunter2\u00e9"}),
        ("fastly", {"service": "a/b"}),
        ("fastly", {"api_url": "http://proxy.example"}),
        ("fastly", {"api_url": "https://user:hunter2@proxy.example"}),
        ("fastly", {"api_url": "https://proxy.example/"}),
        ("cloudflare", {"zone": "../../zones"}),
        ("cloudfront", {"access_key": "hunter2hunter2hunter2"}),
        ("cloudfront", {"distribution": "E/../.."}),
        ("webhook", {"secret": "hunter2-hunter2-hunter2"}),
    ],
)
def test_what_a_cdn_could_not_be_asked_with_is_refused_at_start_and_not_repeated(
    kind: str, changes: dict[str, str]
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(purge_drivers=[cdn(kind, **changes)])
    assert "hunter2" not in refused.value.message


def test_a_proxy_before_a_cdns_api_is_reached_by_tls_or_on_this_machine() -> None:
    for url in ("https://proxy.example/fastly", "http://127.0.0.1:8080", "http://[::1]:8080"):
        assert load_settings(purge_drivers=[cdn("fastly", api_url=url)])
