"""Settings are parsed once, and whatever is wrong keeps the process from starting."""

import base64
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from catalog.errors import SettingsError
from catalog.sealing import MasterKeys
from tests.support.processes import ROOT
from vitrine.settings import Settings, load_settings, setting_fields

KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VITRINE_HOME", "VITRINE_API_PORT", "VITRINE_GATEWAY_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_follow_from_home_and_port(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path))
    monkeypatch.setenv("VITRINE_GATEWAY_PORT", "9001")
    settings = load_settings()
    assert settings.store_url == f"file://{tmp_path}/store"
    assert settings.media_base == "http://127.0.0.1:9001"
    assert (settings.purge_times.second_s, settings.purge_times.last_s) == (2, 36)


def test_loopback_is_the_default_hop_with_the_named_header() -> None:
    settings = load_settings(country_header="X-Country")
    assert [(hop.name, hop.country_header) for hop in settings.trusted_hops] == [
        ("loopback", "X-Country")
    ]
    assert settings.trusted_hops[0].territory == "bypass"


def test_an_unknown_variable_is_refused_with_its_likely_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VITRINE_TRUSTED_HOP", "[]")
    with pytest.raises(SettingsError, match="did you mean VITRINE_TRUSTED_HOPS"):
        load_settings()


def test_a_name_that_is_near_none_is_refused_without_a_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VITRINE_COLOUR", "red")
    with pytest.raises(SettingsError, match=r"^there is no setting VITRINE_COLOUR$"):
        load_settings()


def test_no_refusal_repeats_what_a_setting_was_set_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path))
    refused: list[str] = []
    for name in Settings.model_fields.keys() - {"home"}:
        for secret in ("http://u:hunter2@[", '{"hunter2'):
            with monkeypatch.context() as variables:
                variables.setenv(f"VITRINE_{name.upper()}", secret)
                try:
                    load_settings()
                except SettingsError as error:
                    refused.append(f"{error} {error.__cause__}")
    assert len(refused) > len(Settings.model_fields)
    assert [each for each in refused if "hunter2" in each] == []


def test_a_wrong_value_is_named_but_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_MASTER_KEY", "hunter2hunter2")
    monkeypatch.setenv("VITRINE_TRUSTED_HOPS", '[{"secret": "hunter2"')
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)
    monkeypatch.delenv("VITRINE_TRUSTED_HOPS")
    with pytest.raises(SettingsError, match="VITRINE_MASTER_KEY") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("key", ["", "AAAA", base64.b64encode(bytes(31)).decode(), "é" * 32])
def test_a_master_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(SettingsError):
        load_settings(master_key=key)


def test_the_master_key_comes_from_the_setting_or_from_a_private_file(tmp_path: Path) -> None:
    set_here = load_settings(home=tmp_path, master_key=KEY).master_keys()
    assert set_here.newest.secret == bytes(range(32))
    settings = load_settings(home=tmp_path)
    with pytest.raises(SettingsError, match="no master key"):
        settings.master_keys()
    (tmp_path / "master.key").write_text(KEY)
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(SettingsError, match="others"):
        settings.master_keys()
    (tmp_path / "master.key").chmod(0o600)
    assert settings.master_keys().newest.secret == bytes(range(32))


def test_former_master_keys_come_from_the_setting_or_from_below_the_newest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one, two = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))
    monkeypatch.setenv("VITRINE_FORMER_MASTER_KEYS", f"{one}, {two}")
    secrets = [bytes(range(32)), bytes([1]) * 32, bytes([2]) * 32]
    keys = load_settings(home=tmp_path, master_key=KEY).master_keys()
    assert [each.secret for each in keys] == secrets
    monkeypatch.setenv("VITRINE_FORMER_MASTER_KEYS", "hunter2")
    with pytest.raises(SettingsError, match="VITRINE_FORMER_MASTER_KEYS") as refused:
        load_settings()
    assert "hunter2" not in refused.value.message

    monkeypatch.delenv("VITRINE_FORMER_MASTER_KEYS")
    path = tmp_path / "master.key"
    for written, expected in ((KEY, secrets[:1]), (f"{KEY}\n{one}\n{two}\n", secrets)):
        path.write_text(written)
        path.chmod(0o600)
        assert [each.secret for each in load_settings(home=tmp_path).master_keys()] == expected
    for wrong in ("", f"{KEY}\nhunter2\n"):
        path.write_text(wrong)
        with pytest.raises(SettingsError, match=r"master\.key"):
            load_settings(home=tmp_path).master_keys()


