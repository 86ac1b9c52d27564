"""Changes of what a record of the bulk format states, by the same records and commands."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Final, cast

import strawberry
from strawberry.scalars import JSON

from api.documents.bounds import ROWS, Bound
from api.documents.declared import STORED, RowEach
from api.request.scene import Info, RequestState
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_enum,
    graphql_input,
    graphql_type,
)
from api.schema.payloads import MutationError, mutation_error
from api.schema.product import ProductKind
from api.schema.product_mutations import DryRun
from catalog.access.roles import Action
from catalog.bulk.records import TYPES_BY_NAME, RecordType
from catalog.errors import InvalidInputError, VitrineError, faults_of

#: Of a text that a value of a product holds.
_TEXT = Bound(longest=16_384)
MOST_VALUES: Final = 500
_VALUES = Bound(most=MOST_VALUES)


@graphql_enum
class Atomicity(Enum):
    """What one wrong row costs.

    Attributes:
        ROW: Itself.
        ALL: The whole call: nothing is written.
    """

    ROW = "row"
    ALL = "all"


@graphql_enum
class PutOutcome(Enum):
    """What became of one row.

    Attributes:
        CREATED: There was none of this key.
        UPDATED: It is other than before.
        UNCHANGED: It is so already.
        REJECTED: The `errors` of the row say why.
    """

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@graphql_input
class ValueInput:
    """One value of a product."""

    attribute: str = strawberry.field(description="Its code.")
    data: JSON | None = strawberry.field(
        description="As the bulk format states it; null takes the value away.",
        metadata=_TEXT.metadata,
    )
    locale: str | None = strawberry.field(default=None, description="Of the value.")
    market: str | None = strawberry.field(default=None, description="Of the value.")
    channel: str | None = strawberry.field(default=None, description="Of the value.")


@graphql_input
class ProductInput:
    """A product as the bulk format states it: what is left out stays, null clears."""

    sku: str = strawberry.field(description="Its key.")
    kind: ProductKind | None = strawberry.field(
        default=strawberry.UNSET, description="How it varies."
    )
    family: str | None = strawberry.field(default=strawberry.UNSET, description="Its code.")
    family_variant: str | None = strawberry.field(
        default=strawberry.UNSET, description="Of a model: its code."
    )
    parent: str | None = strawberry.field(
        default=strawberry.UNSET, description="Sku of the model that it is below."
    )
    gtin: str | None = strawberry.field(default=strawberry.UNSET, description="Null: none.")
    categories: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Codes of all of them; null: none."
    )
    values: list[ValueInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The others stay.", metadata=_VALUES.metadata
    )
    replace_values: bool = strawberry.field(
        default=False, description="`values` are the whole set instead."
    )
    strict_gtin: bool = strawberry.field(
        default=False, description="A wrong GTIN rejects the row; else it waits for a person."
    )


@graphql_type
class PutRow:
    """What became of one row."""

    key: str = strawberry.field(description="Of the row.")
    outcome: PutOutcome = strawberry.field(description="What became of it.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was rejected.", metadata=STORED.metadata
    )


@graphql_type
class PutPayload:
    """One result for each row, in their order."""

    results: list[PutRow] = strawberry.field(description="As `atomicity` has it.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class PutMutations:
    """Changes of what records state."""

    @field_with(rows=RowEach("rows"))
    @allowed(Action.PRODUCTS_EDIT)
    async def put_products(
        self,
        info: Info,
        rows: Annotated[list[ProductInput], argument("Of different skus.", ROWS)],
        atomicity: Annotated[Atomicity, argument("What one wrong row costs.")] = Atomicity.ROW,
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> PutPayload:
        """Make products, and change those that there are, as one change."""
        stated = [_stated(each) for each in rows]
        keys = [each.sku for each in rows]
        kind = TYPES_BY_NAME["product"]
        return await _put(info.context, kind, keys, stated, atomicity, dry_run=dry_run)


class _RefusedTogether(Exception):  # noqa: N818 - takes a transaction back, and is no error
    pass


def _take_back_if(refused: bool) -> None:  # noqa: FBT001 - the one thing that it asks
    """Leave the transaction around it, so that nothing of it stays.

    Raises:
        _RefusedTogether: it was refused.
    """
    if refused:
        raise _RefusedTogether


async def _put(
    state: RequestState,
    kind: RecordType,
    keys: Sequence[str],
    stated: Sequence[dict[str, Any]],
    atomicity: Atomicity,
    *,
    dry_run: bool,
) -> PutPayload:
    """Put rows as the records of a file, in one transaction."""
    if len(keys) > ROWS.most:
        error = InvalidInputError(f"give at most {ROWS.most} rows, not {len(keys):,}", field="rows")
        return PutPayload(results=[], errors=[mutation_error(error)])
    faults, places, records = _parsed(kind, keys, stated)
    outcomes: dict[int, str] = {}
    is_all = atomicity is Atomicity.ALL
    assert kind.put is not None  # noqa: S101 - that of every type that has a mutation
    try:
        async with state.change(dry_run=dry_run) as change:
            applied = await kind.put(change, records)
            for each in applied.rejections:
                faults[places[each.index]] = list(each.faults)
            outcomes = {places[index]: each for index, each in applied.outcomes.items()}
            _take_back_if(is_all and bool(faults))
    except _RefusedTogether:
        together = InvalidInputError("nothing is written: mend the other rows that are rejected")
        faults = {index: faults.get(index, [together]) for index in range(len(keys))}
    except VitrineError as error:
        return PutPayload(results=[], errors=[mutation_error(each) for each in faults_of(error)])
    results = [
        PutRow(
            key=key,
            outcome=PutOutcome("rejected" if index in faults else outcomes[index]),
            errors=[mutation_error(each) for each in faults.get(index, ())],
        )
        for index, key in enumerate(keys)
    ]
    return PutPayload(results=results, errors=[])


def _parsed(
    kind: RecordType, keys: Sequence[str], stated: Sequence[dict[str, Any]]
) -> tuple[dict[int, list[VitrineError]], list[int], list[Any]]:
    """Read rows: the faults by place, then the places and the records of the others."""
    faults: dict[int, list[VitrineError]] = {}
    places: list[int] = []
    records: list[Any] = []
    seen: set[str] = set()
    for index, (key, each) in enumerate(zip(keys, stated, strict=True)):
        if key in seen:
            faults[index] = [InvalidInputError(f"an earlier row has {key!r} too: join the two")]
            continue
        seen.add(key)
        try:
            records.append(kind.parse(each))
            places.append(index)
        except VitrineError as error:
            faults[index] = list(faults_of(error))
    return faults, places, records


def _stated(given: object) -> dict[str, Any]:
    """Return what an input says, without what it leaves out."""
    fields = {name: each for name, each in vars(given).items() if each is not strawberry.UNSET}
    return {name: _plain(each) for name, each in fields.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ValueInput):
        return vars(value)
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value
