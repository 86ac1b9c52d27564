"""Settings are parsed once, and whatever is wrong keeps the process from starting."""

import base64
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from catalog.errors import SettingsError
from catalog.sealing import MasterKeys
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
