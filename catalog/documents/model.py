"""Frozen values of trusted documents, and the hash by which everybody names one."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from catalog.errors import InvalidInputError
from catalog.subjects import Subject

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that is to be trusted.

    Attributes:
        text: exactly as clients hash it.
        name: of its operations, for people; None: they have none.
    """

    text: str
    name: str | None

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hash_of(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredDocument:
    """A trusted document as it is listed."""

    hash: str
    name: str | None
    registered_at: datetime


def hash_of(text: str) -> str:
    """Return the SHA-256 of a document's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_hash(given: str) -> str:
    """Return the hash that a document is named by: `sha256:…`, or its 64 digits alone.

    Raises:
        InvalidInputError: it is none.
    """
    digest = given.removeprefix("sha256:").lower()
    if not _HASH.fullmatch(digest):
        raise InvalidInputError(
            "a document is named by its SHA-256, 64 hexadecimal digits", field="hash"
        )
    return digest


def document_subject(digest: str) -> Subject:
    """Name a document in the event log."""
    return Subject(f"document:{digest}")
