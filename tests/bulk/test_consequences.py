"""Refusals name fields as the file has them."""

import pytest

from catalog.bulk.consequences import RefusedRecords
from catalog.bulk.model import Line
from catalog.bulk.records import TYPES_BY_NAME
from catalog.errors import InvalidInputError


@pytest.mark.parametrize(
    ("field", "in_file"),
    [
        ("grants[0].validUntil", "grants[0].valid_until"),
        ("visibleFrom", "visible_from"),
        ("VK-Preis", "VK-Preis"),  # columns of a CSV are as they are
        ("Price", "Price"),
        ("productName", "productName"),
    ],
)
def test_a_refusal_names_the_field_as_the_file_has_it(field: str, in_file: str) -> None:
    line = Line(number=2, data={"type": "product", "sku": "A"})
    fault = InvalidInputError("write a number", field=field)
    refused = RefusedRecords().refuse(TYPES_BY_NAME["product"], line, [fault])
    assert refused.field == in_file
