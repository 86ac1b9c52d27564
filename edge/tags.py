"""Cache tags, under the names by which caches read them."""

from collections.abc import Mapping, Sequence


def tag_headers(tags: Sequence[str]) -> Mapping[str, str]:
    """Return the same tags for Fastly, for Varnish, and for Cloudflare and CloudFront."""
    spaced = " ".join(tags)
    return {"Surrogate-Key": spaced, "xkey": spaced, "Cache-Tag": ",".join(tags)}
