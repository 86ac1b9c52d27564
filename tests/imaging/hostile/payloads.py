"""What hostile files of several formats are made of."""

SVG_NAMES = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
PAYLOAD = b"<script>alert(1)</script><?php system('id'); ?>"


def billion_laughs() -> str:
    """Entities of ten entities each, `a9` the largest."""
    tens = [f"&a{level};" * 10 for level in range(9)]
    more = "".join(f"<!ENTITY a{level} '{ten}'>" for level, ten in enumerate(tens, 1))
    return f"<!ENTITY a0 'ha'>{more}"
