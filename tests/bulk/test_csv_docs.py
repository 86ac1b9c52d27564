"""The examples of the documentation are mappings that read the files beside them."""

import re
from pathlib import Path

import pytest

from tests.bulk.mapped import mapped

PAGE = (Path(__file__).parents[2] / "docs/csv-mapping.md").read_text("utf-8")
EXAMPLES = re.findall(
    r"^### ([^\n]+)\n\n```csv\n(.*?)```\n\n```toml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize(("csv", "toml"), [each[1:] for each in EXAMPLES], ids=lambda _: "")
def test_an_example_reads_its_file(tmp_path: Path, csv: str, toml: str) -> None:
    found = mapped(tmp_path, csv.encode("cp1252") if "cp1252" in toml else csv, toml)
    assert found.refused == []
    assert all(each["values"] for each in found.products.values())


def test_there_is_an_example_for_each_team() -> None:
    titles = [re.split(r"\W", each[0])[0] for each in EXAMPLES]
    assert titles == ["Akeneo", "Shopify", "Magento", "A", "A"]
