"""After the cut-off: full cases, what did not form, everybody's price; settled once, then fixed."""

from __future__ import annotations

import pytest

from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import Entry, GroupBuy, GroupBuyItem, LeaderGroup
from mall.ordering import cutoff
from mall.ordering.cutoff import cut_due, finish, fix, settle_order
from mall.ordering.models import LineBack, Status
from mall.ordering.settling import confirm_batch
from payments.acquiring.contract import Outcome, PayResult
from payments.api import deliver_pending, now, refunds_of
from payments.models import Payment
from payments.services.facts import apply_channel_fact
from tests.factories.groups import item_of
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import back, fresh, funders, paid, place_with_everything
from tests.mall.ordering.selling import close_and_form, lines_of, make_sale, order, paid_order, pays
from tests.mall.ordering.shopping import make_worked_group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]

Why = LineBack.Why
TIERS = [[5, 2500], [10, 2000]]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def reasons(order) -> list[tuple[str, int, int]]:
    rows = LineBack.objects.filter(line__order=order.pk).order_by("pk")
    return list(rows.values_list("why", "quantity", "value_minor"))


def sale_of(group) -> GroupBuy:
    return GroupBuy.objects.get(pk=group.group_buy_id)


def test_everybody_pays_the_lowest_price_reached_and_is_confirmed_after_that():
    (group,) = make_sale({"tiers": TIERS}, {})
    first, second = paid_order(group, 4, 1), paid_order(group, 3)
    close_and_form(group)
    assert confirm_batch(10) == 0

    assert cut_due(10) == {"cut": 1, "settled": 2}

    assert (pays(first), pays(second)) == ([(4, 10000), (1, 3000)], [(3, 7500)])
    assert (reasons(first), reasons(second)) == ([("tier", 0, 2000)], [("tier", 0, 1500)])
    item = item_of(group)
    assert (item.final_price_minor, item.final_quantity) == (2500, 7)
    assert item_of(group, 2).final_quantity == 1
    assert confirm_batch(10) == 2
    assert cut_due(10) == {"cut": 0, "settled": 0}


def test_a_sale_without_terms_is_cut_at_once_without_a_look_at_its_orders(
    django_assert_max_num_queries,
):
    (group,) = make_sale({}, {})
    for _ in range(5):
        paid_order(group, 1, 1)
    close_and_form(group)

    with django_assert_max_num_queries(12):
        fix(group_buy_id=group.group_buy_id)

    assert sale_of(group).cut_at is not None
    assert [item_of(group, n).final_quantity for n in (1, 2)] == [5, 5]
    assert confirm_batch(10) == 5


def test_forming_itself_cuts_a_plain_sale():
    (group,) = make_sale({})
    one = paid_order(group, 1)
    close_and_form(group)

    deliver_pending(100)

    assert fresh(one).status == Status.CONFIRMED


def test_only_full_cases_are_bought_and_what_has_none_comes_back():
    (group,) = make_sale({"case_size": 6}, {})
    first, last = paid_order(group, 4, 1), paid_order(group, 4, 1)
    close_and_form(group)

    cut_due(10)

    assert (pays(first), pays(last)) == ([(4, 12000), (1, 3000)], [(2, 6000), (1, 3000)])
    assert reasons(last) == [("lot", 2, 6000)]
    item = item_of(group)
    item.stockrecord.refresh_from_db()
    assert (item.sold, item.stockrecord.num_allocated) == (6, 6)
    assert Entry.objects.get(order_no=last.order_no).quantity == 3


def test_optional_pieces_fill_a_case_or_come_back():
    (group,) = make_sale({"case_size": 6, "allows_tolerance": True})
    first = paid_order(group, 4, more={1: 3})
    second = paid_order(group, 1, more={1: 3})
    close_and_form(group)

    cut_due(10)

    assert (pays(first), pays(second)) == ([(5, 15000)], [(1, 3000)])


def test_an_item_that_did_not_form_comes_back_and_the_rest_stays():
    (group,) = make_sale({"minimum_quantity": 5}, {})
    one = paid_order(group, 4, 2)
    close_and_form(group)

    cut_due(10)

    assert pays(one) == [(0, 0), (2, 6000)]
    assert reasons(one) == [("not_formed", 4, 12000)]


