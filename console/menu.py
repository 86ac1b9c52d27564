"""All pages, in the order of the menu."""

from typing import Final

from console.frame.refused import LOST, REFUSED
from console.frame.under_way import UNDER_WAY
from console.page import Page
from console.pages.audit.page import AUDIT_PAGE
from console.pages.home.page import HOME
from console.pages.imports.page import IMPORTS
from console.pages.people.keys_page import KEYS_PAGE
from console.pages.people.page import PEOPLE_PAGE, PERSON
from console.pages.people.roles_page import ROLES_PAGE
from console.pages.tasks.page import TASK, TASKS
from console.pages.work.page import ALL_WORK
from console.pages.work.page import ONE as ONE_WORK

__all__ = ["LOST", "PAGES", "REFUSED"]

PAGES: Final[tuple[Page, ...]] = (
    HOME,
    TASKS,
    TASK,
    ALL_WORK,
    ONE_WORK,
    IMPORTS,
    PEOPLE_PAGE,
    PERSON,
    ROLES_PAGE,
    KEYS_PAGE,
    AUDIT_PAGE,
    UNDER_WAY,
)
