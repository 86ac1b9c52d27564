"""Upserts in batches: what a record leaves out is kept, and one bad record costs only itself.

Every `put_*` command goes through `judge`, so all of them count and reject alike.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Generic, TypeVar

from catalog.errors import Faults, InvalidInputError, UnknownNameError, VitrineError, faults_of

Key = TypeVar("Key")
Given = TypeVar("Given")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One record of a batch that was not applied, while its neighbours were.

    Attributes:
        index: its place in the batch, from 0.
        code, message, field: as a `VitrineError` carries them.
        faults: all that is wrong with it.
    """

    index: int
    code: str
    message: str
    field: str | None = None
    faults: tuple[VitrineError, ...] = ()

    @classmethod
    def of(cls, index: int, error: VitrineError) -> "Rejection":
        """Say of a record what an error says."""
        return cls(
            index=index,
            code=error.code,
            message=error.message,
            field=error.field,
            faults=tuple(faults_of(error)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What a batch of upserts did. A second run of the same batch has only `unchanged`.

    Attributes:
        kept_approvals: assets that a record calls a draft, and that stay as a person approved them.
        outcomes: `created`, `updated` or `unchanged` by the place of a record, where `judge` told;
            the rejected ones have none.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept_approvals: int = 0
    rejections: tuple[Rejection, ...] = ()
    outcomes: Mapping[int, str] = field(default_factory=dict[int, str], compare=False)


@dataclass(slots=True, kw_only=True)
class BatchChanges(Generic[Key, Value]):
    """What a batch asks for: the new and the changed values by key, and what was refused.

    Attributes:
        before: the changed ones as they were.
    """

    created: dict[Key, Value] = field(default_factory=dict[Key, Value])
    updated: dict[Key, Value] = field(default_factory=dict[Key, Value])
    before: dict[Key, Value] = field(default_factory=dict[Key, Value])
    unchanged: int = 0
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    outcomes: dict[int, str] = field(default_factory=dict[int, str])

    @property
    def changed(self) -> list[Value]:
        """Return what has to be written, in the order of the batch."""
        return [*self.created.values(), *self.updated.values()]

    @property
    def applied(self) -> BatchResult:
        """Return the counts and refusals, as a command answers them."""
        return BatchResult(
            created=len(self.created),
            updated=len(self.updated),
            unchanged=self.unchanged,
            rejections=tuple(self.rejections),
            outcomes=self.outcomes,
        )


def judge(
    records: Sequence[Given],
    known: dict[Key, Value],
    *,
    key: Callable[[Given], Key],
    merge: Callable[[Given, Value | None], Value],
) -> BatchChanges[Key, Value]:
    """Merge each record into what is known, in order, so that a record may name earlier ones.

    Args:
        records: the batch.
        known: the stored values by key; accepted ones are added as the batch goes on.
        key: of a record; may refuse it too.
        merge: returns the wanted value, equal to the known one where nothing changes; raises a
            `VitrineError` to refuse the record.
    """
    judged = BatchChanges[Key, Value]()
    for index, record in enumerate(records):
        try:
            at = key(record)
            before = known.get(at)
            wanted = merge(record, before)
        except VitrineError as error:
            judged.rejections.append(Rejection.of(index, error))
            continue
        if wanted == before:
            judged.unchanged += 1
            judged.outcomes[index] = "unchanged"
            continue
        is_new = before is None or at in judged.created
        if before is not None and not is_new:
            judged.before.setdefault(at, before)
        (judged.created if is_new else judged.updated)[at] = wanted
        judged.outcomes[index] = "created" if is_new else "updated"
        known[at] = wanted
    return judged


def complete(record: object, stored: Value | None, into: type[Value]) -> Value:
    """Fill what a record leaves out (None) from the stored value, then from the defaults.

    An empty text clears a field that may be absent (its default is None).

    Args:
        record: a dataclass whose fields are named as those of `into`.
        stored: the value that the record changes; None: the record is new.
        into: the dataclass of complete values.

    Raises:
        InvalidInputError: a new record lacks a field without a default, or a text holds NUL.
        SeveralFaultsError: more than one of these.
    """
    values: dict[str, Any] = {}
    faults = Faults()
    for each in _fields_of(into):
        given: Any = getattr(record, each.name)
        with faults:
            if isinstance(given, str):
                check_text(given, field=each.name)
            if given is None:
                given = getattr(stored, each.name) if stored is not None else _default(each)
        values[each.name] = None if given == "" and each.default is None else given
    faults.refuse_any()
    return into(**values)


def check_text(text: str, *, field: str) -> None:
    """Refuse the one character that PostgreSQL cannot store.

    Raises:
        InvalidInputError: the text holds U+0000.
    """
    if "\0" in text:
        raise InvalidInputError("remove the character U+0000 from the text", field=field)


def check_label(label: Mapping[str, str], *, field: str) -> None:
    """Refuse labels that are no texts.

    Raises:
        InvalidInputError: at the locale at fault.
    """
    for locale, text in label.items():
        check_text(locale, field=field)
        check_text(text, field=f"{field}.{locale}")


def check_known(names: Iterable[str], known: Container[str], *, noun: str, field: str) -> None:
    """Refuse names that do not exist.

    Args:
        names: what the record names.
        known: a container of what exists.
        noun: what the names are, for the message.
        field: at fault.

    Raises:
        UnknownNameError: a name is not known.
        SeveralFaultsError: several are not.
    """
    Faults(
        UnknownNameError(
            f"there is no {noun} {name!r}: add it first", field=field, named=((noun, name),)
        )
        for name in dict.fromkeys(names)
        if name not in known
    ).refuse_any()


def _fields_of(into: type[Any]) -> tuple[Field[Any], ...]:
    return fields(into)


def _default(each: Field[Any]) -> Any:  # noqa: ANN401 - the field's own type
    if each.default is not MISSING:
        return each.default
    if each.default_factory is not MISSING:
        return each.default_factory()
    raise InvalidInputError(f"give {each.name!r}: a new record needs it", field=each.name)
