"""All pages, in the order of the menu."""

from typing import Final

from console.frame.refused import LOST, REFUSED
from console.frame.under_way import UNDER_WAY
from console.page import Page
from console.pages.audit.page import AUDIT_PAGE
from console.pages.exports.page import EXPORTS
from console.pages.going_dark.page import PAGE as GOING_DARK
from console.pages.health.page import PAGE as HEALTH
from console.pages.home.page import HOME
from console.pages.imports.page import IMPORTS
from console.pages.incidents.page import ONE as ONE_REPLAY
from console.pages.incidents.page import PAGE as INCIDENTS
from console.pages.media.assets import ALL_ASSETS, ASSET
from console.pages.media.darkness import DARKNESS_PART
from console.pages.media.holders import HOLDER_PAGES
from console.pages.media.picture import PICTURE
from console.pages.media.terms import TERMS_PAGES
from console.pages.people.keys_page import KEYS_PAGE
from console.pages.people.page import PEOPLE_PAGE, PERSON
from console.pages.people.provider_page import PROVIDER_PAGE
from console.pages.people.roles_page import ROLES_PAGE
from console.pages.presets.page import PRESET_PAGES
from console.pages.products.page import PRODUCT_PAGE, PRODUCTS_PAGE
from console.pages.purge_drivers.page import PAGE as PURGE_DRIVERS
from console.pages.search.page import PAGE as SEARCH
from console.pages.settings.page import PAGE as SETTINGS
from console.pages.tasks.page import TASK, TASKS
from console.pages.work.page import ALL_WORK
from console.pages.work.page import ONE as ONE_WORK

__all__ = ["LOST", "PAGES", "REFUSED"]

PAGES: Final[tuple[Page, ...]] = (
    HOME,
    *(TASKS, TASK, ALL_WORK, ONE_WORK, IMPORTS, EXPORTS),
    *(PRODUCTS_PAGE, PRODUCT_PAGE),
    *(ALL_ASSETS, ASSET, *TERMS_PAGES, *HOLDER_PAGES, *PRESET_PAGES),
    *(DARKNESS_PART, PICTURE),
    *(GOING_DARK, INCIDENTS, ONE_REPLAY, PURGE_DRIVERS),
    *(PEOPLE_PAGE, PERSON, ROLES_PAGE, KEYS_PAGE, PROVIDER_PAGE, AUDIT_PAGE),
    *(HEALTH, SETTINGS),
    *(SEARCH, UNDER_WAY),
)
