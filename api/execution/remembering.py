"""Objects that can be completed once, and shown again for as long as they would be the same."""

from collections.abc import Callable
from typing import Any, TypeAlias

#: Completes an object of a type in one place of a document; takes the object, the run and None.
Complete: TypeAlias = Callable[[Any, Any, None], dict[str, Any]]


class Remembers:
    """An object type whose class derives from this decides for each object.

    It is asked for the outermost such object, where the selection is the same in every run: no
    argument below it holds a variable or a nested input object, and no resolver asks for `Info`.
    """

    def completed_by(self, complete: Complete, run: object) -> Any:  # noqa: ANN401 - see below
        """Return `complete(self, run, None)`, or what that returned before; nobody changes it.

        It may also be whatever becomes the same JSON, for who writes the answer with a library that
        knows it, such as `orjson.Fragment`.

        Args:
            complete: the same object for the same selection, so that a weak reference to it may be
                part of a key; it has the whole plan of its operation, so it must not be kept alive.
            run: to be passed on.
        """
        return complete(self, run, None)
