"""An offer's figures are what a slow look at every row says, whatever the past was like."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from mall.insight.figures import days_of, figures_of
from mall.insight.models import Exposure
from mall.insight.periods import Period
from mall.insight.uses import BUCKETS, Subject
from mall.ordering.models import OrderFulfilment
from payments.kernel.clock import business_date
from payments.models import CardAgreement, FirstTie
from tests.mall.insight.past import CODE, Past, Town
from tests.payments.desk import make_account

pytestmark = pytest.mark.django_db
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
CREDIT = Subject(CODE, "满200减16", ("CCB",), ("credit",))
ANY = Subject(CODE, "满200减16", (), ())
# 23:59:59 of the day before October there, and the first instant of it.
EDGE = datetime(2026, 9, 30, 16, tzinfo=UTC)


def slow(subject: Subject, period: Period) -> dict:
    """The definitions of docs/effect.md, one row after the other."""
    kinds = dict(CardAgreement.objects.values_list("agreement_no", "kind"))
    ties = [
        tie
        for tie in FirstTie.objects.exclude(kind="")
        if (not subject.issuers or tie.issuer_code in subject.issuers)
    ]
    wanted = [tie for tie in ties if not subject.kinds or tie.kind in subject.kinds]

    def is_in(at):
        return period.since <= business_date(at) <= period.until

    kept, goods, goods_back = [], 0, 0
    for order in OrderFulfilment.objects.all():
        used = order.discounts.filter(source="offer", source_no=subject.code).first()
        if not used or not used.actual_minor or order.paid_at is None or not is_in(order.paid_at):
            continue
        lines = list(order.lines.all())
        back = sum(line.refunded_minor for line in lines)
        goods += order.goods_minor
        goods_back += back
        if back < order.goods_minor:
            share = sum(line.returned_share_minor for line in lines)
            returned = sum(part.returned_minor for part in used.lines.all())
            kept.append((order, used, back - share, returned))
    users = Counter(order.resident_id for order, *_rest in kept)
    shown = {
        row.resident_id
        for row in Exposure.objects.filter(offer_code=subject.code)
        if period.since <= row.day <= period.until
    }
    tied = {tie.owner_ref for tie in wanted if business_date(tie.tied_at) <= period.until}
    fresh = {(tie.owner_ref, tie.kind) for tie in ties if is_in(tie.tied_at)}
    seen = shown | set(users)
    return {
        "exposed": len(seen),
        "tied": len({who for who in seen if str(who) in tied} | set(users)),
        "used": len(users),
        "repeat": sum(times >= 2 for times in users.values()),
        "new_cards": {
            kind: sum(tie.kind == kind and is_in(tie.tied_at) for tie in wanted)
            for kind in ("debit", "credit")
        },
        "active_cards": len({order.agreement_no for order, *_rest in kept}),
        "new_active": len(
            {
                order.agreement_no
                for order, *_rest in kept
                if (str(order.resident_id), kinds.get(order.agreement_no, "")) in fresh
            }
        ),
        "orders": len(kept),
        "paid_minor": sum(order.payable_minor - back for order, _used, back, _part in kept),
        "discount_minor": sum(used.actual_minor - part for _order, used, _back, part in kept),
        "goods_minor": goods,
        "goods_back_minor": goods_back,
        "tickets": tickets(kept, kinds),
    }


def tickets(kept, kinds):
    found: dict = {}
    for order, used, *_rest in kept:
        ticket = order.payable_minor + used.actual_minor
        bucket = sum(ticket >= limit for limit in BUCKETS)
        key = (kinds.get(order.agreement_no, ""), bucket)
        n, total, given = found.get(key, (0, 0, 0))
        found[key] = (n + 1, total + ticket, given + used.actual_minor)
    return found


def quick(subject: Subject, period: Period) -> dict:
    figures = figures_of(subject, period)
    names = set(slow(subject, period))
    told = {name: getattr(figures, name) for name in names}
    told["tickets"] = {
        (one.kind, one.bucket): (one.orders, one.ticket_minor, one.discount_minor)
        for one in figures.tickets
    }
    return told


@pytest.fixture
def town(db) -> Town:
    return Town(make_account(), 8)


@pytest.mark.parametrize("seed", range(6))
def test_figures_are_what_every_row_says(town, seed):
    dice = Random(seed)

    def some_day():
        return EDGE + timedelta(seconds=dice.randint(-40 * 86400, 40 * 86400))

    for resident in range(len(town.people)):
        for _card in range(dice.randint(0, 3)):
            kind, issuer = dice.choice(["debit", "credit"]), dice.choice(["CCB", "CCB", "PSBC"])
            town.tie(resident, kind, some_day(), issuer=issuer)
        for _time in range(dice.randint(0, 3)):
            town.show(resident, some_day())
    own = {card.owner_ref: n for n, card in enumerate(town.cards)}
    pasts = []
    for _order in range(40):
        resident = dice.randrange(len(town.people))
        quantity = dice.randint(1, 4)
        pasts.append(
            Past(
                resident=resident,
                card=own.get(str(town.people[resident].pk)),
                paid_at=some_day(),
                unit=dice.choice([900, 1900, 4999, 20000]),
                quantity=quantity,
                discount=dice.choice([0, 100, 500, 800]),
                back=dice.choice([0, 0, dice.randint(0, quantity)]),
                code=dice.choice([CODE, CODE, CODE, "another"]),
            )
        )
    town.order(pasts)

    for subject in (CREDIT, ANY):
        for period in (OCTOBER, OCTOBER.before(), Period(date(2026, 9, 30), date(2026, 10, 1))):
            assert quick(subject, period) == slow(subject, period)


def test_a_small_ticket_shows_how_much_of_it_the_bank_paid(town):
    card = town.tie(0, "credit", EDGE + timedelta(days=2))
    small = Past(0, card, EDGE + timedelta(days=3), unit=1900, quantity=1, discount=1600)
    town.order([small] * 3)
    figures = figures_of(CREDIT, OCTOBER)
    assert figures.average_ticket("credit") == 1900
    assert [(one.bucket, one.orders) for one in figures.tickets] == [(0, 3)]
    assert round(figures.discount_share, 4) == Decimal("0.8421")
    assert round(figures.leverage, 4) == Decimal("0.1875")
    assert (figures.new_active, figures.cost_per_new_card_minor) == (1, 4800)


def test_the_day_turns_in_shanghai(town):
    card = town.tie(0, "credit", EDGE)
    a_moment = timedelta(milliseconds=1)
    town.order([Past(0, card, EDGE - a_moment, 2500, 1, 100), Past(0, card, EDGE, 2500, 1, 200)])
    days = days_of(CREDIT, Period(date(2026, 9, 30), date(2026, 10, 2)))
    assert [(day.orders, day.discount_minor) for day in days] == [(1, 100), (1, 200), (0, 0)]
    assert figures_of(CREDIT, OCTOBER).discount_minor == 200


def test_periods_are_compared_with_their_like():
    assert OCTOBER.before() == Period(date(2026, 9, 1), date(2026, 9, 30))
    assert OCTOBER.year_before() == Period(date(2025, 10, 1), date(2025, 10, 31))
    week = Period(date(2026, 11, 16), date(2026, 11, 22))
    assert week.before() == Period(date(2026, 11, 9), date(2026, 11, 15))
    assert Period(date(2028, 2, 1), date(2028, 2, 29)).year_before().until == date(2027, 2, 28)


def test_nothing_is_divided_by_nothing(town):
    figures = figures_of(CREDIT, OCTOBER)
    ratios = (figures.leverage, figures.cost_per_new_card_minor, figures.refunded_share)
    assert ratios == (None, None, None)
    assert figures.average_ticket() is None


def test_questions_are_a_constant_number(town, django_assert_num_queries):
    card = town.tie(0, "credit", EDGE)
    town.order([Past(0, card, EDGE, 2500, 1, 200)] * 5)
    with django_assert_num_queries(6):
        figures_of(CREDIT, OCTOBER)
