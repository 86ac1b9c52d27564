"""What is wrong with a mapping file, said by its keys and by what there is to choose."""

from pydantic import BaseModel, ValidationError

from catalog.wording import in_words

_MOST = 5  # faults that one message names


def explained(error: ValidationError, root: type[BaseModel]) -> tuple[str, str]:
    """Return the key of the first fault, and a message that names the first few with their keys."""
    given = error.errors(include_url=False)
    keys = [_key(each["loc"]) for each in given]
    # of what may be written in several ways, only the way that was begun is named
    faults = [
        each
        for each, key in zip(given, keys, strict=True)
        if not any(other.startswith(f"{key}.") for other in keys)
    ]
    said: list[str] = []
    for each in faults[:_MOST]:
        where, message = _key(each["loc"]), in_words(each, root)
        said.append(f"{where}: {message}" if where else message)
    return _key(faults[0]["loc"]), "; ".join(dict.fromkeys(said))


def _key(loc: tuple[int | str, ...]) -> str:
    """Write where a fault is, without the words of the parser: `attribute.2.columns`."""
    return ".".join(str(each) for each in loc if isinstance(each, int) or _is_key(each))


def _is_key(part: str) -> bool:
    return not any(sign in part for sign in "[(") and part not in {"Cell", "str", "ColumnPart"}
