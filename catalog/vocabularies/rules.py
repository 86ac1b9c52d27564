"""What vocabularies must hold to. Pure."""

import re
from collections.abc import Container, Mapping
from collections.abc import Set as AbstractSet

from catalog.batches import check_known, check_label, check_text, complete
from catalog.channels.model import FallbackCycleError
from catalog.channels.rules import check_code
from catalog.errors import ConflictError, Faults, InvalidInputError
from catalog.vocabularies.model import Vocabulary, VocabularyRecord, VocabularyTerm

MOST_TERMS = 5_000
MOST_SYNONYMS = 50  # of a term in a locale
LONGEST_SYNONYM = 200
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_NAME_FORM = "1 to 100 letters, digits, underscores, hyphens and dots, none of these two first"


def merge_vocabulary(
    record: VocabularyRecord, stored: Vocabulary | None, used: AbstractSet[tuple[str, str]]
) -> Vocabulary:
    """Return the vocabulary that a record asks for.

    Args:
        record: what is asked for.
        stored: the vocabulary as it is.
        used: (vocabulary, term) of values, among the terms that the batch would remove.

    Raises:
        InvalidInputError: a code, label or synonym that is none.
        UnknownNameError: a broader term that the vocabulary does not have.
        FallbackCycleError: a term would be broader than itself.
        ConflictError: a value uses a term that would be removed.
        SeveralFaultsError: more than one of these.
    """
    vocabulary = complete(record, stored, Vocabulary)
    faults = Faults()
    with faults:
        check_code(vocabulary.code, _NAME, _NAME_FORM)
    with faults:
        check_label(vocabulary.label, field="label")
    if len(vocabulary.terms) > MOST_TERMS:
        faults.append(InvalidInputError(f"write at most {MOST_TERMS} terms", field="terms"))
        raise faults.as_one()
    broader = {term.code: term.broader for term in vocabulary.terms}
    circular = in_circles(broader)
    before = set[str]()
    for place, term in enumerate(vocabulary.terms):
        with faults:
            _check_term(term, before, broader, circular, field=f"terms[{place}]")
        before.add(term.code)
    for term in stored.terms if stored is not None else ():
        if term.code not in broader and (vocabulary.code, term.code) in used:
            in_use = f"values use the term {term.code!r}: change them first"
            faults.append(ConflictError(in_use, field="terms"))
    faults.refuse_any()
    return vocabulary


def _check_term(
    term: VocabularyTerm,
    before: AbstractSet[str],
    terms: Container[str],
    circular: AbstractSet[str],
    *,
    field: str,
) -> None:
    faults = Faults()
    with faults:
        check_code(term.code, _NAME, _NAME_FORM, field=f"{field}.code")
    if term.code in before:
        faults.append(InvalidInputError("name each term once", field=f"{field}.code"))
    with faults:
        check_label(term.label, field=f"{field}.label")
    for locale, synonyms in term.synonyms.items():
        with faults:
            _check_synonyms(synonyms, field=f"{field}.synonyms.{locale}")
    with faults:
        named = [term.broader] if term.broader is not None else []
        check_known(named, terms, noun="term", field=f"{field}.broader")
    if term.code in circular:
        leads_back = f"{term.code!r} would lead back to itself: choose another"
        faults.append(FallbackCycleError(leads_back, field=f"{field}.broader"))
    faults.refuse_any()


def _check_synonyms(synonyms: tuple[str, ...], *, field: str) -> None:
    if len(synonyms) > MOST_SYNONYMS:
        raise InvalidInputError(f"write at most {MOST_SYNONYMS} synonyms", field=field)
    for synonym in synonyms:
        check_text(synonym, field=field)
        if not 0 < len(synonym.strip()) <= LONGEST_SYNONYM:
            raise InvalidInputError(
                f"write 1 to {LONGEST_SYNONYM} characters for each synonym", field=field
            )


def in_circles(broader: Mapping[str, str | None]) -> AbstractSet[str]:
    """Return the terms that lead back to themselves; each is walked through once.

    Args:
        broader: per term the broader one.
    """
    circular, known = set[str](), set[str]()
    for term in broader:
        line: list[str] = []
        at: str | None = term
        while at is not None and at in broader and at not in known:
            known.add(at)
            line.append(at)
            at = broader[at]
        if at in line:
            circular.update(line[line.index(at) :])
    return circular
