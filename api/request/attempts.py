"""What may happen so often in a minute, from an address or to a name: logins and keys that fail."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from api.request.rates import RateLimitedError, Rates
from edge.addresses import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often something may happen.

    Attributes:
        rates: which count it.
        what: too many of which there were, for a person.
        limits: by the minute, of each that it is counted for; 0: none.
    """

    rates: Rates
    what: str
    limits: Mapping[str, int]

    async def check(self) -> None:
        """Refuse where it has happened too often already, before anything costly is done.

        Raises:
            RateLimitedError: it has.
        """
        await self._spend(0)

    async def count(self) -> None:
        """Count that it happened.

        Raises:
            RateLimitedError: it was one too many.
        """
        await self._spend(1)

    async def _spend(self, cost: int) -> None:
        for client, limit in self.limits.items():
            try:
                await self.rates.spend(client, cost, limit=limit)
            except RateLimitedError as error:
                raise RateLimitedError(
                    f"too many {self.what} in this minute: try again in {error.spent.resets_s} s",
                    spent=error.spent,
                ) from error


def failed_keys(rates: Rates, connection: HTTPConnection, *, limit: int) -> Attempts:
    """Return how many keys and tokens that are none an address may send."""
    return Attempts(
        rates=rates,
        what="API keys or tokens that are none came from this address",
        limits={f"failed-keys:{counted_address(connection)}": limit},
    )


def counted_address(connection: HTTPConnection) -> str:
    """Return what the address of whoever asks is counted as; empty: it is not known."""
    return counted(connection.client.host) if connection.client else ""
