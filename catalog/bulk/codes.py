"""Which code the label in a cell means: that of what is stored, or one made from the label. Pure.

Two labels never share a code: signs, punctuation and scripts count, only case and the number of
spaces do not. The same label gets the same code in every file and every catalogue, as long as no
other label has taken it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.errors import InvalidInputError
from catalog.media.rules import slug_of

_MAX_LENGTH = 100  # what the longest column of a code takes
_DIGEST = 8
_OPTION = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")
_NODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_JOINERS = frozenset(" -_.")
#: Between letters they only join words; beside digits they make another label: 38/40, 38,40.
_WORD_SIGNS = frozenset("&/,'()\u2019")
_LETTERS = frozenset("ßæøœłđðþ")  # Latin letters that a slug spells, though they decompose not


def label_key(label: str) -> str:
    """Return a label in a form in which equal ones compare equal: case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFC", label).split()).lower()


def made_code(label: str, *, pattern: re.Pattern[str] = _OPTION) -> str:
    """Make a code from a label: a code stays as it is, words are joined by hyphens.

    What a slug would drop without leaving a trace (`+`, `½`, Cyrillic) adds a digest of the label.
    """
    key = label_key(label)
    if pattern.fullmatch(label) and len(label) <= _MAX_LENGTH:
        return label
    slug = slug_of(key)
    return slug if slug and _is_spelled(key) else with_digest(slug, key)


