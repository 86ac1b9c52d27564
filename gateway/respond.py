"""The answer: a rendition, leave to use a stored one, or the way to the one right URL."""

from collections.abc import Mapping

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from catalog.delivery.model import Format
from catalog.delivery.store import recipe_json
from catalog.ids import to_base36
from catalog.purges.rules import tag_of
from edge.lifetimes import Lifetimes
from edge.tags import tag_headers
from gateway.authorise import Permission
from gateway.delivery_request import DeliveryRequest
from gateway.find_or_render import ChosenRendition
from gateway.lifetimes import REDIRECT_MAX_S
from imaging.stored_renditions import StoredRendition
from serving.etags import is_still, matches

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Timing-Allow-Origin": "*",
    "Accept-Ranges": "none",
}
_CACHE_STATUS = {
    "memory": "Vitrine; hit; detail=memory",
    "folder": "Vitrine; hit; detail=folder",
    "store": "Vitrine; hit; detail=store",
    "rendered": "Vitrine; fwd=miss; stored",
    "coalesced": "Vitrine; fwd=miss; collapsed",
}
#: An authorising edge knows by this word that no copy may live as long as leg 1 says.
STAND_IN = "stand-in"
MAX_TAGS = 8
PRECONDITION_FAILED = "PRECONDITION_FAILED"
_STAFF_ONLY = "private, no-store"


def image(
    found: ChosenRendition,
    wanted: DeliveryRequest,
    allowed: Permission,
    lifetimes: Lifetimes,
    asked: Headers,
) -> Response:
    """Answer with the image, or 304 where the client has these very bytes."""
    stored = found.stored
    headers = {
        **_cache_headers(wanted, allowed, lifetimes),
        **_FIXED,
        "ETag": stored.etag,
        "Cache-Status": _cache_status(found),
    }
    named = asked.get("If-Match")  # evaluated first (RFC 9110, 13.2.2)
    if named is not None and not is_still(named, stored.etag):
        return _other_than_named()
    held = asked.get("If-None-Match")
    if held is not None and matches(held, stored.etag):
        return Response(status_code=304, headers=headers)
    rendition = stored.rendition
    return Response(rendition.body, headers=headers, media_type=rendition.format.mime)


def _other_than_named() -> Response:
    body = {"title": "The image is another one by now", "status": 412, "code": PRECONDITION_FAILED}
    return Response(
        orjson.dumps(body),
        412,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        media_type="application/problem+json",
    )


def info(stored: StoredRendition, wanted: DeliveryRequest, *, took_ms: float) -> Response:
    """Tell staff about a rendition: by which recipe, how large, how it was made and how long."""
    preset, rendition, making = wanted.preset, stored.rendition, stored.rendition.making
    body = {
        "asset": wanted.claims.asset,
        "preset": preset.code,
        "version": preset.version,
        "state": preset.state,
        "recipe": recipe_json(preset.recipe),
        "asked_width_px": wanted.path.width_px,
        "width_px": rendition.width_px,
        "height_px": rendition.height_px,
        "format": rendition.format.value,
        "bytes": len(rendition.body),
        "etag": stored.etag,
        "found": stored.how,
        "took_ms": round(took_ms, 1),
        "making": making
        and {
            "master": {"width_px": making.master.width_px, "height_px": making.master.height_px},
            "quality_percent": making.quality_percent,
            "encodings": making.encodings,
            "steps": [
                {"name": each.name, "took_ms": round(each.took_ms, 1)} for each in making.steps
            ],
        },
    }
    headers = {"Cache-Control": _STAFF_ONLY, "X-Content-Type-Options": "nosniff"}
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


def _cache_status(found: ChosenRendition) -> str:
    if found.is_stand_in:
        return f"{_CACHE_STATUS[found.stored.how].partition('; detail=')[0]}; detail={STAND_IN}"
    return _CACHE_STATUS[found.stored.how]


def redirect(
    wanted: DeliveryRequest, allowed: Permission, lifetimes: Lifetimes, location: str
) -> Response:
    """Send the client to the one right URL, for no longer than a minute."""
    headers = _cache_headers(wanted, allowed, lifetimes.capped(REDIRECT_MAX_S))
    return Response(status_code=307, headers={**headers, **_FIXED, "Location": location})


def leave(
    wanted: DeliveryRequest, allowed: Permission, in_front: Lifetimes, *, is_kept: bool
) -> Response:
    """Tell an authorising edge that it may deliver what it holds under this epoch.

    For how long it may rely on that stands in `X-Good-For`. It hands on what the hop or the browser
    in front of it may keep, computed now. For a browser no lifetime in a cache is stated: if it is
    a hop that is unknown here, the edge lets it store nothing. Leave that may be kept until then
    has the picture's tags, other leave has none. To staff nothing is delivered that is held for
    everyone.
    """
    for_all = not wanted.is_staff
    is_fronted = wanted.viewer.hop_in_front is not None
    edge_cache_control = in_front.edge_cache_control if for_all else "no-store"
    tags = tags_of(wanted, allowed) if is_kept else []
    return Response(
        status_code=204,
        headers={
            "Cache-Control": "no-store",
            "X-Epoch": to_base36(allowed.asset.epoch),
            "X-Browser-Cache-Control": in_front.cache_control if for_all else _STAFF_ONLY,
            "X-Canonical": "1",
            **({"X-Edge-Cache-Control": edge_cache_control} if is_fronted else {}),
            **(tag_headers(tags) if tags else {}),
        },
    )


def _cache_headers(
    wanted: DeliveryRequest, allowed: Permission, lifetimes: Lifetimes
) -> Mapping[str, str]:
    if wanted.is_staff:
        return {"Cache-Control": _STAFF_ONLY}
    headers = {
        "Cache-Control": lifetimes.cache_control,
        "CDN-Cache-Control": lifetimes.edge_cache_control,
        **tag_headers(tags_of(wanted, allowed)[:MAX_TAGS]),
    }
    vary = [
        *(["Accept"] if wanted.path.format is Format.AUTO else []),
        *([lifetimes.varies_by] if lifetimes.varies_by else []),
    ]
    return {**headers, "Vary": ", ".join(vary)} if vary else headers


def is_taggable(wanted: DeliveryRequest, allowed: Permission) -> bool:
    """Return whether all tags go out, so that a purge by any of them takes the answer out."""
    return len(tags_of(wanted, allowed)) <= MAX_TAGS


def tags_of(wanted: DeliveryRequest, allowed: Permission) -> list[str]:
    """Return the tags that a purge may go by; beyond `MAX_TAGS` no cache may keep the answer.

    They name every licence that has a say in the asset, whether the answer is owed to its grants
    or not: a restriction that it adds, or another credit, makes the answer untrue as well.
    """
    claims = wanted.claims
    return [
        *(tag for subject in allowed.asset.rests_on if (tag := tag_of(subject))),
        f"v-{wanted.preset.code}",
        f"k-{claims.kid}",
        *([f"p-{claims.owner}"] if claims.owner else []),
    ]
