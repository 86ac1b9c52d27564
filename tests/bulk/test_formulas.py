"""What a spreadsheet would calculate is written as text, and read as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bulk.formulas import harmless, restored


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+49 30", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "'=1", "\uff1d1"],
)
def test_a_formula_begins_with_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "9.95", "a=b", "'tis", "KNT-1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == restored(cell) == cell


@given(st.text("'=+-@\t\r\n a", max_size=6) | st.text())
def test_every_cell_is_read_as_it_was(cell: str) -> None:
    assert restored(harmless(cell)) == cell
