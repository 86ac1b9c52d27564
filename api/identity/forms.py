"""Forms: read within bounds, and only where a page of ours sent them.

Two proofs are asked of each: what the browser says of the page that sends it, and a token that only
a page of ours could show, which is made of the secret in the cookie (OWASP, signed double submit).
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.identity.site import Site
from api.request.bodies import read_body
from catalog.errors import ForbiddenError, InvalidInputError
from serving.in_process import FormBounds

_TYPE = "application/x-www-form-urlencoded"


class ForgedFormError(ForbiddenError):
    """A form came from a page of another site, or from one that was opened too long ago."""

    code = "FORM_REFUSED"


def form_token(secret: str) -> str:
    """Return what a form shows that belongs to a browser with this secret in its cookie."""
    return hmac.new(secret.encode(), b"vitrine form", hashlib.sha256).hexdigest()


async def read_form(request: Request, site: Site, secret: str | None) -> Mapping[str, str]:
    """Return the fields of a form; of one that came twice, the first.

    Args:
        request: a POST.
        site: that it must come from.
        secret: in the cookie that its token belongs to; None: there was none.

    Raises:
        ForgedFormError, InvalidInputError: as `read_fields`.
    """
    token = None if secret is None else form_token(secret)
    return dict(reversed(await read_fields(request, site, token, FormBounds())))


async def read_fields(
    request: Request, site: Site, token: str | None, bounds: FormBounds
) -> list[tuple[str, str]]:
    """Return the fields of a form, in their order.

    Args:
        request: a POST.
        site: that it must come from.
        token: that it must show; None: no form of this browser can be ours.
        bounds: of the form.

    Raises:
        ForgedFormError: another site sent it, or its token is another.
        InvalidInputError: it is no form, or too large.
    """
    if not site.is_same_origin(request.headers):
        raise ForgedFormError("this form was sent by another site")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise InvalidInputError(f"send the form as `{_TYPE}`")
    body = await read_body(request, most_bytes=bounds.max_bytes)
    if body is None:
        raise InvalidInputError(f"a form of this page has at most {bounds.max_bytes:,} bytes")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=bounds.max_fields, errors="strict"
        )
    except ValueError as error:
        raise InvalidInputError("this is no form") from error
    if any("\0" in text for pair in pairs for text in pair):  # PostgreSQL cannot even compare it
        raise InvalidInputError("no text may contain U+0000")
    given = next((text for name, text in pairs if name == "token"), "").encode()
    if token is None or not hmac.compare_digest(given, token.encode()):
        raise ForgedFormError("this page was open for too long: go back, load it anew, try again")
    return pairs
