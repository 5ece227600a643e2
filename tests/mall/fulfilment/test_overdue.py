"""Bags nobody fetches: reminded, kept longer, ended by the rule she read, Shanghai's clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils.translation import override

from mall.fulfilment import invariants
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.errors import NotExtendableError, NotUndoableError, NotYourPointError
from mall.fulfilment.models import OverdueBag, OverduePolicy
from mall.fulfilment.overdue import kept_until, no_shows, texts_for
from mall.fulfilment.overdue_jobs import tend_due
from mall.fulfilment.undoing import undo_collection
from mall.fulfilment.waiting import extend_storage, phone_to_call, waiting_bags
from mall.groupbuy.models import GroupBuy
from mall.ordering.models import LineBack, OrderFulfilment, Status
from payments.api import SHANGHAI, balance, now, refunds_of, send_refund
from payments.models import OutboxEvent
from tests.factories.groups import make_person
from tests.mall.fulfilment.counter import all_arrived, bought, fresh, keep, line
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group
from tests.waiting import until

in_the_shop = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]
NOON = time(12)


@pytest.fixture
def group(acquirer):
    return make_worked_group()


@pytest.fixture
def point_agrees(db):
    yield
    wrong = [violation for result in invariants.check() for violation in result.violations]
    assert wrong == [], wrong


def rule(storage="chilled", **changes) -> OverduePolicy:
    """A rule from before the orders of the test."""
    fields = {
        "storage_class": storage,
        "keep_days": 0,
        "keep_until": time(22),
        "remind_hours": [3, 1],
        "outcome": OverduePolicy.Outcome.REFUND,
        "text": "当日",
        "text_en": "Same day.",
        "valid_from": now() - timedelta(days=1),
    }
    OverduePolicy.objects.filter(storage_class=storage).delete()
    return OverduePolicy.objects.create(**fields | changes)


def shanghai(day, clock) -> datetime:
    return datetime.combine(day, clock, tzinfo=SHANGHAI)


def at(moment):
    return time_machine.travel(moment, tick=False)


def arrived(group):
    """Everything came on the pickup day at noon; return that day."""
    day = group.group_buy.pickup_on
    with at(shanghai(day, NOON)):
        all_arrived(group)
    return day


def in_words(counts) -> dict[str, int]:
    return {what: n for what, n in counts.items() if n}


@pytest.mark.parametrize(
    ("came", "pickup_until", "days", "clock", "expected"),
    [
        ((0, time(16)), time(20), 0, time(22), (0, time(22))),  # the same evening
        ((0, time(16)), time(20), 0, time(18), (0, time(20))),  # never before pickup ends
        ((0, time(16)), time(20), 3, time(20), (3, time(20))),
        ((1, time(9)), time(20), 0, time(22), (1, time(22))),  # came a day late
        ((0, time(21)), time(20), 0, time(22), (1, time(1))),  # four hours at least
        ((0, time(23, 59)), time(20), 1, time(20), (1, time(20))),
    ],
)
def test_days_and_evenings_are_shanghais(came, pickup_until, days, clock, expected):
    day = date(2026, 11, 22)
    order = OrderFulfilment(
        group_buy=GroupBuy(pickup_on=day, pickup_until=pickup_until),
        arrived_at=shanghai(day + timedelta(days=came[0]), came[1]),
    )
    policy = OverduePolicy(keep_days=days, keep_until=clock)

    end = kept_until(policy, order)

    assert end == shanghai(day + timedelta(days=expected[0]), expected[1])


@pytest.mark.django_db
def test_a_new_rule_holds_for_new_orders_only():
    first = rule(valid_from=now() - timedelta(days=9), text="旧")
    OverduePolicy.objects.create(
        storage_class="chilled", outcome="nothing", text="新", valid_from=now()
    )

    before, after = now() - timedelta(days=1), now() + timedelta(seconds=1)

    with override("zh-hans"):
        assert texts_for(["chilled"], placed_at=before) == [first.text]
        assert texts_for(["chilled"], placed_at=after) == ["新"]
    assert texts_for(["chilled"], placed_at=now() - timedelta(days=10)) == []
    assert len(texts_for(["", "chilled"])) == 2


@pytest.mark.usefixtures("point_agrees")
class TestInTheShop:
    """With the bank, the books and the leader."""

    pytestmark = in_the_shop

    def test_she_is_reminded_and_then_all_goes_back(self, group, acquirer):
        rule()
        keep(group, storage="chilled")
        order = bought(group, acquirer, payable=3000, first=1)
        day = arrived(group)
        with at(shanghai(day, NOON)):
            assert in_words(tend_due(10)) == {"watched": 1}
            assert in_words(tend_due(10)) == {}
        bag = OverdueBag.objects.get()
        assert bag.until == shanghai(day, time(22))
        second = timedelta(seconds=1)

        with at(bag.until - timedelta(hours=3) - second):
            assert in_words(tend_due(10)) == {}
        for hours in (3, 1):
            with at(bag.until - timedelta(hours=hours)):
                assert in_words(tend_due(10)) == {"reminded": 1}
                assert in_words(tend_due(10)) == {}
        with at(bag.until - second):
            assert in_words(tend_due(10)) == {}
        with at(bag.until):
            assert in_words(tend_due(10)) == {"ended": 1}
            assert in_words(tend_due(10)) == {}

        (refund,) = refunds_of(order.payment_no)
        assert (refund.amount.minor, LineBack.objects.get().why) == (3000, "overdue")
        # The goods were delivered: their supplier is owed for them, the mall bears it.
        assert -balance("2201") == 2400
        steps = OutboxEvent.objects.filter(fact="order.overdue").order_by("pk")
        assert [event.payload["step"] for event in steps] == [1, 2]
        told = OutboxEvent.objects.get(fact="order.disposed").payload
        assert (told["outcome"], told["pieces"], told["payer_minor"]) == ("refund", 1, 3000)
        until(lambda: send_refund(refund.refund_no).status == "succeeded")
        assert fresh(order).status == Status.REFUNDED
        assert no_shows([order.resident_id]) == {order.resident_id: 1}

    def test_a_part_goes_back_less_the_fee_and_the_order_is_done(self, group, acquirer):
        rule(outcome="part", back_percent=50, fee_minor=200)
        keep(group, storage="chilled")
        order = bought(group, acquirer, payable=6000, first=2)
        day = arrived(group)
        with at(shanghai(day + timedelta(days=2), NOON)):
            assert in_words(tend_due(10)) == {"watched": 1, "ended": 1}

        assert refunds_of(order.payment_no)[0].amount.minor == 3000 - 200
        assert fresh(order).status == Status.CLOSED
        assert balance("2101", reference=order.order_no) == 0
        assert -balance("2201") == 4800
        with pytest.raises(NotUndoableError):
            undo_collection(order_no=order.order_no, by=group.leader, reason="too late")

    def test_cold_goods_end_tonight_and_the_rest_waits_on(self, group, acquirer):
        rule(outcome="nothing")
        rule("ambient", keep_days=3, keep_until=time(20), outcome="return", remind_hours=[24])
        keep(group, storage="chilled", position=3)
        order = bought(group, acquirer, payable=20800, first=1, second=2, third=1)
        day = arrived(group)
        part = {line(order, 1).pk: 1}
        collect_part(order_no=order.order_no, pieces=part, by=group.leader, key="one egg")

        with at(shanghai(day + timedelta(days=1), NOON)):
            assert in_words(tend_due(10)) == {"watched": 2, "ended": 1}
        assert (fresh(order).status, refunds_of(order.payment_no)) == (Status.ARRIVED, [])
        assert balance("2101", reference=order.order_no) == -20800

        with at(shanghai(day + timedelta(days=3), time(20))):
            assert in_words(tend_due(10)) == {"ended": 1}

        (refund,) = refunds_of(order.payment_no)
        assert refund.amount.minor == 3000 + 4900
        kept = fresh(order)
        assert (kept.status, kept.collected_at is not None) == (Status.COLLECTED, True)
        assert -balance("2201") == 3920 + 6400
        assert set(OverdueBag.objects.values_list("ended", flat=True)) == {"nothing", "return"}

    def test_what_was_collected_in_time_ends_quietly(self, group, acquirer):
        rule()
        keep(group, storage="chilled")
        order = bought(group, acquirer, payable=3000, first=1)
        day = arrived(group)
        tend_due(10)
        collect_order(order_no=order.order_no, by=group.leader)

        with at(shanghai(day + timedelta(days=2), NOON)):
            tend_due(10)
            assert OverdueBag.objects.get().ended == "collected"
            assert no_shows([order.resident_id]) == {}
            undo_collection(order_no=order.order_no, by=group.leader, reason="wrong neighbour")
            again = OverdueBag.objects.get()
            assert (again.ended, again.until - now()) == ("", timedelta(hours=2))
        assert not OutboxEvent.objects.filter(fact="order.disposed").exists()

    def test_the_leader_keeps_it_longer_and_calls(self, group, acquirer):
        rule(extension_hours=12)
        keep(group, storage="chilled")
        order = bought(group, acquirer, payable=3000, first=1)
        day = arrived(group)
        tend_due(10)
        bag, by = OverdueBag.objects.get(), group.leader
        assert waiting_bags(by.pk) == []
        with at(shanghai(day, time(21, 30))):
            (shown,) = waiting_bags(by.pk)
            assert (shown.phone_tail, shown.is_last_hour) == ("8000", True)
            with pytest.raises(NotYourPointError):
                phone_to_call(bag_id=bag.pk, by=make_person("赵大爷"))
            assert phone_to_call(bag_id=bag.pk, by=by) == "+8613800138000"
            for hours, reason in ((13, "ill"), (0, "ill"), (2, " ")):
                with pytest.raises(NotExtendableError):
                    extend_storage(bag_id=bag.pk, hours=hours, reason=reason, by=by)
            longer = extend_storage(bag_id=bag.pk, hours=10, reason="in hospital", by=by)
            assert longer.until == bag.until + timedelta(hours=10)
            with pytest.raises(NotExtendableError) as beyond:
                extend_storage(bag_id=bag.pk, hours=3, reason="still ill", by=by)
            assert beyond.value.data["hours_left"] == 2
        with at(bag.until):
            assert "ended" not in in_words(tend_due(10))
        with at(longer.until):
            assert in_words(tend_due(10)) == {"ended": 1}
        assert fresh(order).pickup_code
        with pytest.raises(NotExtendableError):
            phone_to_call(bag_id=bag.pk, by=by)
