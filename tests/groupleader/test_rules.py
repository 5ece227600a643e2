"""Rules: a second person for what matters, ended instead of deleted, tried before written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from groupleader.errors import SecondPersonNeededError
from groupleader.models import CommissionRule, CommissionTerms, RulePreview
from groupleader.services import previews
from groupleader.services.rules import (
    GeneralRateStaysError,
    RuleInThePastError,
    RuleOverError,
    RuleWish,
    agree_to_rule,
    end_rule,
    narrower_count,
    overlapping,
    refuse_rule,
    write_rule,
)
from payments.api import business_date, now
from tests.groupleader.making import Order, amounts, line, make_leader, make_user, settled_order

pytestmark = pytest.mark.django_db(transaction=True)


def wish(scope: str = "item", target: str = "7", **fields) -> RuleWish:
    """A rule for item 7 from now on, 12 % unless said otherwise."""
    if "fixed_minor" not in fields:
        fields.setdefault("rate", Decimal("0.12"))
    fields.setdefault("valid_from", now())
    return RuleWish(scope=scope, target=target, **fields)


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        ({}, False),
        ({"rate": Decimal("0.20")}, False),
        ({"rate": Decimal("0.2001")}, True),
        ({"fixed_minor": 1_000}, False),
        ({"fixed_minor": 1_001}, True),
        ({"scope": "default", "target": "", "rate": Decimal("0.01")}, True),
    ],
)
def test_much_or_for_everybody_needs_a_second_person(asked, needed):
    rule = write_rule(wish(**asked), by=make_user("财务"))

    assert (rule.needs_second, rule.status) == (needed, "waiting" if needed else "agreed")


def test_a_general_rate_counts_once_somebody_else_has_agreed():
    first, second = make_user("财务"), make_user("主管")
    rule = write_rule(wish("default", "", rate=Decimal("0.05")), by=first)
    leader = make_leader()
    Order(leader, [line("A", 10_000)]).becomes("placed", "paid")
    assert amounts(leader) == {"estimated": 1_000}

    with pytest.raises(SecondPersonNeededError):
        agree_to_rule(rule=rule, by=first)
    agree_to_rule(rule=rule, by=second)
    with pytest.raises(RuleOverError):
        agree_to_rule(rule=rule, by=second)

    Order(leader, [line("B", 10_000)]).becomes("placed", "paid")
    assert amounts(leader) == {"estimated": 1_500}
    assert [event.what for event in rule.events.all()] == ["written", "agreed"]


def test_the_database_itself_knows_no_rule_agreed_to_by_its_writer():
    first = make_user("财务")
    rule = write_rule(wish("default", ""), by=first)

    with pytest.raises(IntegrityError), transaction.atomic():
        CommissionRule.objects.filter(pk=rule.pk).update(status="agreed", decided_by=first)


def test_agreed_late_it_begins_late_and_never_after_its_end():
    first, second = make_user("财务"), make_user("主管")
    rule = write_rule(wish(rate=Decimal("0.5"), valid_from=now()), by=first)
    CommissionRule.objects.filter(pk=rule.pk).update(valid_from=now() - timedelta(days=3))
    over = write_rule(wish(rate=Decimal("0.5"), valid_until=now() + timedelta(days=9)), by=first)
    CommissionRule.objects.filter(pk=over.pk).update(
        valid_from=now() - timedelta(days=3), valid_until=now() - timedelta(days=1)
    )
    rule.refresh_from_db()
    over.refresh_from_db()

    agree_to_rule(rule=rule, by=second)

    assert now() - rule.valid_from < timedelta(minutes=1)
    with pytest.raises(RuleOverError):
        agree_to_rule(rule=over, by=second)


def test_a_refused_rule_never_counts():
    rule = write_rule(wish(rate=Decimal("0.9")), by=make_user("财务"))

    refuse_rule(rule=rule, by=make_user("主管"), reason="太高")

    leader = make_leader()
    Order(leader, [line("A", 10_000)]).becomes("placed", "paid")
    assert amounts(leader) == {"estimated": 1_000}
    assert rule.events.last().note == "太高"
    with pytest.raises(RuleOverError):
        refuse_rule(rule=rule, by=make_user("主管"))


def test_a_rule_is_ended_and_old_lines_keep_it():
    clerk, leader = make_user("财务"), make_leader()
    rule = write_rule(wish(valid_from=now()), by=clerk)
    Order(leader, [line("A", 10_000)]).becomes("placed", "paid")

    end_rule(rule=rule, by=clerk, reason="季末")
    with pytest.raises(RuleOverError):
        end_rule(rule=rule, by=clerk)

    Order(leader, [line("B", 10_000)]).becomes("placed", "paid")
    assert amounts(leader) == {"estimated": 2_200}
    later = write_rule(wish(valid_from=now() + timedelta(days=1)), by=clerk)
    end_rule(rule=later, by=clerk)
    assert later.status == "refused"


def test_there_is_always_a_general_rate_and_none_begins_in_the_past():
    general = CommissionRule.objects.create(scope="default", rate="0.1", valid_from=now())

    with pytest.raises(GeneralRateStaysError):
        end_rule(rule=general, by=make_user())
    with pytest.raises(RuleInThePastError):
        write_rule(wish(valid_from=now() - timedelta(days=1)), by=make_user())


def test_what_a_rule_overlaps_is_told_before_it_is_written():
    clerk = make_user("财务")
    same = write_rule(wish(), by=clerk)
    write_rule(wish(target="8"), by=clerk)
    write_rule(wish("category", "31"), by=clerk)

    assert list(overlapping(wish(valid_from=now() + timedelta(days=30)))) == [same]
    assert narrower_count(wish("leader", "1")) == 3
    end_rule(rule=same, by=clerk)
    assert not overlapping(wish(valid_from=now() + timedelta(days=1))).exists()


def today() -> dict:
    """Today as the days of a preview."""
    return {"first": business_date(), "last": business_date()}


def test_a_preview_says_what_leaders_would_have_earned_on_what_was_kept():
    rich, poor = make_leader("王姐", tier="gold"), make_leader("李哥")
    settled_order(rich, [line("A", 10_000), line("B", 10_000, item_id=8)])
    settled_order(rich, [line("C", 10_000)]).refunds_line("C", 5_000, "R1")
    settled_order(poor, [line("D", 1_000)])
    CommissionRule.objects.create(scope="item", target="7", rate="0.2", valid_from=now())
    settled_order(rich, [line("E", 10_000)])

    run = previews.ask(wish("tier", "gold", rate=Decimal("0.15")), by=make_user(), **today())

    assert run.state == "done"
    # E was placed under a rule for its item, which goes before the tier's.
    assert run.result["decides"] == {
        "lines": 3,
        "changed": 3,
        "was_minor": 2_500,
        "would_minor": 3_750,
    }
    assert run.result["whole"]["was_minor"] == 4_600
    assert [
        (row["name"], row["would_minor"] - row["was_minor"]) for row in run.result["leaders"]
    ] == [("王姐", 1_250)]
    assert run.result["leaders_seen"] == 2


def test_a_preview_is_the_arithmetic_of_the_orders_themselves():
    """Tried on lines placed before, and then really in force: the same fen."""
    leader = make_leader()
    lines = [line(f"x{n}", 997 * n, quantity=n, item_id=7 + n % 3) for n in range(1, 9)]
    settled_order(leader, lines)
    asked = wish("category", "31", fixed_minor=77)

    run = previews.ask(asked, by=make_user(), **today())
    write_rule(asked, by=make_user())
    other = make_leader("李哥")
    settled_order(other, [each | {"line_id": f"y{each['line_id']}"} for each in lines])

    assert run.result["whole"]["would_minor"] == amounts(other)["available"]
    assert run.result["whole"]["was_minor"] == amounts(leader)["available"]


def test_what_earns_nothing_stays_at_nothing(settings):
    settings.LINLI_COMMISSION_OWN_ORDERS = "none"
    leader = make_leader()
    Order(leader, [line("A", 9_000)], resident_id=leader.user_id).becomes("placed", "paid")

    run = previews.ask(wish(rate=Decimal("0.9")), by=make_user(), **today())

    assert run.result["whole"] == {"lines": 1, "changed": 0, "was_minor": 0, "would_minor": 0}


def test_a_long_preview_waits_for_the_worker_and_is_done_once(monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 0)
    settled_order(make_leader(), [line("A", 9_000)])

    run = previews.ask(wish(), by=make_user(), **today())
    assert (run.state, run.whole) == ("waiting", 1)

    assert previews.run_due(5) == {"previewed": 1}
    assert previews.run_due(5) == {"previewed": 0}
    run.refresh_from_db()
    assert (run.state, run.seen, run.percent) == ("done", 1, 100)
    assert previews.run(run) is False


def test_a_preview_whose_worker_died_is_taken_up_again():
    run = previews.ask(wish(), by=make_user(), **today())
    died = now() - timedelta(hours=1)
    RulePreview.objects.filter(pk=run.pk).update(state="running", began_at=died)

    assert previews.run_due(5) == {"previewed": 1}


def test_last_month_is_a_whole_one():
    first, last = previews.last_month()

    assert first.day == 1
    assert (last + timedelta(days=1)).day == 1
    assert not CommissionTerms.objects.exists()
