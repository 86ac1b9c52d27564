"""What is not a whole page of cards voids the measurement."""

from operator import itemgetter
from typing import Any

import orjson
import pytest

from bench.delivery.client import AnswerError
from bench.graphql.pages import CARDS, check_cards, data_of


def _cards(count: int, media: int) -> list[dict[str, Any]]:
    return [{"sku": f"{number}", "media": [{}] * media} for number in range(count)]


def test_a_whole_page_is_told_by_its_skus() -> None:
    skus = check_cards(_cards(CARDS, 4), itemgetter("media"))

    assert skus == [f"{number}" for number in range(CARDS)]


@pytest.mark.parametrize(("count", "media"), [(CARDS - 1, 4), (CARDS, 3), (0, 4)])
def test_a_page_that_lacks_cards_or_media_is_refused(count: int, media: int) -> None:
    with pytest.raises(AnswerError):
        check_cards(_cards(count, media), itemgetter("media"))


def test_an_answer_with_errors_is_refused() -> None:
    with pytest.raises(AnswerError, match="no such field"):
        data_of(orjson.dumps({"data": None, "errors": [{"message": "no such field"}]}))
