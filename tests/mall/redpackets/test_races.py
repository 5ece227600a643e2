"""A rush: however many draw at once, the budget and everybody's turns hold."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum

from mall.redpackets import drawing, invariants
from mall.redpackets.errors import NoDrawsLeftError
from mall.redpackets.models import RainDraw, RainSession, RainTurn
from mall.redpackets.replay import replay
from mall.vouchers.models import Voucher
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.redpackets.rains import make_rain, one_draw

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, AT_ONCE, WORTH, PACKETS = 300, 30, 500, 100
SURE = ((WORTH, 10_000),)


def rush(actions):
    """Let many do it at the same moment, as many as the database has seats for at a time."""
    waves = [actions[start : start + AT_ONCE] for start in range(0, len(actions), AT_ONCE)]
    return [end for wave in waves for end in all_at_once(wave)]


def overspent(session: RainSession) -> bool:
    """Judge the race: whether more was won than the budget."""
    won = session.draws.aggregate(won=Sum("amount_minor"))["won"] or 0
    return won > session.budget_minor


def test_three_hundred_people_at_once_never_win_more_than_the_budget():
    session = make_rain(prizes=SURE, budget_minor=PACKETS * WORTH, draws_each=1)
    people = [make_person() for _ in range(PEOPLE)]

    ends = rush([lambda who=who: one_draw(session, who) for who in people])

    assert all(isinstance(end, RainDraw) for end in ends), ends
    session.refresh_from_db()
    assert session.spent_minor == session.budget_minor
    assert not overspent(session)
    assert Voucher.objects.count() == PACKETS
    assert sum(end.outcome == "empty" for end in ends) == PEOPLE - PACKETS
    assert replay(session).wrong == ()
    assert [each for result in invariants.check() for each in result.violations] == []


def test_one_person_on_ten_phones_has_her_three_draws():
    session, resident = make_rain(prizes=SURE), make_person()

    ends = all_at_once(
        [lambda n=n: one_draw(session, resident, n % 5 + 1, "f1") for n in range(20)]
    )

    drawn = {end.pk for end in ends if isinstance(end, RainDraw)}
    assert len(drawn) == RainDraw.objects.count() == 3
    assert sum(isinstance(end, NoDrawsLeftError) for end in ends) == 8
    assert RainTurn.objects.filter(subject="card:f1").count() == 3


def test_ten_accounts_with_one_card_have_three_draws_together():
    session = make_rain(prizes=SURE)
    people = [make_person() for _ in range(10)]

    ends = all_at_once([lambda who=who: one_draw(session, who, 1, "f1") for who in people])

    assert sum(isinstance(end, RainDraw) for end in ends) == 3
    assert sum(isinstance(end, NoDrawsLeftError) for end in ends) == 7
    assert Voucher.objects.count() == 3


def test_control_a_budget_that_is_read_and_written_back_is_overspent(monkeypatch):
    """What the rush would look like without the one conditional update."""
    session = make_rain(prizes=SURE, budget_minor=5 * WORTH, draws_each=1)
    everybody_has_looked = threading.Barrier(10)

    def careless(session_id: int, amount_minor: int) -> bool:
        spent, budget = seen
        if spent + amount_minor > budget:
            return False
        RainSession.objects.filter(pk=session_id).update(spent_minor=spent + amount_minor)
        return True

    seen = (0, session.budget_minor)
    monkeypatch.setattr(drawing, "_take_budget", careless)

    def looks_then_draws(who):
        everybody_has_looked.wait(timeout=30)
        return one_draw(session, who)

    people = [make_person() for _ in range(10)]
    all_at_once([lambda who=who: looks_then_draws(who) for who in people])

    session.refresh_from_db()
    assert overspent(session)
    assert replay(session).wrong != ()


def test_without_the_guard_the_database_still_refuses(monkeypatch):
    session = make_rain(prizes=SURE, budget_minor=3 * WORTH, draws_each=1)

    def unguarded(session_id: int, amount_minor: int) -> bool:
        RainSession.objects.filter(pk=session_id).update(
            spent_minor=F("spent_minor") + amount_minor
        )
        return True

    monkeypatch.setattr(drawing, "_take_budget", unguarded)
    people = [make_person() for _ in range(8)]
    ends = all_at_once([lambda who=who: one_draw(session, who) for who in people])

    assert sum(isinstance(end, IntegrityError) for end in ends) == 5
    assert not overspent(session)


def test_control_turns_that_are_counted_first_let_too_many_draw(monkeypatch):
    """Counting and then inserting under a number of one's own is what the unique place prevents."""
    session, resident = make_rain(prizes=SURE), make_person()
    everybody_has_counted = threading.Barrier(8)

    def careless(number: int) -> None:
        counted = RainTurn.objects.filter(session=session).count()
        everybody_has_counted.wait(timeout=30)
        if counted < session.draws_each:
            with transaction.atomic():
                RainTurn.objects.create(
                    session=session,
                    subject=f"resident:{resident.pk}:{number}",
                    number=counted + 1,
                    most=session.draws_each,
                    draw_no=f"R{number}",
                )

    all_at_once([lambda n=n: careless(n) for n in range(8)])

    assert RainTurn.objects.filter(session=session).count() > session.draws_each
    assert connection.vendor in {"sqlite", "postgresql"}
