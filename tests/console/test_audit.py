"""The audit as a page: found by object, person and time; what differs is shown; taken home."""

import re
from typing import Any

import orjson
from starlette.requests import Request

from catalog.clock import utc_now
from console.page import Frame, Visit
from console.pages.audit.page import AUDIT_PAGE, FOLDER, lines
from console.words import ConsoleWords
from tests.console.conftest import LogIn
from tests.console.test_people import HOSTILE, make

AUDIT = "/console/audit"


class NobodyLeft:
    """A graph to which nobody is logged in any more."""

    async def visitor(self, _: Request) -> None:
        """Return who looks: nobody."""


async def test_a_file_of_changes_ends_once_whoever_takes_it_is_logged_out() -> None:
    graph: Any = NobodyLeft()
    somebody: Any = None  # who has logged out since
    visit = Visit(
        request=Request({"type": "http", "query_string": b"as=jsonl"}),
        graph=graph,
        visitor=somebody,
        page=AUDIT_PAGE,
        frame=Frame(pages=(), headers={}, theme="auto"),
        words=ConsoleWords("en", FOLDER),
        now=utc_now(),
    )
    first: Any = {"nodes": [{"type": "a"}], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    told = [orjson.loads(each) async for each in lines(visit, first)]
    assert told == [{"type": "a"}, {"error": "UNAUTHENTICATED"}]


async def test_changes_are_found_with_what_differs_and_taken_home(log_in: LogIn) -> None:
    root = await log_in("administrator", name="Root")
    path = await make(root, "Eva")
    eva = path.rpartition("/")[2]
    await root.send(await root.open(path), path, {"do": "give", "role": "reader"})
    tasks = "/console/tasks"
    page = await root.open(tasks)
    await root.send(page, tasks, {"do": "create", "text": HOSTILE, "subject": HOSTILE})
    page = await root.open(f"{AUDIT}?subject=principal/{eva}")
    assert "principal.roles_changed" in page.text
    assert "roles changed" in page.text
    assert "person or service Eva" in page.text
    assert "Root" in page.text
    (me,) = set(re.findall(r"principal=([0-9a-f-]{36})", page.text))
    mine = await root.open(f"{AUDIT}?principal={me}")
    assert "task.opened" in mine.text
    assert HOSTILE not in mine.text
    assert "task opened" in (await root.open(f"{AUDIT}?principal=root")).text
    nobody = await root.open(f"{AUDIT}?principal=Nobody")
    assert nobody.status_code == 200
    assert "Nobody is called Nobody" in nobody.text
    assert "No change is found" in (await root.open(f"{AUDIT}?until=2020-01-01")).text

    file = await root.open(f"{AUDIT}?subject=principal/{eva}&as=jsonl")
    assert "attachment" in file.headers["content-disposition"]
    lines = [orjson.loads(each) for each in file.text.splitlines()]
    assert [each["type"] for each in lines] == ["principal.roles_changed", "principal.created"]
    assert (await (await log_in("editor")).open(AUDIT)).status_code == 403
