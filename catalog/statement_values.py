"""The values of a statement that has only those conditions that were asked for."""

from collections.abc import Iterable, Mapping


class StatementValues:
    """The values of a statement, and the conditions that name them.

    So PostgreSQL knows how many rows to expect, takes an index that begins with what is asked for,
    and reads no more of it than a page. The texts are closed: put together from what is written in
    a store, and from no text of a request.
    """

    def __init__(self, *first: object) -> None:
        self.all = [*first]

    def add(self, template: str, *values: object) -> str:
        """Return the template with a parameter for each value in place of its `{}`."""
        parameters = [f"${len(self.all) + n}" for n in range(1, len(values) + 1)]
        self.all += values
        return template.format(*parameters)

    def asked(self, templates: Mapping[str, str], wanted: Mapping[str, object]) -> list[str]:
        """Return the conditions of all that is asked; what is None, or is not there, is not."""
        given = {name: wanted.get(name) for name in templates}
        return [
            self.add(templates[name], value) for name, value in given.items() if value is not None
        ]


def all_of(conditions: Iterable[str]) -> str:
    """Return a condition that holds where all of these do."""
    return " AND ".join(conditions) or "true"
