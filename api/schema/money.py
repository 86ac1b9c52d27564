"""Amounts of money: exact, with their currency."""

from decimal import Decimal

import strawberry
from babel.numbers import get_currency_precision

from api.schema.descriptions import graphql_type


@graphql_type
class Money:
    """An amount in a currency."""

    amount: str = strawberry.field(
        description='A decimal number, exact, with at least the decimals of its currency: "49.90".'
    )
    currency: str = strawberry.field(description="ISO 4217, such as `EUR`.")


def money(amount: float, currency: str) -> Money:
    """Make `Money` of a stored amount, read as it was written."""
    written = Decimal(repr(amount))
    padded = written.quantize(Decimal(1).scaleb(-get_currency_precision(currency)))
    return Money(amount=f"{padded if padded == written else written:f}", currency=currency)
