"""A failure that lasts does not fill the log, and nothing else is held back."""

import io
import json
import logging
from uuid import UUID

import pytest
import structlog

from serving.repeats import MOST_KINDS, RepeatFilter

from .test_process import json_logs

__all__ = ["json_logs"]


def told(logs: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in logs.getvalue().splitlines()]


def test_a_lasting_failure_is_one_line_whatever_its_numbers(json_logs: io.StringIO) -> None:
    log = structlog.get_logger("test")
    for attempt in range(50):
        log.warning("feed_lost", error="ConnectionError", attempts=attempt)
        log.error("loop_failed", exc_info=ConnectionError("away"))
        logging.getLogger("library").warning("error connecting in %s", "pool-1")
        log.info("purged", tags=1)
    log.warning("feed_lost", error="TimeoutError", attempts=1)
    log.warning("purge_failed", driver="one")
    log.warning("purge_failed", driver="other")
    said = [line["event"] for line in told(json_logs) if line["event"] != "purged"]
    assert sorted(map(str, said)) == [
        "error connecting in pool-1",
        *("feed_lost", "feed_lost", "loop_failed", "purge_failed", "purge_failed"),
    ]
    assert len(told(json_logs)) == len(said) + 50


@pytest.mark.parametrize(
    "ids", [[17, 18], [UUID(int=1), UUID(int=2)], [("a", 1), ("a", 2)]], ids=repr
)
def test_what_happened_to_one_is_not_held_back_for_another(
    json_logs: io.StringIO, ids: list[object]
) -> None:
    log = structlog.get_logger("test")
    for attempt in range(3):
        for each in ids:
            log.warning("job_recovered", job_id=each, attempts=attempt)
    assert len(told(json_logs)) == len(ids)


def test_what_failed_of_a_request_is_found_by_its_id(json_logs: io.StringIO) -> None:
    log = structlog.get_logger("test")
    for number in range(3):
        with structlog.contextvars.bound_contextvars(request_id=f"request-{number}"):
            log.error("database_gone", error="ConnectionError")
            log.error("graphql_failed", exc_info=ValueError("a fault"))
    lines = told(json_logs)
    failed = [line["request_id"] for line in lines if line["event"] == "graphql_failed"]
    assert failed == ["request-0", "request-1", "request-2"]
    assert sum(line["event"] == "database_gone" for line in lines) == 1


@pytest.mark.parametrize("message", [{"event": "feed_lost"}, "library says"], ids=["ours", "other"])
def test_it_is_said_again_after_ten_seconds_with_how_often_it_came(message: object) -> None:
    now_s = 0.0
    repeats = RepeatFilter(monotonic_s=lambda: now_s)

    def say() -> logging.LogRecord | None:
        record = logging.LogRecord("test", logging.WARNING, "", 0, message, (), None)
        return record if repeats.filter(record) else None

    assert say()
    now_s = 9.9
    assert [say(), say()] == [None, None]
    now_s = 10.0
    again = say()
    assert again is not None
    assert "2" in str(again.msg)
    now_s = 19.9
    assert say() is None


def test_kinds_without_end_take_no_memory_without_end() -> None:
    repeats = RepeatFilter(monotonic_s=lambda: 0.0)
    for number in range(5_000):
        record = logging.LogRecord("test", logging.WARNING, "", 0, f"{number}", (), None)
        assert repeats.filter(record)
    assert len(repeats.__dict__["_logged"]) == MOST_KINDS
