"""Who does things in tests; they are in every test's database, as the template has them."""

import uuid

import psycopg

from catalog.principal import Principal

_NAMESPACE = uuid.UUID(int=0x7E57)


def _person(name: str) -> Principal:
    return Principal(id=uuid.uuid5(_NAMESPACE, name), kind="person", name=name)


ADA = _person("Ada")
LAWYER = _person("Lawyer")
MANAGER = _person("manager")
TEST = Principal(id=uuid.uuid5(_NAMESPACE, "test"), kind="service", name="test")
WORKERS = [_person(f"worker {number}") for number in range(6)]


def add_people(conn: psycopg.Connection) -> None:
    """Put them into a migrated database."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO principal (id, kind, name) VALUES (%s, %s, %s)",
            [(each.id, each.kind, each.name) for each in (ADA, LAWYER, MANAGER, TEST, *WORKERS)],
        )
