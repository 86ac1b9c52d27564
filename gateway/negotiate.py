"""What the client says it takes (RFC 9110, section 12.5.1): for `.auto` best first."""

from catalog.delivery.model import Format

_MAX_RANGES = 64


def negotiate(accept: str, *, has_alpha: bool) -> tuple[Format, ...]:
    """Return AVIF and WebP, where they are taken, and the base format: never 406.

    The first is the one to answer with; each further one is cheaper to make.

    Args:
        accept: the header, whatever it holds; an edge may have reduced it to `avif` or `webp`.
        has_alpha: the base format is then PNG, else JPEG.
    """
    taken = _taken(accept)
    modern = (
        each for each in (Format.AVIF, Format.WEBP) if each.mime in taken or each.value in taken
    )
    return (*modern, Format.PNG if has_alpha else Format.JPEG)


def takes_json(accept: str) -> bool:
    """Return whether the client names JSON among what it takes."""
    return "application/json" in _taken(accept)


def _taken(accept: str) -> set[str]:
    return {
        name.strip().lower()
        for each in accept.split(",", _MAX_RANGES)[:_MAX_RANGES]
        for name, _, parameters in [each.partition(";")]
        if not _is_refused(parameters)
    }


def _is_refused(parameters: str) -> bool:
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value) <= 0
            except ValueError:
                return True
    return False
