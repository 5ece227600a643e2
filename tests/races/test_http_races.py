"""The races through HTTP: three server processes, real buttons, exact counts; each guard needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.models import QuerySet

from mall.ordering import invariants
from mall.ordering.models import OrderFulfilment, Status
from mall.promotions.models import BankOffer
from payments.models import Payment
from tests.factories.groups import item_of, make_person
from tests.machines import free_port
from tests.mall.promotions.offers import make_offer
from tests.races.crowd import drop_guards
from tests.races.shoppers import Press, press_all, tie_cards
from tests.races.test_placing_races import (
    BUYERS,
    IN_STOCK,
    PAYERS,
    TABS,
    USES,
    _ignore_budget_check,
    filled,
    make_group,
)
from tests.servers import LiveMall, serving
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


@pytest.fixture
def careless_mall(live_mall, request) -> Iterator[LiveMall]:
    """The mall with a guard left out, beside the real one, on the same database."""
    url = f"http://127.0.0.1:{free_port()}"
    with serving(url, program="tests.races.careless", LEFT_OUT=request.param) as mall:
        yield mall


def one_piece_each(group) -> list[Press]:
    residents = [make_person(f"居民{n}") for n in range(BUYERS)]
    for each in residents:
        filled(group, each)
    return [Press(each, group, payable=3000) for each in residents]


def cards_of_their_own(group, acquirer) -> list[Press]:
    residents = [make_person(f"居民{n}") for n in range(PAYERS)]
    for each in residents:
        filled(group, each)
    cards = tie_cards(acquirer, residents)
    return [
        Press(each, group, payable=19200, way=card)
        for each, card in zip(residents, cards, strict=True)
    ]


def eight_tabs(group) -> list[Press]:
    wang = make_person("王阿姨")
    filled(group, wang)
    return [Press(wang, group, payable=3000, key=f"tab-{n}") for n in range(TABS)]


def statuses(answers) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def books_agree() -> bool:
    return not any(result.violations for result in invariants.check())


def test_fifty_buyers_of_ten_in_stock_buy_exactly_ten(live_mall, acquirer):
    group = make_group(stock=IN_STOCK)

    answers = press_all(live_mall.url, one_piece_each(group))

    assert statuses(answers) == {302: IN_STOCK, 422: BUYERS - IN_STOCK}
    item = item_of(group)
    assert (item.held, item.sold, item.stockrecord.num_allocated) == (IN_STOCK, 0, IN_STOCK)
    for payment in Payment.objects.all():
        acquirer.sim_pay(payment.payment_no)
    paid = OrderFulfilment.objects.filter(status=Status.PAID)
    until(lambda: _with_a_worker(live_mall, paid) == IN_STOCK, 60, "ten notifications", every=0.5)
    item = item_of(group)
    assert (item.held, item.sold, item.stockrecord.num_allocated) == (0, IN_STOCK, IN_STOCK)
    assert OrderFulfilment.objects.count() == IN_STOCK
    assert books_agree()


@pytest.mark.parametrize("careless_mall", ["stock"], indirect=True)
def test_without_the_stock_guard_more_than_ten_are_sold(careless_mall):
    drop_guards(trigger="ordering_stock_within_what_there_is")
    group = make_group(stock=IN_STOCK)

    answers = press_all(careless_mall.url, one_piece_each(group))

    assert statuses(answers)[302] > IN_STOCK
    assert item_of(group).held > IN_STOCK
    assert not books_agree()


def test_thirty_payers_share_a_budget_for_ten_exactly(live_mall, acquirer):
    group = make_group(stock=1000, price_minor=20800)
    make_offer(budget_minor=USES * 1600, resident_day_limit=1, card_day_limit=1)

    answers = press_all(live_mall.url, cards_of_their_own(group, acquirer))

    assert statuses(answers) == {302: USES, 422: PAYERS - USES}
    paid = OrderFulfilment.objects.filter(status=Status.PAID)
    until(lambda: _with_a_worker(live_mall, paid) == USES, 60, "ten paid orders", every=0.5)
    assert set(paid.values_list("payable_minor", "discount_minor")) == {(19200, 1600)}
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.used_count, offer.used_minor) == (0, USES, USES * 1600)
    assert books_agree()


@pytest.mark.parametrize("careless_mall", ["budget"], indirect=True)
def test_without_the_budget_guard_more_than_ten_are_discounted(careless_mall, acquirer):
    _ignore_budget_check()
    group = make_group(stock=1000, price_minor=20800)
    make_offer(budget_minor=USES * 1600)

    press_all(careless_mall.url, cards_of_their_own(group, acquirer))

    assert OrderFulfilment.objects.filter(discount_minor=1600).count() > USES
    assert not books_agree()


def test_one_basket_in_eight_tabs_is_one_order_and_one_payment(live_mall):
    group = make_group(stock=IN_STOCK)

    answers = press_all(live_mall.url, eight_tabs(group))

    assert statuses(answers) == {302: TABS}
    assert OrderFulfilment.objects.count() == 1
    payment = Payment.objects.get()
    # While one tab asks the bank, others wait for the result; the last ones find the basket empty.
    result, empty = f"/pay/{payment.payment_no}/result/", f"/g/{group.share_code}/basket/"
    assert {answer.headers["Location"] for answer in answers} <= {result, payment.step_url, empty}
    assert item_of(group).held == 1
    assert books_agree()


def test_a_button_pressed_again_after_the_answer_was_lost_leads_to_the_order(live_mall):
    group, wang = make_group(stock=IN_STOCK), make_person("王阿姨")
    filled(group, wang)
    press = Press(wang, group, payable=3000)
    press_all(live_mall.url, [press])

    (answer,) = press_all(live_mall.url, [press])

    assert answer.headers["Location"] == f"/orders/{OrderFulfilment.objects.get().order_no}/"


@pytest.mark.parametrize("careless_mall", ["basket"], indirect=True)
def test_without_the_basket_guard_one_basket_is_ordered_again(careless_mall):
    drop_guards(index="ordering_orderfulfilment_one_per_basket")
    for _round in range(ROUNDS):
        group = make_group(stock=IN_STOCK)
        press_all(careless_mall.url, eight_tabs(group))
        if OrderFulfilment.objects.filter(group=group).count() > 1:
            break

    assert OrderFulfilment.objects.filter(group=group).count() > 1
    assert not books_agree()


def _with_a_worker(mall: LiveMall, orders: QuerySet[OrderFulfilment]) -> int:
    """Count orders beside a worker, as a mall has one: what a process put off comes round."""
    mall.run_jobs("payments.deliver_outbox", "payments.ask_about_payments")
    return orders.count()
