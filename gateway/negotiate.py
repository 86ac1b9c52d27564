"""`.auto`: the best format that the client says it takes (RFC 9110, section 12.5.1)."""

from catalog.delivery.model import Format

_MAX_RANGES = 64


def negotiate(accept: str, *, has_alpha: bool) -> Format:
    """Return AVIF, WebP or the base format: never 406.

    Args:
        accept: the header, whatever it holds; an edge may have reduced it to `avif` or `webp`.
        has_alpha: the base format is then PNG, else JPEG.
    """
    taken = {
        name.strip().lower()
        for each in accept.split(",", _MAX_RANGES)[:_MAX_RANGES]
        for name, _, parameters in [each.partition(";")]
        if not _is_refused(parameters)
    }
    for wanted in (Format.AVIF, Format.WEBP):
        if wanted.mime in taken or wanted.value in taken:
            return wanted
    return Format.PNG if has_alpha else Format.JPEG


def _is_refused(parameters: str) -> bool:
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value) <= 0
            except ValueError:
                return True
    return False
