"""How large a parsed document is: whoever keeps a node of one keeps all of it."""

from graphql import Node

#: Of a token with the nodes that are made of it, about, in memory.
BYTES_A_TOKEN = 600


def kept_bytes(node: Node) -> int:
    """Return what the document of a node takes in memory, about, its text included."""
    if node.loc is None:
        return 0
    token, count = node.loc.start_token, 0
    while token.prev is not None:
        token = token.prev
    while token is not None:
        count, token = count + 1, token.next
    return 4 * len(node.loc.source.body) + BYTES_A_TOKEN * count
