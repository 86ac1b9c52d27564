"""What cached decisions and answers rest on: caches find by it what an event makes untrue."""

from typing import NewType

#: What a cached decision or answer may rest on, as `kind:id`: `asset:7f3k2cq9`, `set:EU`.
Subject = NewType("Subject", str)


def kind_of(subject: Subject) -> Subject:
    """Name every subject of the kind of one: `asset:` for `asset:7f3k2cq9`."""
    return Subject(f"{subject.partition(':')[0]}:")


def asset_subject(public_id: str) -> Subject:
    """Name an asset by its public id."""
    return Subject(f"asset:{public_id}")


def licence_subject(public_id: str) -> Subject:
    """Name a licence by its public id."""
    return Subject(f"licence:{public_id}")


def collection_subject(code: str) -> Subject:
    """Name a collection by its code."""
    return Subject(f"collection:{code}")


def territory_set_subject(code: str) -> Subject:
    """Name a territory set by its code."""
    return Subject(f"set:{code}")


def channel_subject(code: str) -> Subject:
    """Name a channel by its code."""
    return Subject(f"channel:{code}")


def publication_subject(owner: str, channel: str) -> Subject:
    """Name the publication of a product (by public id) on a channel."""
    return Subject(f"publication:{owner}:{channel}")


def product_subject(public_id: str) -> Subject:
    """Name a product by its public id: what answers show of it, whatever the channel."""
    return Subject(f"product:{public_id}")


def asset_texts_subject(public_id: str) -> Subject:
    """Name what people read of an asset: it is in the graph's answers, and in no gateway's."""
    return Subject(f"texts:{public_id}")


def list_subject(channel: str) -> Subject:
    """Name every list of what is published on a channel; each publication there changes them."""
    return Subject(f"publications:{channel}")


def reference_subject(noun: str, code: str) -> Subject:
    """Name a market, a locale or a category by its code."""
    return Subject(f"{noun}:{code}")


def preset_subject(code: str) -> Subject:
    """Name every version of a preset by its code."""
    return Subject(f"preset:{code}")


def signing_key_subject(kid: str) -> Subject:
    """Name a signing key by its id."""
    return Subject(f"key:{kid}")
