"""`vitrine documents`: what it takes, what it refuses and where, what it stores."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.documents.model import hash_of
from tests.support.commands import vitrine
from vitrine.document_files import InvalidDocumentError, read_documents

CHANNELS = "query Channels { channels { ...Code } }\n\nfragment Code on Channel { code }\n"
MARKETS = "query Markets { markets { code } }"
BOTH = "query A { channels { code } }\nquery B { markets { code } }"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files, one of them further down."""
    folder = tmp_path / "documents"
    (folder / "pages").mkdir(parents=True)
    (folder / "channels.graphql").write_text(CHANNELS)
    (folder / "pages/both.graphql").write_text(BOTH)
    (folder / "readme.md").write_text("not one of them")
    return folder


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def apollo(*operations: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [*operations]}


def refusal(*paths: Path) -> str:
    with pytest.raises(InvalidDocumentError) as refused:
        read_documents(paths)
    return refused.value.message


def test_documents_are_registered_once_listed_and_removed(database_url: str, folder: Path) -> None:
    def run(*arguments: str) -> str:
        said = vitrine("documents", *arguments, database_url=database_url)
        assert said.returncode == 0, said.stderr
        return said.stdout

    said = run("register", str(folder))
    assert f"sha256:{hash_of(CHANNELS)}  Channels\n" in said
    assert f"sha256:{hash_of(BOTH)}  A, B\n" in said
    assert said.endswith("2 trusted, 2 of them new.\n")

    manifest = written(folder.parent / "manifest.json", {hash_of(MARKETS): MARKETS})
    again = json.loads(run("register", "--json", str(folder), str(manifest)))
    assert again["registered"] == 1
    assert [(each["name"], each["isNew"]) for each in again["documents"]] == [
        ("Channels", False),
        ("A, B", False),
        ("Markets", True),
    ]

    run("remove", f"sha256:{hash_of(BOTH)}", hash_of(CHANNELS))
    assert "Markets" in run("list")
    (listed,) = json.loads(run("list", "--json"))
    assert (listed["hash"], listed["name"]) == (hash_of(MARKETS), "Markets")


def test_nothing_is_registered_where_one_document_is_wrong(database_url: str, folder: Path) -> None:
    wrong = written(folder / "wrong.graphql", "query Wrong {\n  channels { colour }\n}")
    said = vitrine("documents", "register", str(folder), database_url=database_url)
    assert said.returncode == 2
    assert f"{wrong}:2: Cannot query field 'colour' on type 'Channel'." in said.stderr
    assert said.stderr.endswith("(INVALID_DOCUMENT)\n")
    assert "Traceback" not in said.stderr
    listed = vitrine("documents", "list", "--json", database_url=database_url)
    assert json.loads(listed.stdout) == []


def test_a_check_needs_no_database(folder: Path) -> None:
    said = vitrine("documents", "register", "--check", str(folder))
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("2 valid; nothing was registered.\n")


@pytest.mark.parametrize("arguments", [("register",), ("remove",)])
def test_a_command_that_names_nothing_is_refused(arguments: tuple[str, ...]) -> None:
    said = vitrine("documents", *arguments, database_url="postgresql:///none")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)


def test_a_removal_names_what_is_not_there(database_url: str) -> None:
    said = vitrine("documents", "remove", hash_of(BOTH), database_url=database_url)
    assert said.returncode == 1
    assert hash_of(BOTH) in said.stderr


def test_both_manifests_that_clients_write_are_read(tmp_path: Path) -> None:
    digests = {hash_of(CHANNELS): CHANNELS, f"sha256:{hash_of(BOTH)}": BOTH}  # as 5 and 6 write it
    codegen = written(tmp_path / "persisted-documents.json", digests)
    operation = {"id": hash_of(MARKETS), "name": "Markets", "type": "query", "body": MARKETS}
    found = read_documents([codegen, written(tmp_path / "apollo.json", apollo(operation))])
    assert [(each.text, each.as_document().name) for each in found] == [
        (CHANNELS, "Channels"),
        (BOTH, "A, B"),
        (MARKETS, "Markets"),
    ]


def test_a_text_that_comes_twice_is_one_document(folder: Path) -> None:
    manifest = written(folder / "manifest.json", {hash_of(CHANNELS): CHANNELS})
    assert len(read_documents([folder, folder / "channels.graphql", manifest])) == 2


def test_the_text_is_hashed_as_it_stands_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "windows.graphql"
    file.write_bytes(b"query Windows {\r\n  channels { code }\r\n}\r\n")
    (found,) = read_documents([file])
    assert found.text.encode() == file.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.graphql", "query {\n  channels {", "a.graphql:2: Syntax Error: Expected Name"),
        ("a.graphql", "fragment Code on Channel { code }", "a.graphql:1: no operation"),
        ("a.graphql", "{ categories { " + "children { " * 14 + "code" + " }" * 16, "14 deep"),
        ("a.graphql", "type Query { a: Int }", "a.graphql:1: no operation"),
        ("a.graphql", "query ($n: Int) { channels { code } }", "'$n' is never used"),
        ("a.json", {"a" * 40: MARKETS}, 'hashAlgorithm: "sha256"'),
        ("a.json", {hash_of(MARKETS): BOTH}, "is not the SHA-256 of its text"),
        ("a.json", apollo({"id": "1", "name": "Own", "body": MARKETS}), "Own: 1 is not the SHA"),
        ("a.json", apollo({"id": hash_of(MARKETS)}), "every operation has `id` and `body`"),
        ("a.json", {"format": "other", "operations": []}, "is neither {hash: text}"),
        ("a.json", [MARKETS], "is neither {hash: text}"),
        ("a.json", {}, "is neither {hash: text}"),
        ("a.json", "{\n\n,", "a.json:3: is no JSON"),
        ("a.json", {hash_of("{\n no }"): "{\n no }"}, ", line 2: Cannot query field 'no'"),
        ("a.txt", MARKETS, "neither .graphql nor a .json"),
    ],
)
def test_what_cannot_be_registered_is_named_with_its_place(
    tmp_path: Path, name: str, content: object, said: str
) -> None:
    assert said in refusal(written(tmp_path / name, content))


def test_a_file_that_is_not_there_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, tmp_path / "none.graphql")
    assert f"{tmp_path}: there is no .graphql file in this folder" in message
    assert "none.graphql: No such file or directory" in message


def test_the_size_of_a_page_that_is_a_variable_is_left_to_the_request(tmp_path: Path) -> None:
    by_variable = """query ($n: Int) { products(first: $n) { nodes {
      sku variants(first: $n) { nodes { sku options { code value } } } } } }"""
    assert len(read_documents([written(tmp_path / "a.graphql", by_variable)])) == 1
    by_number = by_variable.replace("query ($n: Int)", "").replace("$n", "100")
    assert "one request may make" in refusal(written(tmp_path / "b.graphql", by_number))


def test_many_problems_are_counted(tmp_path: Path) -> None:
    for number in range(23):
        written(tmp_path / f"{number:02}.graphql", f"{{ no{number} }}")
    message = refusal(tmp_path)
    assert "19.graphql" in message
    assert "20.graphql" not in message
    assert "and 3 more" in message
