"""Entity tags: whether a client has what it would be sent."""


def matches(if_none_match: str, etag: str) -> bool:
    """Return whether the client has these bytes: a weak comparison (RFC 9110, 13.1.2)."""
    if if_none_match == etag:
        return True
    candidates = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return etag in candidates or candidates == ["*"]


def is_still(if_match: str, etag: str) -> bool:
    """Return whether a precondition names these bytes: a strong comparison (RFC 9110, 13.1.1)."""
    candidates = [each.strip() for each in if_match.split(",")]
    return etag in candidates or candidates == ["*"]
