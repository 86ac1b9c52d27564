"""What is wrong with a mapping file, said by its keys and by what there is to choose."""

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_MOST = 5  # faults that one message names


def explained(error: ValidationError, root: type[BaseModel]) -> tuple[str, str]:
    """Return the key of the first fault, and a message that names the first few with their keys."""
    given = error.errors(include_url=False)
    keys = [_key(each["loc"]) for each in given]
    # of what may be written in several ways, the way that was begun is told, not the others
    faults = [
        each
        for each, key in zip(given, keys, strict=True)
        if not any(other.startswith(f"{key}.") for other in keys)
    ]
    said: list[str] = []
    for each in faults[:_MOST]:
        where = _key(each["loc"])
        if each["type"] == "extra_forbidden":
            message = _choices(each["loc"], root)
        elif each["type"] == "missing":
            message = "it has to be given"
        else:
            message = each["msg"].removeprefix("Value error, ")
        said.append(f"{where}: {message}" if where else message)
    return _key(faults[0]["loc"]), "; ".join(dict.fromkeys(said))


def _key(loc: tuple[int | str, ...]) -> str:
    """Write where a fault is, without the words of the parser: `attribute.2.columns`."""
    return ".".join(str(each) for each in loc if isinstance(each, int) or _is_key(each))


def _is_key(part: str) -> bool:
    return not any(sign in part for sign in "[(") and part not in {"Cell", "str", "ColumnPart"}


def _choices(loc: tuple[int | str, ...], root: type[BaseModel]) -> str:
    keys = _keys_at(loc, root)
    wrong = str(loc[-1])
    near = difflib.get_close_matches(wrong, keys, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"there is no such key: {hint}choose one of {', '.join(keys)}"


def _keys_at(loc: tuple[int | str, ...], root: type[BaseModel]) -> list[str]:
    at = {root}
    for part in loc[:-1]:
        fields = [
            field
            for model in at
            for name, field in model.model_fields.items()
            if part in {name, field.alias}
        ]
        at = {model for field in fields for model in _models_in(field.annotation)} or at
    return sorted({field.alias or name for each in at for name, field in each.model_fields.items()})


def _models_in(annotation: Any) -> set[type[BaseModel]]:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for each in get_args(annotation) for model in _models_in(each)}
