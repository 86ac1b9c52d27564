"""A request for a rendition, verified before anything is looked up about the asset."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from catalog.delivery.model import Claims, Format, Preset
from catalog.delivery.tokens import (
    SigningKey,
    TokenInvalidError,
    TokenMissingError,
    TokenScopeError,
    verify,
)
from catalog.delivery.urls import PathError, RenditionPath, parse_path
from catalog.graph.delivery import Catalogue
from edge.hops import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRequest:
    """A verified request for a rendition.

    Attributes:
        query: exactly as it came; canonical is `t={token}` alone.
        wants_info: the answer tells staff about the rendition, and is not the rendition.
    """

    path: RenditionPath
    preset: Preset
    token: str
    claims: Claims
    viewer: Viewer
    query: str
    wants_info: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether publication, status, restrictions and grants are skipped."""
        return self.claims.audience == "staff"


def read_path(raw_path: str) -> RenditionPath:
    """Read the path as it came over the wire: an escaped letter is another spelling.

    Raises:
        PathError: it is not the path of a rendition.
    """
    return parse_path(raw_path)


def find_preset(path: RenditionPath, catalogue: Catalogue, now: datetime) -> Preset:
    """Return the preset version that a path names, if it makes that width and format.

    It may be a draft: without a staff token it must be answered like one that does not exist.

    Raises:
        PathError: no such rendition can be asked for (any more).
    """
    preset = catalogue.presets.get((path.preset, path.version))
    if preset is None or (preset.served_until is not None and preset.served_until <= now):
        raise PathError("no rendition has this path")
    recipe = preset.recipe
    if path.width_px not in recipe.widths_px or path.format not in (*recipe.formats, Format.AUTO):
        raise PathError("no rendition has this path")
    return preset


def token_of(query: str) -> str:
    """Return the first token of a query.

    Raises:
        TokenMissingError: it has none.
        TokenInvalidError: nobody writes such a query.
    """
    if query.startswith("t=") and "&" not in query and "%" not in query:
        return query[2:]
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=64)
    except ValueError as error:
        raise TokenInvalidError("the query has too many fields") from error
    for name, value in fields:
        if name == "t":
            return value
    raise TokenMissingError("the URL has no token")


def read_claims(
    token: str,
    path: RenditionPath,
    preset: Preset,
    find_key: Callable[[str], SigningKey | None],
    now: datetime,
) -> Claims:
    """Verify the token and hold it against the path.

    Raises:
        TokenInvalidError: form, key or MAC.
        TokenNotYetError: too early.
        TokenExpiredError: too late.
        TokenScopeError: it is for another asset, or for the web and the preset for staff.
    """
    claims = verify(token, find_key, now)
    if claims.asset != path.asset:
        raise TokenScopeError("the token is for another asset")
    if (preset.audience == "staff" or preset.is_draft) and claims.audience != "staff":
        raise TokenScopeError("the preset is for staff")
    return claims
