"""How an image is asked for: by preset, width and format."""

from enum import Enum
from typing import Annotated

from api.documents.bounds import Bound
from api.schema.descriptions import argument, graphql_enum
from catalog.delivery.model import Format


@graphql_enum
class ImageFormat(Enum):
    """A format that images are delivered in; AUTO is negotiated by the Accept header.

    Attributes:
        AVIF: `image/avif`.
        WEBP: `image/webp`.
        JPEG: `image/jpeg`, which everything can show; no transparency.
        PNG: `image/png`, without loss.
        AUTO: The best that the request's `Accept` header names.
    """

    AVIF = Format.AVIF
    WEBP = Format.WEBP
    JPEG = Format.JPEG
    PNG = Format.PNG
    AUTO = Format.AUTO


PresetArgument = Annotated[str, argument("Code of a preset, such as `card`.")]
WidthArgument = Annotated[
    int | None, argument("In pixels, one of the preset's; by default its largest.")
]
FormatArgument = Annotated[ImageFormat, argument("One of the preset's, or AUTO.")]
SizesArgument = Annotated[
    str | None,
    argument("The `sizes` of HTML: how wide the picture will be shown.", Bound(longest=500)),
]
