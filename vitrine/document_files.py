"""Reads the files in which documents come, and holds each document against the schema."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from api.documents.preparation import Prepared
from api.schema.build import PREPARATION
from catalog.documents.model import Document, hash_of
from catalog.errors import InvalidInputError

APOLLO_FORMAT = "apollo-persisted-query-manifest"
_SHOWN = 20


class InvalidDocumentError(InvalidInputError):
    """A file, or a document in it, cannot be registered; the message says where and why."""

    code: ClassVar[str] = "INVALID_DOCUMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A document where it was found.

    Attributes:
        file: the `.graphql` file, or the manifest.
        entry: of the manifest, by its name or hash; None: the file is the document.
        text: exactly as it stands there.
    """

    file: Path
    entry: str | None
    text: str

    def as_document(self) -> Document:
        """Return it, once it is known to be valid, with the names of its operations."""
        operations = _operations(PREPARATION.prepare(self.text).document)
        names = [each.name.value for each in operations if each.name]
        return Document(text=self.text, name=", ".join(names) or None)

    def place(self, line: int) -> str:
        """Name a line of it, counted from 1."""
        if self.entry is None:
            return f"{self.file}:{line}"
        return f"{self.file}: {self.entry}, line {line}"


def read_documents(paths: Sequence[Path]) -> list[FoundDocument]:
    """Read and check documents; each text once, in the order of their files.

    Args:
        paths: `.graphql` files, folders of them at any depth, and manifests: `{hash: text}` as
            graphql-codegen writes it, or Apollo's persisted query manifest.

    Raises:
        InvalidDocumentError: one or more of them cannot be registered; all are named.
    """
    found: dict[str, FoundDocument] = {}
    problems: list[str] = []
    for path in paths:
        try:
            read = [*_read(path)]
        except InvalidDocumentError as error:
            problems.append(error.message)
            continue
        for each in read:
            if each.text not in found:
                found[each.text] = each
                problems += _problems(each)
    if problems:
        more = len(problems) - _SHOWN
        shown = [*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        raise InvalidDocumentError("nothing is registered:\n" + "\n".join(shown) + "\n")
    return [*found.values()]


def _read(path: Path) -> Iterator[FoundDocument]:
    if path.is_dir():
        files = sorted(path.rglob("*.graphql"))
        if not files:
            raise InvalidDocumentError(f"{path}: there is no .graphql file in this folder")
        for file in files:
            yield from _read(file)
        return
    try:
        # not `read_text`, which would change the ends of lines, and with them the hash
        text = path.read_bytes().decode()
    except OSError as error:
        raise InvalidDocumentError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidDocumentError(f"{path}: is not UTF-8") from error
    match path.suffix:
        case ".graphql":
            yield FoundDocument(file=path, entry=None, text=text)
        case ".json":
            yield from _read_manifest(path, text)
        case _:
            raise InvalidDocumentError(f"{path}: is neither .graphql nor a .json manifest")


def _read_manifest(path: Path, text: str) -> Iterator[FoundDocument]:
    try:
        manifest: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidDocumentError(f"{path}:{error.lineno}: is no JSON: {error.msg}") from error
    for entry, digest, body in _entries(path, manifest):
        if digest.removeprefix("sha256:").lower() != hash_of(body):
            raise InvalidDocumentError(
                f"{path}: {entry}: {digest} is not the SHA-256 of its text; graphql-codegen "
                'before 6 has to be told `persistedDocuments: { hashAlgorithm: "sha256" }`'
            )
        yield FoundDocument(file=path, entry=entry, text=body)


def _entries(path: Path, manifest: object) -> Iterator[tuple[str, str, str]]:
    """Yield name, hash and text of each entry.

    Raises:
        InvalidDocumentError: it is no manifest that is known.
    """
    known = cast("dict[str, Any]", manifest) if isinstance(manifest, dict) else {}
    operations = known.get("operations") if known.get("format") == APOLLO_FORMAT else None
    if isinstance(operations, list):
        for each in cast("list[Any]", operations):
            match each:
                case {"id": str(digest), "body": str(body)}:
                    yield str(each.get("name") or digest), digest, body
                case _:
                    raise InvalidDocumentError(
                        f"{path}: every operation has `id` and `body`, and one has not"
                    )
    elif known and all(isinstance(each, str) for each in known.values()):
        yield from ((digest, digest, body) for digest, body in known.items())
    else:
        raise InvalidDocumentError(
            f"{path}: is neither {{hash: text}}, as graphql-codegen writes it, nor an "
            f"{APOLLO_FORMAT}"
        )


def _problems(found: FoundDocument) -> Iterator[str]:
    """Say why a document could never be executed, each time with its file and line."""
    try:
        prepared = PREPARATION.prepare(found.text)
    except GraphQLError as error:
        yield _problem(found, error)
        return
    if not _operations(prepared.document):
        yield f"{found.place(1)}: no operation; fragments belong into the files that spread them"
        return
    for error in _errors(prepared):
        yield _problem(found, error)


def _errors(prepared: Prepared) -> list[GraphQLError]:
    variables = prepared.outline.defaults  # what they hold is known when it is asked
    return PREPARATION.errors(prepared, dict.fromkeys(variables, 1))


def _problem(found: FoundDocument, error: GraphQLError) -> str:
    line = error.locations[0].line if error.locations else 1
    return f"{found.place(line)}: {error.message}"


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
