"""The page that a browser gets which opens `/graphql`, and its files.

GraphiQL is vendored, as `vitrine/vendored.json` says; `setup.js` gives it our examples and shows
the pictures of an answer below it.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute

from serving.static_files import StaticFiles

_HOME = Path(__file__).parent
_ENDINGS = (".js", ".css", ".graphql")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "font-src 'self' data:; img-src 'self' data: {media_base}; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_FILE = re.compile(r"\{\{ (\S+) \}\}")


class GraphiQL:
    """The page, and the routes of what it loads.

    Args:
        media_base: the address of pictures.
    """

    def __init__(self, media_base: str) -> None:
        self._files = StaticFiles(_HOME, "/graphql/ide", endings=_ENDINGS)
        page = (_HOME / "page.html").read_text()
        self._page = _FILE.sub(lambda named: self._files.address(named[1]), page)
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(media_base=media_base),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    def page(self) -> Response:
        """Return the page."""
        return Response(self._page, headers=self._headers, media_type="text/html")

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of its files."""
        return [self._files.route()]
