"""Frozen values of vocabularies, and the record that changes one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Locale to text.
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyTerm:
    """One term; its position is its place in the list.

    Attributes:
        synonyms: per locale what else people call it.
        broader: the code of a term of the same vocabulary that includes it (SKOS `broader`).
    """

    code: str
    label: Label = field(default_factory=dict[str, str])
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    broader: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Terms that attributes may be held to, in their order."""

    code: str
    label: Label = field(default_factory=dict[str, str])
    terms: tuple[VocabularyTerm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyRecord:
    """A vocabulary of the bulk format.

    Attributes:
        terms: the whole list.
    """

    code: str
    label: Label | None = None
    terms: tuple[VocabularyTerm, ...] | None = None
