"""What is wrong with records, settings and mappings that people write, in words for them."""

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NETWORK = "write a network without bits beyond its length: 10.0.0.0/8, 2001:db8::/32"
#: By what pydantic calls a fault. Its own sentences speak of types, and are shown to nobody.
_FORMS: Mapping[str, str] = {
    "missing": "it has to be given",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "int_parsing_size": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "finite_number": "write a number",
    "string_type": "write a text",
    "path_type": "write the path of a folder or a file",
    "tuple_type": "write a list",
    "list_type": "write a list",
    "dict_type": "write an object with keys",
    "model_type": "write an object with keys",
    "model_attributes_type": "write an object with keys",
    "ip_v4_network": _NETWORK,
    "ip_v6_network": _NETWORK,
}
_BOUNDS: Mapping[str, str] = {
    "less_than_equal": "it is at most {le:g}",
    "less_than": "it is less than {lt:g}",
    "greater_than_equal": "it is at least {ge:g}",
    "greater_than": "it is more than {gt:g}",
    "string_too_short": "it has at least {min_length} characters",
    "string_too_long": "it has at most {max_length} characters",
    "too_short": "its length is at least {min_length}",
    "too_long": "its length is at most {max_length}",
    "literal_error": "choose one of {expected}",
    "union_tag_invalid": "choose as {discriminator} one of {expected_tags}",
    "union_tag_not_found": "{discriminator} has to be given",
    "string_pattern_mismatch": "it does not have the form {pattern}",
}


def in_words(fault: "ErrorDetails", root: type[BaseModel]) -> str:
    """Return what is wrong, and what to write instead.

    Args:
        fault: one of a `ValidationError`.
        root: the model that was validated.
    """
    kind = fault["type"]
    if kind == "extra_forbidden":
        return no_such("key", str(fault["loc"][-1]), keys_at(fault["loc"][:-1], root))
    if kind in _FORMS:
        return _FORMS[kind]
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**fault.get("ctx", {}))
    if kind == "value_error":  # in words of ours already
        return fault["msg"].removeprefix("Value error, ")
    return "the value has the wrong type or form"


def no_such(noun: str, wrong: str, names: Sequence[str]) -> str:
    """Return that there is no such one, which is likely to be meant, and which there are."""
    near = difflib.get_close_matches(wrong, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"there is no such {noun}: {hint}choose one of {', '.join(names)}"


def keys_at(loc: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """Return which keys may stand at a place, sorted; of what may be written in several ways, all.

    Args:
        loc: of the place: names of fields, indices, and the values that choose between models.
        root: what stands at the top.
    """
    at = {root}
    for part in loc:
        chosen = {each for each in at if _is_chosen_by(part, each)}
        inside = {
            model
            for each in at
            for key, annotation in _fields(each).items()
            if part == key
            for model in _models_in(annotation)
        }
        at = inside or chosen or at
    return sorted({key for each in at for key in _fields(each)})


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return the keys of a model, each with what it may hold."""
    return {field.alias or key: field.annotation for key, field in model.model_fields.items()}


def _is_chosen_by(part: int | str, model: type[BaseModel]) -> bool:
    """Whether a value of a key that has but one, such as `kind`, says that it is this model."""
    return any(
        get_origin(annotation) is Literal and get_args(annotation) == (part,)
        for annotation in _fields(model).values()
    )


def _models_in(annotation: Any) -> set[type[BaseModel]]:  # noqa: ANN401 - any type
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for each in get_args(annotation) for model in _models_in(each)}