def test_a_key_that_came_into_the_file_is_found_by_a_process_that_runs(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(KEY)
    path.chmod(0o600)
    keys = load_settings(home=tmp_path).master_keys()
    new = base64.b64encode(bytes(32)).decode()
    (fresh,) = MasterKeys([bytes(32)])
    assert keys.find(fresh.fingerprint) is None
    path.write_text(new)
    assert keys.find(fresh.fingerprint) == fresh
    assert [each.secret for each in keys] == [bytes(32), bytes(range(32))]  # none is lost


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"trusted_hops": [{"name": "a", "networks": ["10.0.0.0/8"], "secrt": "x"}]},
            "VITRINE_TRUSTED_HOPS, entry 1, secrt: there is no such key: did you mean secret? ",
        ),
        (
            {"trusted_hops": [{"name": "a", "networks": ["10.0.0.0/33"]}]},
            "VITRINE_TRUSTED_HOPS, entry 1, networks: write a network without bits beyond its ",
        ),
        ({"trusted_hops": [3]}, "VITRINE_TRUSTED_HOPS, entry 1: write an object with keys"),
        (
            {"purge_drivers": [{"name": "a", "kind": "varnish", "nodes": ["http://e"]}]},
            "VITRINE_PURGE_DRIVERS, entry 1, secret: it has to be given",
        ),
        (
            {"purge_drivers": [{"name": "a", "kind": "fastly", "nodes": ["http://e"]}]},
            "nodes: there is no such key: choose one of after, api_url, kind, name, service, token",
        ),
        (
            {"purge_drivers": [{"name": "a", "kind": "akamai"}]},
            "VITRINE_PURGE_DRIVERS, entry 1: choose as 'kind' one of 'varnish', 'fastly', ",
        ),
        (
            {"api_port": "many"},
            "VITRINE_API_PORT: write a whole number of at least 1 and of at most 65535, such as 80",
        ),
        (
            {"lease_s": 100},
            "VITRINE_LEASE_S: write a number of at least 0.3 and of at most 10, such as 1.0",
        ),
        ({"trace_share": "nan"}, "VITRINE_TRACE_SHARE: write a number of at least 0 and of at m"),
        ({"public_reads": "perhaps"}, "VITRINE_PUBLIC_READS: write true or false"),
        ({"log_format": "text"}, "VITRINE_LOG_FORMAT: choose one of 'json' or 'console'"),
        (
            {"demo_country": "usa"},
            "VITRINE_DEMO_COUNTRY: write a country of ISO 3166-1, such as US",
        ),
        ({"media_base": "media"}, "VITRINE_MEDIA_BASE: write an address without `/` at its end, "),
        ({"cors_origins": "shop.example"}, "VITRINE_CORS_ORIGINS, entry 1: write origins such as "),
        ({"redis_url": "redis://cache:many"}, "VITRINE_REDIS_URL: write redis://host:6379, or re"),
        ({"home": "~nobody-of-this-name"}, "VITRINE_HOME: write the path of a folder, such as /"),
        ({"trusted_hops": {"name": "a"}}, "VITRINE_TRUSTED_HOPS: write a list, such as [{"),
        (
            {"trusted_hops": [{"name": "A b", "networks": ["10.0.0.0/8"]}]},
            "VITRINE_TRUSTED_HOPS, entry 1, name: write a-z, 0-9 and single `-` between them, such",
        ),
        ({"log_level": "loud"}, "VITRINE_LOG_LEVEL: choose one of 'debug', 'info', "),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_settings(
    given: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**given)
    assert says in refused.value.message


LISTS = {"purge_drivers", "trusted_hops"}
FREE = {  # whatever is written is taken until it is used
    *("home", "database_url", "gateway_database_url", "delivery_log", "renditions_folder"),
    *("api_host", "gateway_host", "purger_host", "relay_host", "mezzanines"),
    *("s3_region", "s3_access_key", "s3_secret_key"),
    *("oidc_client_id", "oidc_client_secret", "oidc_audience"),
}
#: Of several kinds: text, numbers, JSON of each form, and what no variable can hold.
WRONG: list[object] = [
    *("", " ", "wrong", "-1", "1.5", "1e400", "nan", "9" * 5_000, "null", "true"),
    *("[", "{}", "[3]", "[null]", "[{}]", '[{"name": 3}]', '[{"name": "a", "kind": {}}]'),
    *(object(), b"\xff", -1, 1.5, float("inf"), [3], [[]], {"name": []}, [{"kind": None}]),
    *([{"networks": 3, "name": None}], [{"kind": "webhook", "url": 3, "secret": []}]),
]
#: Of the parser: its sentences begin so, and name types.
PARSERS_WORDS = re.compile(
    r"(?i)input|should|pydantic|valid(?! json)|validation|type=|instance|none"
)


