"""`vitrine user login-link`, `vitrine user link`, `vitrine scim token`: what each prints works."""

from pathlib import Path

import psycopg

from catalog.access.model import hash_of
from tests.support.commands import vitrine

BASE = "https://api.shop.test"
MAKE_GRACE_SQL = """
INSERT INTO principal (id, kind, name, email)
VALUES (gen_random_uuid(), 'person', 'Grace', 'grace@shop.test')
"""


def test_a_link_is_printed_for_a_person_alone_where_people_log_in(
    database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    database.execute(MAKE_GRACE_SQL)
    settings = {"database_url": database_url, "api_base": BASE}
    made = vitrine("user", "login-link", "grace@shop.test", home=tmp_path, **settings)
    assert made.returncode == 0, made.stderr
    url, secret = made.stdout.strip().split("=")
    assert url == f"{BASE}/login?link"
    assert "15 minutes" in made.stderr
    found = database.execute("SELECT hash FROM login_link").fetchone()
    assert found == (hash_of(secret),)

    for wrong, said in (
        (("nobody", settings), "nobody"),
        (("cli", settings), "may no longer log in"),  # a service
        (("Grace", {"database_url": database_url}), "VITRINE_API_BASE"),
        (("Grace", {**settings, "local_login": "false"}), "VITRINE_LOCAL_LOGIN"),
        (("Grace", {**settings, "api_base": "http://api.shop.test"}), "loopback alone"),
    ):
        name, given = wrong
        refused = vitrine("user", "login-link", name, home=tmp_path, **given)
        assert refused.returncode != 0
        assert said in refused.stderr


def test_a_subject_means_somebody_from_then_on(
    database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    database.execute(MAKE_GRACE_SQL)
    refused = vitrine("user", "link", "Grace", "sub-1", home=tmp_path, database_url=database_url)
    assert "VITRINE_OIDC_ISSUER" in refused.stderr
    issuer = "https://login.test/tenant"
    made = vitrine(
        "user",
        "link",
        "Grace",
        "sub-1",
        home=tmp_path,
        database_url=database_url,
        oidc_issuer=issuer,
    )
    assert made.returncode == 0, made.stderr
    found = database.execute("SELECT issuer, subject FROM oidc_identity").fetchone()
    assert found == (issuer, "sub-1")


def test_a_token_of_scim_is_printed_once_and_all_can_be_ended(
    database: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    made = vitrine("scim", "token", home=tmp_path, database_url=database_url)
    assert made.returncode == 0, made.stderr
    found = database.execute("SELECT hash FROM scim_token").fetchone()
    assert found == (hash_of(made.stdout.strip()),)
    assert vitrine("scim", "end", home=tmp_path, database_url=database_url).stdout == "1 ended.\n"
