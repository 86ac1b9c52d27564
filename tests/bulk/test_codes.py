"""A label means what is stored under it, or gets a code that no other label has."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bulk.codes import CategoryTree, Codes, label_key, made_code
from catalog.errors import InvalidInputError

STORED = {
    "x_l": {"en-US": "Extra large", "de-DE": "Sehr groß"},
    "neon": {},
    "c": {"en-US": "C++"},  # made from its label, as codes once were
}
CATEGORIES = {
    "master": (None, {"en-US": "Master"}),
    "cameras": ("master", {"en-US": "Cameras"}),
    "digital_cameras": ("cameras", {"en-US": "Digital cameras"}),
    "camera_sale": ("cameras", {"en-US": "Sale"}),
    "lamps": ("master", {"en-US": "Lamps"}),
    "lamp_sale": ("lamps", {"en-US": "Sale"}),
    "elsewhere": (None, {"en-US": "Other tree"}),
    "clearance": ("elsewhere", {"en-US": "Clearance"}),
}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x_l", "x_l"),
        ("X_L", "x_l"),
        ("Extra  LARGE", "x_l"),
        ("sehr gro\u00df", "x_l"),
        ("Neon", "neon"),
        ("C++", "c"),
    ],
)
def test_a_code_or_a_label_of_what_is_stored_means_it(text: str, code: str) -> None:
    assert Codes(STORED, "en-US").code_of(text) == code


def test_a_label_gets_a_readable_code() -> None:
    labels = ["Sky & Sea", "Grün", "T-Shirt", "5.5", "x_m", "XS"]
    assert [made_code(each) for each in labels] == [
        *("sky-sea", "gruen", "t-shirt", "5.5", "x_m", "xs")
    ]


ALIKE = [
    *("C", "C++", "C#", "5", "5+", "5½", "5 1/2", "38/40", "38-40", "38,40", "T-Shirt", "T Shirt"),
    *(
        "Grün",
        "Gruen",
        "日本",
        "中国",
        "\u0410",
        "A",
        "50%",
        "50",
        "+",
        "-",
        "Maße",
        "Masse",
        "½",
        "²",
    ),
]


@pytest.mark.parametrize("labels", [ALIKE, ALIKE[::-1]])
def test_no_two_labels_share_a_code_in_any_order_or_file(labels: list[str]) -> None:
    codes = Codes({}, "en-US")
    made = {each: codes.code_of(each) for each in labels}
    assert len(set(made.values())) == len(labels)
    stored = {code: {"en-US": label} for label, code in made.items()}
    again = Codes(stored, "en-US")
    assert {each: again.code_of(each) for each in reversed(labels)} == made


@given(labels=st.lists(st.text(min_size=1).filter(lambda text: label_key(text) != ""), max_size=12))
def test_codes_tell_labels_apart_and_are_codes(labels: list[str]) -> None:
    codes = Codes({}, "en-US")
    made = {label_key(each): codes.code_of(each) for each in labels}
    assert len(set(made.values())) == len(made)
    assert all(re.fullmatch(r"[a-z0-9]+([-_.][a-z0-9]+)*", code) for code in made.values())
    assert all(len(code) <= 100 for code in made.values())


def test_a_sign_makes_the_same_code_whatever_came_before() -> None:
    """So that `C++` of one file never takes the code that `C` of another gets."""
    for first, second in itertools.permutations(["C", "C++", "c#"], 2):
        alone, after = Codes({}, "en-US"), Codes({}, "en-US")
        after.code_of(first)
        assert after.code_of(second) == alone.code_of(second)


def test_a_label_that_several_options_have_is_not_guessed() -> None:
    codes = Codes({"r1": {"en-US": "Red"}, "r2": {"en-US": "red"}}, "en-US")
    with pytest.raises(InvalidInputError, match="r1, r2"):
        codes.code_of("Red")
    assert codes.code_of("r2") == "r2"


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (["digital_cameras"], [("digital_cameras", "cameras")]),
        (["Digital cameras"], [("digital_cameras", "cameras")]),
        (["Cameras", "digital cameras"], [("cameras", "master"), ("digital_cameras", "cameras")]),
        (["clearance"], [("clearance", "elsewhere")]),
        (["Clearance"], [("clearance-1", "master")]),  # a label counts in its own tree alone
        (["Cameras", "Film"], [("cameras", "master"), ("cameras-film", "cameras")]),
        (["Digital-Cameras"], [("digital-cameras-1", "master")]),
    ],
)
def test_a_path_a_code_or_a_label_finds_a_category(
    steps: list[str], path: list[tuple[str, str]]
) -> None:
    found = CategoryTree(CATEGORIES, "master", "en-US").path_of(steps)
    assert [(re.sub(r"-[0-9a-f]{8}$", "-1", code), parent) for code, parent in found] == path


def test_a_label_of_several_categories_is_not_guessed() -> None:
    tree = CategoryTree(CATEGORIES, "master", "en-US")
    with pytest.raises(InvalidInputError, match="camera_sale, lamp_sale"):
        tree.path_of(["Sale"])
    assert tree.path_of(["Lamps", "Sale"])[-1] == ("lamp_sale", "lamps")


def test_paths_that_read_alike_are_two_categories() -> None:
    tree = CategoryTree({}, "all", "en-US")
    leaves = [tree.path_of(each)[-1][0] for each in (["a", "b c"], ["a b", "c"], ["a-b", "c"])]
    assert len(set(leaves)) == 3
    assert tree.path_of(["A", "B C"])[-1][0] == leaves[0]