def refusal(names: Iterable[str], value: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what is said of a value of all these settings; empty: it is taken."""
    with monkeypatch.context() as patch:
        given: dict[str, object] = {}
        for name in names:
            if isinstance(value, str):
                patch.setenv(f"VITRINE_{name.upper()}", value)
            else:
                given[name] = value
        try:
            load_settings(**given)
        except SettingsError as refused:
            return refused.message
    return ""


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:12])
def test_no_message_about_a_setting_speaks_as_the_parser_does(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for names in (setting_fields().keys() - LISTS, *({name} for name in LISTS)):
        said = refusal(names, value, monkeypatch)
        assert not PARSERS_WORDS.search(said), said


def test_of_every_setting_that_is_wrong_its_variable_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = setting_fields().keys()
    said = refusal(names - LISTS, "\u00fc" * 300, monkeypatch)
    named = {each.partition(":")[0].partition(",")[0] for each in said.split("; ")}
    assert named == {f"VITRINE_{name.upper()}" for name in names - LISTS - FREE}
    assert "\u00fc" not in said
    for name in LISTS:
        assert refusal([name], "[3]", monkeypatch).startswith(f"VITRINE_{name.upper()}, entry 1: ")


def test_the_table_has_every_setting() -> None:
    assert {*setting_fields()} == {*Settings.model_fields}


def test_a_redis_that_is_none_is_refused_without_repeating_its_password() -> None:
    assert load_settings(redis_url="rediss://:hunter2@cache:6379/1").redis_url is not None
    with pytest.raises(SettingsError, match="REDIS_URL") as refused:
        load_settings(redis_url="http://:hunter2@cache")
    assert "hunter2" not in str(refused.value)


def test_territory_vary_is_refused_where_vary_is_not_honoured() -> None:
    hop = {"name": "cdn", "networks": ["192.0.2.0/24"], "territory": "vary"}
    with pytest.raises(SettingsError, match="honours"):
        load_settings(trusted_hops=[hop])
    assert load_settings(trusted_hops=[{**hop, "honours_vary": True}])


@pytest.mark.parametrize("listener", ["api_host", "gateway_host", "purger_host", "relay_host"])
def test_a_demo_country_is_refused_with_any_listener_beyond_loopback(listener: str) -> None:
    with pytest.raises(SettingsError, match="VITRINE_DEMO_COUNTRY"):
        load_settings(demo_country="US", **{listener: "0.0.0.0"})  # noqa: S104 - refused
    with pytest.raises(SettingsError, match="VITRINE_DEMO_SHOP"):
        load_settings(demo_shop="true", **{listener: "0.0.0.0"})  # noqa: S104 - refused
    assert load_settings(demo_country="US", **{listener: "::1"})


def test_tokens_of_logins_are_no_credentials_of_services() -> None:
    with pytest.raises(SettingsError, match="VITRINE_OIDC_AUDIENCE"):
        load_settings(oidc_audience="vitrine")
    assert load_settings(oidc_audience="vitrine-api")


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


def test_the_gateway_never_falls_back_to_the_owners_database() -> None:
    settings = load_settings(database_url="postgresql://owner:x@127.0.0.1/vitrine")
    assert settings.owner_database().startswith("postgresql://owner")
    with pytest.raises(SettingsError, match="VITRINE_GATEWAY_DATABASE_URL"):
        settings.gateway_database()


def test_origins_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_CORS_ORIGINS", "https://shop.example, https://cms.example/")
    assert load_settings().cors_origins == ("https://shop.example", "https://cms.example")


def test_secrets_do_not_show(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, master_key=KEY, database_url="postgresql://a:b@c/d")
    assert KEY not in repr(settings)
    assert "a:b" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert [
        name for name, field in type(load_settings()).model_fields.items() if not field.description
    ] == []
