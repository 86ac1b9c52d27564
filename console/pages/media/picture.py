"""Pictures of assets for pages: a way to a freshly signed one, or a word for why there is none."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import RedirectResponse, Response

from console.page import GraphRefusedError, Page, Visit
from console.pages.media.assets_graphql import ASSET_PICTURE, AssetPictureAsset
from console.pages.media.folder import FOLDER
from console.rendering import rendered

_WIDTH_PX: Final = 320
_MOST_PX: Final = 4_096
_NO_STORE: Final = {"Cache-Control": "private, no-store"}
#: What is shown as dark as it is, unless whoever looks asks to see it anyway.
_DARK: Final = ("DRAFT", "WITHDRAWN")


@dataclass(frozen=True, slots=True)
class _Placeholder:
    """Why a picture is not shown, by the code of a word, `picture_CODE`."""

    reason: str


async def show_picture(visit: Visit) -> Response:
    """Lead to a picture by about the width that is asked for, or show why there is none.

    The preset that the address names is for people to read; any that comes near will do.
    """
    try:
        data = await visit.ask(ASSET_PICTURE, id=visit.path("id"), width=_width_of(visit))
    except GraphRefusedError as error:
        if error.problems[0].code == "RATE_LIMITED":
            return _drawn(visit, _Placeholder("too_many"))
        return _drawn(visit, _Placeholder("hidden"))
    found = _address_of(data["asset"], is_asked=visit.filter("anyway") is not None)
    if isinstance(found, _Placeholder):
        return _drawn(visit, found)
    return RedirectResponse(found, 302, headers=_NO_STORE)


def _address_of(asset: AssetPictureAsset | None, *, is_asked: bool) -> str | _Placeholder:
    if asset is None:
        return _Placeholder("hidden")
    if asset["legalDemand"]:
        return _Placeholder("held")
    status = asset["status"]
    if status in _DARK and not is_asked:
        return _Placeholder(status.lower())
    if asset["preview"] is not None:
        return asset["preview"]["url"]
    if asset["kind"] != "IMAGE":
        return _Placeholder(asset["kind"].lower())
    return _Placeholder("quarantined" if status == "QUARANTINED" else "hidden")


def _width_of(visit: Visit) -> int:
    _, _, width = visit.path("rendition").rpartition("-")
    digits = width if width.isascii() and width.isdigit() and len(width) <= len("4096") else ""
    return min(int(digits or _WIDTH_PX), _MOST_PX) or _WIDTH_PX


def _drawn(visit: Visit, placeholder: _Placeholder) -> Response:
    word = visit.words(f"picture_{placeholder.reason}")
    drawing = rendered(FOLDER / "placeholder.svg", {"word": word})
    headers = {**visit.frame.headers, **_NO_STORE}
    return Response(drawing, media_type="image/svg+xml", headers=headers)


PICTURE: Final = Page(path="/picture/{id}/{rendition}", folder=FOLDER, view=show_picture)
