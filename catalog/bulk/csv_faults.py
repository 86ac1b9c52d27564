"""Where a file stops being a CSV, by line and column, as a person would look for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.bulk.model import UnreadableFileError, cannot_be_read


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePosition:
    """A place in a file: the line, the cell of its row and the character of the line, from 1."""

    line: int
    cell: int
    character: int


def undecodable(path: Path, encoding: str) -> UnreadableFileError:
    """Say at which line a file is not in its encoding."""
    try:
        with path.open("rb") as file:
            for line, raw in enumerate(file, start=1):
                try:
                    raw.decode(encoding)
                except UnicodeDecodeError as error:
                    before = raw[: error.start].decode(encoding, errors="replace")
                    return UnreadableFileError(
                        f"{path}: line {line}, character {len(before) + 1}: byte "
                        f"0x{raw[error.start]:02x} is no {_name(encoding)}: name the encoding of "
                        "the file in [csv] encoding, such as cp1252, latin-1, utf-8, utf-16",
                        field="encoding",
                    )
    except OSError as error:
        return cannot_be_read(path, error)
    return UnreadableFileError(
        f"{path} is no {_name(encoding)}: name its encoding in [csv] encoding"
    )


def broken_row(
    path: Path, lines: Iterator[str], begins: int, header: list[str], form: tuple[str, str]
) -> UnreadableFileError:
    """Say where a quote stands that does not close, or that closes before its cell ends.

    Args:
        path: of the file.
        lines: of the file from its beginning.
        begins: the line at which the row begins, from 1.
        header: the names of the columns; empty: the row is the header.
        form: delimiter and quote.
    """
    for _ in range(begins - 1):
        next(lines, None)
    opened, closed = _follow(lines, begins, *form)
    column = header[opened.cell - 1].strip() if opened.cell <= len(header) else None
    named = f"column {column!r}" if column else f"cell {opened.cell}"
    problem = (
        "is not closed before the end, or not within the most that a cell may hold"
        if closed is None
        else f"is closed at line {closed.line}, character {closed.character}, and text follows"
    )
    return UnreadableFileError(
        f"{path}: line {opened.line}, {named}: the quote that opens at character "
        f"{opened.character} {problem}: write a quote inside of a cell twice, or, where quotes "
        'mean nothing, quote = "" in [csv]',
        field=column,
    )


def _follow(
    lines: Iterator[str], begins: int, delimiter: str, quote: str
) -> tuple[FilePosition, FilePosition | None]:
    """Follow the quotes of a row; return where the last opened, and where it closed too early."""
    opened = FilePosition(line=begins, cell=1, character=1)
    cell, is_open, at_start = 1, False, True
    for line, text in enumerate(lines, start=begins):
        skipped = -1
        for place, sign in enumerate(text):
            if place == skipped:
                continue
            if is_open and sign == quote:
                after = text[place + 1 : place + 2]
                if after == quote:
                    skipped = place + 1
                    continue
                is_open = False
                if after not in {delimiter, "\r", "\n", ""}:
                    return opened, FilePosition(line=line, cell=cell, character=place + 1)
            elif not is_open and sign == quote and at_start:
                is_open, opened = True, FilePosition(line=line, cell=cell, character=place + 1)
            at_start = not is_open and sign == delimiter
            cell += at_start
        if not is_open:
            break
    return opened, None


def _name(encoding: str) -> str:
    return {"utf-8-sig": "UTF-8"}.get(encoding, encoding)
