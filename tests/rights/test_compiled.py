"""Compiled rights answer as the rule does, whatever is stored and whatever is asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rights.compiled import CompiledRights
from catalog.rights.model import NEVER, Question, Reason, Rights, Status, Term, Window
from catalog.rights.rules import applies, boundaries_of, decide, why_not
from catalog.rights.territory import UNKNOWN, granted_bits, restricted_bits, whole_world

DAY = timedelta(days=1)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = [BEGINNING + n * DAY for n in range(8)]
CODES = ("DE", "FR", "US", "WORLD")
instants = st.sampled_from(INSTANTS)
places = st.lists(st.sampled_from(CODES), max_size=2)
channels = st.sampled_from([None, frozenset({"d2c"}), frozenset({"print"}), frozenset[str]()])
usages = st.sampled_from([None, frozenset({"web"}), frozenset({"social", "web"})])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(instants)
    return Window(
        start=start, end=draw(st.sampled_from([NEVER, *(start + n * DAY for n in (1, 3))]))
    )


@st.composite
def terms(draw: st.DrawFn, *, restricts: bool) -> Term:
    bits = restricted_bits if restricts else granted_bits
    return Term(
        territory=bits(draw(places), draw(places)),
        channels=draw(channels),
        usages=draw(usages),
        window=draw(windows()),
    )


@st.composite
def stored(draw: st.DrawFn) -> Rights:
    grants = draw(st.lists(terms(restricts=False), max_size=4))
    restrictions = draw(st.lists(terms(restricts=True), max_size=2))
    return Rights(
        status=draw(st.sampled_from([Status.APPROVED] * 4 + list(Status))),
        legal_demand=draw(st.sampled_from([False] * 5 + [True])),
        grants=tuple(grants),
        restrictions=tuple(restrictions),
        boundaries=boundaries_of((*grants, *restrictions)),
    )


@st.composite
def questions(draw: st.DrawFn) -> Question:
    now = draw(instants) + draw(st.sampled_from([timedelta(), DAY / 2, -timedelta(microseconds=1)]))
    single = st.sampled_from([0, UNKNOWN, granted_bits(["DE"], []), granted_bits(["FR"], [])])
    return Question(
        now=now,
        countries=draw(single) | draw(single),
        channel=draw(st.sampled_from(["d2c", "print"])),
        usage=draw(st.sampled_from(["web", "social"])),
        windows=draw(st.none() | st.lists(windows(), max_size=3).map(tuple)),
    )


@given(stored(), st.lists(questions(), min_size=1, max_size=8))
def test_every_answer_is_that_of_the_rule(rights: Rights, asked: list[Question]) -> None:
    compiled = CompiledRights(rights)

    for each in asked:
        assert compiled.decide(each) == decide(rights, each)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("legal_demand", [False, True])
def test_no_grant_lights_what_is_not_approved_or_is_demanded_away(
    status: Status, *, legal_demand: bool
) -> None:
    everything = Term(
        territory=whole_world() | UNKNOWN,
        channels=None,
        usages=None,
        window=Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=NEVER),
    )
    rights = Rights(
        status=status,
        legal_demand=legal_demand,
        grants=(everything,),
        restrictions=(),
        boundaries=boundaries_of((everything,)),
    )
    asked = Question(
        now=datetime(2026, 1, 1, tzinfo=UTC),
        countries=granted_bits(["DE"], []),
        channel="d2c",
        usage="web",
        windows=None,
    )
    is_allowed = CompiledRights(rights).decide(asked).is_allowed
    assert is_allowed is (status is Status.APPROVED and not legal_demand)


@given(stored(), questions())
def test_a_denial_names_grants_that_the_rule_would_deny_for_the_same_reason(
    rights: Rights, asked: Question
) -> None:
    country = asked.countries & -asked.countries
    one = Question(now=asked.now, countries=country, channel=asked.channel, usage=asked.usage)
    if not rights.grants or not country or any(applies(grant, one) for grant in rights.grants):
        return
    reason, places = why_not(rights.grants, one, country)

    assert places
    for place in places:
        grant = rights.grants[place]
        alone, _ = why_not([grant], one, country)
        # alone, one that is to come is an embargo, whatever else it lacks
        assert alone is (Reason.EMBARGOED if grant.window.start > one.now else reason)


@given(stored(), questions())
def test_the_answer_is_called_the_same_everywhere_only_if_it_is(
    rights: Rights, asked: Question
) -> None:
    approved = Rights(
        status=Status.APPROVED,
        grants=rights.grants,
        restrictions=rights.restrictions,
        boundaries=rights.boundaries,
    )
    bits = [1 << place for place in range(whole_world().bit_length())]
    answers = {
        decide(
            approved,
            Question(now=asked.now, countries=bit, channel=asked.channel, usage=asked.usage),
        ).is_allowed
        for bit in bits
    }

    same = CompiledRights(approved).is_same_everywhere(
        channel=asked.channel, usage=asked.usage, now=asked.now
    )
    assert same is (len(answers) == 1)
