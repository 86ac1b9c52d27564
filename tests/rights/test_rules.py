"""The vectors of the rights rule, and its algebra."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.rights.compiled import CompiledRights
from catalog.rights.model import NEVER, Decision, Question, Reason, Rights, Status, Term, Window
from catalog.rights.rules import available_until, boundaries_of, decide
from catalog.rights.territory import UNKNOWN, bit_of, granted_bits, restricted_bits

EU = ("AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL", "PT", "SE")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


G1 = Term(
    territory=granted_bits(EU, ("FR",)),
    channels=frozenset({"d2c"}),
    usages=frozenset({"web"}),
    window=Window(start=at("2026-01-01"), end=at("2026-07-01")),
)
G2 = Term(
    territory=granted_bits(("FR",), ()),
    channels=frozenset({"print"}),
    usages=frozenset({"print"}),
    window=Window(start=at("2026-01-01")),
)
R1 = Term(
    territory=restricted_bits(("DE",), ()),
    channels=None,
    usages=None,
    window=Window(start=at("2026-05-01"), end=at("2026-05-08")),
)


def rights(
    *grants: Term,
    restrictions: tuple[Term, ...] = (),
    status: Status = Status.APPROVED,
    legal_demand: bool = False,
) -> Rights:
    return Rights(
        status=status,
        legal_demand=legal_demand,
        grants=grants,
        restrictions=restrictions,
        boundaries=boundaries_of((*grants, *restrictions)),
    )


def ask(
    stored: Rights,
    now: str,
    *countries: str | None,
    channel: str = "d2c",
    usage: str = "web",
    windows: tuple[Window, ...] | None = None,
) -> Decision:
    bits = 0
    for country in countries:
        bits |= bit_of(country)
    return decide(
        stored,
        Question(now=at(now), countries=bits, channel=channel, usage=usage, windows=windows),
    )


VECTORS = rights(G1, G2, restrictions=(R1,))


@pytest.mark.parametrize(
    ("now", "country", "channel", "usage", "reason", "holds_until"),
    [
        ("2026-03-01", "DE", "d2c", "web", None, "2026-05-01"),
        ("2026-05-02", "DE", "d2c", "web", Reason.RESTRICTED, "2026-05-08"),
        ("2026-03-01", "FR", "d2c", "web", Reason.TERRITORY, "2026-05-01"),
        ("2026-03-01", "FR", "print", "print", None, "2026-05-01"),
        ("2025-12-31", "ES", "d2c", "web", Reason.EMBARGOED, "2026-01-01"),
        ("2025-12-31", "FR", "d2c", "web", Reason.EMBARGOED, "2026-01-01"),
        ("2026-06-30T23:59:59", "ES", "d2c", "web", None, "2026-07-01"),
        ("2026-07-01T00:00:00", "ES", "d2c", "web", Reason.LICENCE_EXPIRED, None),
    ],
)
def test_the_vectors_of_the_rule_hold(
    now: str, country: str, channel: str, usage: str, reason: Reason | None, holds_until: str | None
) -> None:
    answer = ask(VECTORS, now, country, channel=channel, usage=usage)

    assert answer.reason is reason
    assert answer.holds_until == (NEVER if holds_until is None else at(holds_until))


def test_a_legal_demand_comes_before_everything_and_never_ends_by_time() -> None:
    held = rights(G1, status=Status.WITHDRAWN, legal_demand=True)

    assert ask(held, "2026-03-01", "DE") == Decision(reason=Reason.LEGAL_DEMAND, holds_until=NEVER)


def test_an_asset_without_grants_is_denied() -> None:
    assert ask(rights(), "2026-03-01", "DE") == Decision(reason=Reason.NO_GRANT, holds_until=NEVER)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.DRAFT, Reason.NOT_APPROVED),
        (Status.QUARANTINED, Reason.NOT_APPROVED),
        (Status.WITHDRAWN, Reason.WITHDRAWN),
    ],
)
def test_only_an_approved_asset_is_shown(status: Status, reason: Reason) -> None:
    assert ask(rights(G1, status=status), "2026-03-01", "DE").reason is reason


def test_an_unknown_country_is_covered_only_by_the_whole_world_without_exclusion() -> None:
    world = Term(
        territory=granted_bits(("WORLD",), ()), channels=None, usages=None, window=G1.window
    )
    but_one = Term(
        territory=granted_bits(("WORLD",), ("KP",)), channels=None, usages=None, window=G1.window
    )

    assert ask(rights(world), "2026-03-01", None).is_allowed
    assert ask(rights(but_one), "2026-03-01", None).reason is Reason.TERRITORY
    assert ask(rights(world, restrictions=(R1,)), "2026-05-02", None).reason is Reason.RESTRICTED


def test_grants_are_never_combined_across_dimensions() -> None:
    assert ask(VECTORS, "2026-03-01", "FR", channel="d2c", usage="print").reason is not None
    assert ask(VECTORS, "2026-03-01", "DE", channel="print", usage="print").reason is not None


def test_several_countries_are_allowed_only_if_each_is() -> None:
    south = Term(
        territory=granted_bits(("ES", "PT"), ()), channels=None, usages=None, window=G1.window
    )
    north = Term(territory=granted_bits(("SE",), ()), channels=None, usages=None, window=G1.window)

    assert ask(rights(south, north), "2026-03-01", "ES", "SE").is_allowed
    assert ask(rights(south, north), "2026-03-01", "ES", "DE").reason is Reason.TERRITORY


def test_an_owner_that_is_not_live_denies_and_the_answer_holds_until_it_is() -> None:
    window = Window(start=at("2026-04-01"), end=at("2026-04-20"))

    before = ask(VECTORS, "2026-03-01", "DE", windows=(window,))
    assert (before.reason, before.holds_until) == (Reason.UNPUBLISHED, at("2026-04-01"))
    assert ask(VECTORS, "2026-04-02", "DE", windows=(window,)).holds_until == at("2026-04-20")
    assert ask(VECTORS, "2026-03-01", "DE", windows=()).reason is Reason.UNPUBLISHED


def test_a_grant_that_only_has_not_begun_is_an_embargo_even_beside_one_that_runs() -> None:
    later = Term(
        territory=G1.territory,
        channels=G1.channels,
        usages=G1.usages,
        window=Window(start=at("2027-01-01")),
    )

    assert ask(rights(later, G2), "2026-08-01", "DE").reason is Reason.EMBARGOED


def test_the_grant_that_fails_in_the_fewest_dimensions_gives_the_reason() -> None:
    assert ask(rights(G1), "2026-03-01", "DE", channel="print").reason is Reason.CHANNEL
    assert ask(rights(G1), "2026-03-01", "DE", usage="social").reason is Reason.USAGE
    assert ask(rights(G1), "2026-03-01", "US", channel="print").reason is Reason.TERRITORY
    assert ask(rights(G1), "2026-09-01", "US").reason is Reason.TERRITORY


def test_nowhere_is_nowhere_allowed() -> None:
    assert ask(VECTORS, "2026-03-01").reason is Reason.TERRITORY


def test_availability_ends_where_the_answer_changes_not_at_every_boundary() -> None:
    asked = Question(now=at("2026-03-01"), countries=bit_of("ES"), channel="d2c", usage="web")
    successor = Term(
        territory=G1.territory,
        channels=None,
        usages=None,
        window=Window(start=at("2026-07-01"), end=at("2026-08-01")),
    )
    stored = rights(G1, successor)

    assert available_until(stored, asked, decide(stored, asked)) == at("2026-08-01")
    forever = rights(Term(territory=G1.territory, channels=None, usages=None, window=G2.window))
    assert available_until(forever, asked, decide(forever, asked)) is None


def test_the_answer_is_the_same_everywhere_only_with_grants_and_restrictions_together() -> None:
    world = Term(
        territory=granted_bits(("WORLD",), ()), channels=None, usages=None, window=G2.window
    )
    but_one = Term(
        territory=granted_bits(("WORLD",), ("KP",)), channels=None, usages=None, window=G2.window
    )
    now = at("2026-05-02")

    def same(stored: Rights, now: datetime = now) -> bool:
        return CompiledRights(stored).is_same_everywhere(channel="d2c", usage="web", now=now)

    assert same(rights(world))
    assert not same(rights(but_one))
    assert not same(rights(world, restrictions=(R1,)))
    assert same(rights(world, restrictions=(R1,)), now + timedelta(days=30))
    everywhere = Term(
        territory=restricted_bits(("WORLD",), ()), channels=None, usages=None, window=G2.window
    )
    assert same(rights(world, restrictions=(everywhere,)))
    assert everywhere.territory & UNKNOWN
