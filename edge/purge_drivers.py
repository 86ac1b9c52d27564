"""The settings of each kind of purge driver: one model a CDN."""

import base64
import binascii
import re
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from catalog.settings import formed

Code = Annotated[
    str,
    Field(max_length=40),
    formed("[a-z0-9]+(-[a-z0-9]+)*", "a-z, 0-9 and single `-` between them, such as edge-eu"),
]
CloudflarePlan: TypeAlias = Literal["free", "pro", "business", "enterprise"]

_PRINTABLE = re.compile(r"[!-~]([ -~]*[!-~])?")


def _fits_a_header(secret: SecretStr) -> SecretStr:
    """Refuse here what would fail at every request, with an error that might repeat it.

    Raises:
        ValueError: it cannot stand in a header.
    """
    if not _PRINTABLE.fullmatch(secret.get_secret_value()):
        raise ValueError("a secret is printable ASCII, without spaces around it")
    return secret


def _is_a_key(secret: SecretStr) -> SecretStr:
    """Refuse here what no webhook could be signed with (Standard Webhooks 1.0, "Signature scheme").

    Raises:
        ValueError: it is no base64.
    """
    try:
        base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError(
            "the secret of a webhook is base64, with or without whsec_ before it; "
            "`openssl rand -base64 32` makes one"
        ) from error
    return secret


Secret = Annotated[SecretStr, Field(min_length=16), AfterValidator(_fits_a_header)]
_HttpUrl = Annotated[str, formed(r"https?://[^\s/]+(/\S*)?", "a URL, such as http://10.0.0.5:6081")]
#: Where a credential is sent as it is: in clear only to this machine, and with no `/` at its end.
_ApiUrl = Annotated[
    str,
    formed(
        r"(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)"
        r"(/[^\s?#]*[^\s?#/])?",
        "a URL with https, or of this machine, without a user and `/` at its end, such as "
        "https://proxy.example",
    ),
]


class _Driver(BaseModel):
    """Clears one cache, or one tier of them.

    Attributes:
        after: the driver of the tier behind it: it is purged once that one has confirmed.
        max_tags: of one answer; its CDN drops what is beyond without a word.
        max_tag_bytes: of all of them in their header.
    """

    max_tags: ClassVar[int]
    max_tag_bytes: ClassVar[int]

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Code
    after: Code | None = None


class VarnishDriver(_Driver):
    """Purges by xkey at every node.

    A line of a header has at most 8 KiB (`http_resp_hdr_len`): with a longer one Varnish takes no
    part of the answer.
    """

    max_tags = 1_000
    max_tag_bytes = 8_000
    kind: Literal["varnish"]
    nodes: tuple[_HttpUrl, ...] = Field(min_length=1)
    secret: Secret


class FastlyDriver(_Driver):
    """Purges a Fastly service by surrogate key.

    Attributes:
        token: an API token with the scope `purge_select`.
    """

    max_tags = 1_000
    max_tag_bytes = 16_384  # "Surrogate-Key"
    kind: Literal["fastly"]
    service: Annotated[
        str, formed("[A-Za-z0-9]+", "the id of a service, such as 7i6HN3TK9wS159v2gPAZ8A")
    ]
    token: Secret
    api_url: _ApiUrl = "https://api.fastly.com"


class CloudflareDriver(_Driver):
    """Purges a zone of Cloudflare by cache tag.

    Attributes:
        token: an API token with the permission Cache Purge.
        plan: of the account, which sets how often it may be asked; by default the strictest.
    """

    max_tags = 1_000
    max_tag_bytes = 16_000  # "Purge cache by cache-tags"
    kind: Literal["cloudflare"]
    zone: Annotated[
        str, formed("[0-9a-f]{32}", "the id of a zone, which has 32 digits of 0-9 and a-f")
    ]
    token: Secret
    plan: CloudflarePlan = "free"
    api_url: _ApiUrl = "https://api.cloudflare.com"


class CloudFrontDriver(_Driver):
    """Invalidates a distribution of CloudFront by cache tag.

    Attributes:
        access_key, secret_key: without them the usual AWS sources of credentials.
    """

    max_tags = 50  # "Invalidating content by cache tags"
    max_tag_bytes = 8_000
    kind: Literal["cloudfront"]
    distribution: Annotated[
        str, formed("[A-Z0-9]+", "the id of a distribution, such as EDFDVBD6EXAMPLE")
    ]
    access_key: Secret | None = None
    secret_key: Secret | None = None
    endpoint_url: _ApiUrl = "https://cloudfront.amazonaws.com"

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError(f"driver {self.name}: access_key and secret_key come together")
        return self


class WebhookDriver(_Driver):
    """Posts tags, signed, to a service that purges anything else: the least that any CDN takes."""

    max_tags = 50
    max_tag_bytes = 1_000
    kind: Literal["webhook"]
    url: _HttpUrl
    secret: Annotated[Secret, AfterValidator(_is_a_key)]


PurgeDriver = Annotated[
    VarnishDriver | FastlyDriver | CloudflareDriver | CloudFrontDriver | WebhookDriver,
    Field(discriminator="kind"),
]
