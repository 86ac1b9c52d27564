"""Links that log somebody in: under which address they are opened."""

import json

from catalog.errors import SettingsError
from serving.private_files import read_private
from vitrine.settings import Settings


def login_base(settings: Settings) -> str:
    """Return the address under which people log in.

    Raises:
        SettingsError: none is set and no `vitrine up` runs, or logins by link are turned off.
    """
    if not settings.local_login:
        raise SettingsError(
            "links log nobody in while VITRINE_LOCAL_LOGIN is `false`", field="local_login"
        )
    run_file = settings.home / "run.json"
    if settings.api_base is not None:
        return settings.api_base
    if run_file.exists():
        base: str = json.loads(read_private(run_file))["api_url"]
        return base
    raise SettingsError(
        "set VITRINE_API_BASE to the address that people reach the api under, such as "
        "https://api.shop.example",
        field="api_base",
    )