def test_an_order_of_which_nothing_is_left_is_refunded_whole():
    (group,) = make_sale({"minimum_quantity": 5}, {"case_size": 6})
    one = paid_order(group, 4, 2)
    close_and_form(group)

    cut_due(10)

    gone = fresh(one)
    assert (gone.cancel_requested_at is not None, gone.ended_because) == (True, "not_formed")
    assert sum(back(one).values()) == 18000
    assert Entry.objects.get(order_no=one.order_no).withdrawn_at is not None
    assert confirm_batch(10) == 0


def test_case_and_price_are_one_refund_told_apart():
    (group,) = make_sale({"case_size": 6, "tiers": TIERS}, {})
    first, last = paid_order(group, 4, 1), paid_order(group, 4, 1)
    close_and_form(group)

    cut_due(10)

    assert reasons(last) == [("lot", 2, 6000), ("tier", 0, 1000)]
    assert len(refunds_of(last.payment_no)) == 1
    assert pays(first)[0] == (4, 10000)


def test_killed_between_two_orders_it_goes_on_and_nobody_gets_twice():
    (group,) = make_sale({"case_size": 2, "tiers": TIERS})
    orders = [paid_order(group, n) for n in (1, 2, 3, 1)]
    close_and_form(group)
    fix(group_buy_id=group.group_buy_id)
    settle_order(orders[0].order_no)  # and then the process is gone

    assert sale_of(group).cut_at is None
    assert cut_due(1) == {"cut": 0, "settled": 1}
    for _ in range(5):
        cut_due(1)

    assert sale_of(group).cut_at is not None
    assert [pays(each) for each in orders] == [[(1, 2500)], [(2, 5000)], [(3, 7500)], [(0, 0)]]
    assert all(len(refunds_of(each.payment_no)) == 1 for each in orders)


def test_money_heard_of_after_the_cut_gets_the_same_price_but_no_case():
    (group,) = make_sale({"tiers": TIERS}, {"case_size": 2}, {})
    paid_order(group, 6, 2)
    late = order(group, 1, 1, 1)
    close_and_form(group)
    finish(group_buy_id=group.group_buy_id)

    payment_applied_before_forming(late)

    assert pays(late) == [(1, 2500), (0, 0), (1, 3000)]
    assert fresh(late).status == Status.CONFIRMED


def payment_applied_before_forming(late) -> None:
    """The small bank accepted the money in time; the order only hears of it now."""
    GroupBuy.objects.filter(pk=late.group_buy_id).update(state="closed")
    LeaderGroup.objects.filter(pk=late.group_id).update(state="closed")
    payment = Payment.objects.select_related("account").get(payment_no=late.payment_no)
    result = PayResult(
        Outcome.SUCCEEDED,
        late.payment_no,
        amount=payment.amount,
        merchant_id=payment.account.merchant_id,
        acquirer_no="A1",
        paid_at=now(),
        tenders=(),
    )
    apply_channel_fact(source="query", account=payment.account, result=result)
    GroupBuy.objects.filter(pk=late.group_buy_id).update(state="formed")
    LeaderGroup.objects.filter(pk=late.group_id).update(state="formed")
    deliver_pending(100)


def test_every_funder_gets_his_part_of_a_lower_price():
    group = make_worked_group()
    GroupBuyItem.objects.filter(pk=item_of(group, 2).pk).update(tiers=[[2, 4400]])
    one = paid(place_with_everything(group))
    gave = funders(one)
    close_and_form(group)

    cut_due(10)

    got = back(one)
    assert sum(got.values()) == 1000
    assert all(got[key] <= gave[key] for key in gave)
    assert lines_of(one)[1].refunded_minor == 1000


def test_nothing_is_fixed_before_the_sale_has_formed():
    (group,) = make_sale({"tiers": TIERS})
    paid_order(group, 6)
    cut_off_now(group_buy_id=group.group_buy_id)

    assert cut_due(10) == {"cut": 0, "settled": 0}
    assert not cutoff.is_cut(group_buy_id=group.group_buy_id)
    assert item_of(group).final_price_minor is None