def with_digest(slug: str, key: str, *, length: int = _DIGEST) -> str:
    """Return a code that only this label has."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:length]
    head = slug[: _MAX_LENGTH - length - 1].strip("-_.")
    return f"{head}-{digest}" if head else digest


def _is_spelled(key: str) -> bool:
    """Return whether a slug keeps every letter and digit of a label, and every sign that counts."""
    signs = _JOINERS if re.search("[0-9]", key) else _JOINERS | _WORD_SIGNS
    return all(each in signs or _is_latin(each) for each in key)


def _is_latin(letter: str) -> bool:
    plain = unicodedata.normalize("NFD", letter)[0]
    return (plain.isascii() and plain.isalnum()) or letter in _LETTERS


@dataclass(slots=True, kw_only=True)
class TakenCodes:
    """The codes that are given away; those that differ by `-` and `_` alone count as one."""

    codes: set[str] = field(default_factory=set[str])

    def add(self, code: str) -> None:
        """Give a code away."""
        self.codes.add(code.replace("_", "-"))

    def __contains__(self, code: str) -> bool:
        return code.replace("_", "-") in self.codes

    def free(self, wanted: str, key: str) -> str:
        """Return a code that nobody has: the wanted one, or else one with a digest of the label."""
        if wanted not in self and len(wanted) <= _MAX_LENGTH:
            return wanted
        code = with_digest(wanted, key)
        return code if code not in self else with_digest("", key, length=32)


class Codes:
    """The codes of one attribute's options, or of one category's children.

    Args:
        stored: the labels of what is there, by code.
        locale: whose labels are looked at first.
        taken: the codes that no new label gets.
        nouns: what has these codes, for messages.
    """

    def __init__(
        self,
        stored: Mapping[str, Mapping[str, str]],
        locale: str,
        taken: TakenCodes | None = None,
        nouns: str = "options",
    ) -> None:
        self._nouns = nouns
        self._stored = frozenset(stored)
        self._meant: dict[str, str] = {}
        self._labels: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
        self._in_any_case: dict[str, str] = {}
        self.taken = taken or TakenCodes()
        for code, labels in stored.items():
            self.taken.add(code)
            own = label_key(labels.get(locale, ""))
            for key in {label_key(each) for each in labels.values()} - {""}:
                self._labels[key != own].setdefault(key, []).append(code)
            if slug_of(own) != code:  # a code of its own, which people may write in capitals
                self._in_any_case.setdefault(code.lower(), code)

    def find(self, text: str) -> str | None:
        """Return the code that a text means, by label or by code; None: nothing has it.

        Raises:
            InvalidInputError: several things have this label.
        """
        key = label_key(text)
        if key in self._meant:
            return self._meant[key]
        for labels in self._labels:
            codes = labels.get(key, [])
            if len(codes) > 1 and text not in codes:
                raise InvalidInputError(
                    f"several {self._nouns} are called {text!r}: write the code of one, "
                    f"{', '.join(sorted(codes))}"
                )
            if codes:
                return text if text in codes else codes[0]
        return text if text in self._stored else self._in_any_case.get(key)

    def make(self, text: str, wanted: str, path: str | None = None) -> str:
        """Give a text that nothing has a code of its own.

        Args:
            text: the label.
            wanted: the code, if nothing else has it.
            path: tells the label from equal ones elsewhere.
        """
        code = self.taken.free(wanted, label_key(path or text))
        self.taken.add(code)
        self._meant[label_key(text)] = code
        return code

    def code_of(self, text: str) -> str:
        """Return the code that a text means; where nothing has it, one is made.

        Raises:
            InvalidInputError: several things have this label.
        """
        return self.find(text) or self.make(text, made_code(text))


class CategoryTree:
    """The categories below one root, found by path, by code or by label.

    Args:
        stored: every category by code: its parent and its labels.
        root: the code of the tree that new ones are put below.
        locale: whose labels are looked at first.
    """

    def __init__(
        self, stored: Mapping[str, tuple[str | None, Mapping[str, str]]], root: str, locale: str
    ) -> None:
        self._root, self._locale = root, locale
        self._taken = TakenCodes()
        self._parents = {code: parent for code, (parent, _) in stored.items()}
        self._children: dict[str, dict[str, Mapping[str, str]]] = {}
        for code, (parent, labels) in stored.items():
            self._taken.add(code)
            if parent is not None:
                self._children.setdefault(parent, {})[code] = labels
        self._taken.add(root)
        below = {code: labels for code, (_, labels) in stored.items() if self._is_below_root(code)}
        self._anywhere = Codes(below, locale, TakenCodes(), "categories")
        self._below: dict[str, Codes] = {}

    def path_of(self, steps: Sequence[str]) -> list[tuple[str, str]]:
        """Return (code, parent) of every category on a path, from below the root to the leaf.

        A single step that is no child of the root may be the code of any category, or the label of
        one category of the tree.

        Raises:
            InvalidInputError: several categories have this label.
        """
        if len(steps) == 1 and self._codes_below(self._root).find(steps[0]) is None:
            code = steps[0] if steps[0] in self._parents else self._anywhere.find(steps[0])
            parent = self._parents.get(code) if code is not None else None
            if code is not None and parent is not None:
                return [(code, parent)]
        path: list[tuple[str, str]] = []
        parent = self._root
        for place, step in enumerate(steps, start=1):
            codes = self._codes_below(parent)
            code = codes.find(step) or codes.make(
                step, _path_code(steps[:place]), "/".join(steps[:place])
            )
            path.append((code, parent))
            parent = code
        return path

    def _is_below_root(self, code: str) -> bool:
        seen: set[str] = set()
        at = self._parents.get(code)
        while at is not None and at != self._root and at not in seen:
            seen.add(at)
            at = self._parents.get(at)
        return at == self._root

    def _codes_below(self, parent: str) -> Codes:
        if parent not in self._below:
            stored = self._children.get(parent, {})
            self._below[parent] = Codes(stored, self._locale, self._taken, "categories")
        return self._below[parent]


def _path_code(steps: Sequence[str]) -> str:
    if len(steps) == 1:
        return made_code(steps[0], pattern=_NODE)
    parts = [slug_of(label_key(step)) for step in steps]
    code = "-".join(part for part in parts if part)
    is_spelled = all(parts) and all(_is_spelled(label_key(step)) for step in steps)
    return code if is_spelled else with_digest(code, "/".join(label_key(each) for each in steps))
