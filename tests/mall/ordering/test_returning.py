"""Goods that did not come: whoever paid for them gets exactly that back, whatever the steps."""

from __future__ import annotations

from random import Random

import pytest
from django.db import transaction

from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.shoppers import Shopper
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.payer import payer_ref
from mall.ordering.pricing import Wish, price
from mall.ordering.returning import Missing, refund_missing
from mall.ordering.settling import record_refund
from mall.ordering.wanted import wanted_lines
from mall.promotions.models import BankOffer
from mall.vouchers.models import Voucher, VoucherUse
from payments.api import agreements_of, balance, deliver_pending, refunds_of
from payments.models import OutboxEvent
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import (
    back,
    fresh,
    funders,
    give_back,
    make_voucher_of_three,
    place_with_everything,
    points_of,
    sent,
)
from tests.mall.ordering.shopping import fill, give_card, place
from tests.mall.promotions.offers import make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]
SEEDS, NIGHTLY_SEEDS = range(6), range(6, 300)


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def wang():
    return make_person("王阿姨")


def test_a_piece_that_did_not_come_goes_back_to_whoever_paid_it(wang):
    order = sent(place_with_everything(resident=wang))

    is_empty = give_back(order, second=1)

    assert not is_empty
    got = back(order)
    assert sum(got.values()) == 4900
    line = LineFulfilment.objects.filter(order=order).order_by("pk")[1]
    half = {(row.funder, row.funder_ref): row.minor / 2 for row in line.discounts.all()}
    for key, exact in half.items():
        assert abs(got[key] - exact) <= 1
    assert got["payer", ""] == 4900 - sum(row.returned_minor for row in line.discounts.all())
    returned = VoucherUse.objects.get().returned_minor
    assert returned == sum(
        row.returned_minor for row in line.discounts.filter(discount__source="voucher")
    )
    assert Voucher.objects.get().state == "used"
    assert 0 < points_of(wang.pk) < 500


def test_the_fact_of_a_refunded_line_tells_the_payers_part(wang):
    order = sent(place_with_everything(resident=wang))
    give_back(order, first=1, second=2)

    told = [row.payload for row in OutboxEvent.objects.filter(fact="line.refunded")]

    assert sorted(each["quantity"] for each in told) == [1, 2]
    assert sum(each["payer_minor"] for each in told) == back(order)["payer", ""]


def test_when_all_went_back_everybody_has_his_own_and_she_her_voucher_and_points(wang):
    order = sent(place_with_everything(resident=wang))
    gave = funders(order)

    assert [
        give_back(order, second=1),
        give_back(order, first=1, third=1),
        give_back(order, second=1),
    ] == [False, False, True]

    assert back(order) == {("payer", ""): 15700, **gave}
    assert funders(order, "returned_minor") == gave
    assert (Voucher.objects.get().state, points_of(wang.pk)) == ("returned", 500)
    offer = BankOffer.objects.get()
    assert (offer.used_count, offer.used_minor) == (0, 0)


def test_a_forfeited_offer_takes_the_rest_of_its_parts_and_no_others(wang):
    order = sent(place_with_everything(resident=wang, refund_policy="forfeit"))
    gave = funders(order)

    give_back(order, third=1)

    returned = funders(order, "returned_minor")
    for key in (("bank", "CCB:ccb-200-16"), ("platform", "ccb-200-16")):
        assert returned[key] == gave[key]
    assert returned["government", "GOV-HZ:spring"] < gave["government", "GOV-HZ:spring"]
    assert sum(back(order).values()) == 8000
    (told,) = OutboxEvent.objects.filter(fact="line.refunded")
    assert told.payload["payer_minor"] == back(order)["payer", ""]


def test_of_a_forfeited_step_the_lower_one_stays_with_the_goods_she_keeps(wang):
    steps = [[10000, 500], [17000, 1600]]
    order = sent(
        place_with_everything(
            resident=wang, refund_policy="forfeit", benefit_kind="steps", steps=steps
        )
    )

    give_back(order, first=1)  # what is left of the others reaches 100.00 still

    returned = funders(order, "returned_minor")
    kept = 1600 - returned["bank", "CCB:ccb-200-16"] - returned["platform", "ccb-200-16"]
    assert kept == 500


def test_pieces_worth_less_than_what_is_forfeited_with_them_go_back_too(wang):
    make_offer(threshold_minor=10000, discount_minor=3000, refund_policy="forfeit")
    card = give_card(wang)
    prices = (("鸡蛋", 300), ("三文鱼", 7000))
    plans = [make_item_plan(make_product(name, stock=100), price_minor=p) for name, p in prices]
    basket = fill(make_open_group(items=plans), wang, first=10, second=1)
    order = sent(place(basket, wang, way=card.agreement_no, payable=7000))

    give_back(order, first=1, second=1)

    assert back(order) == {("payer", ""): 7300 - 3000, ("bank", "CCB:ccb-200-16"): 3000}
    told = [row.payload for row in OutboxEvent.objects.filter(fact="line.refunded")]
    assert sum(each["payer_minor"] for each in told) == 4300


def test_two_shortages_of_a_long_order_are_two_refunds(wang):
    make_offer(threshold_minor=15500, discount_minor=9900, refund_policy="forfeit")
    card = give_card(wang)
    plans = [make_item_plan(make_product(f"菜{n}", stock=9), price_minor=500) for n in range(30)]
    group = make_open_group(items=plans)
    basket = basket_for(shopper=Shopper(user=wang), group_id=group.pk)
    for n in range(1, 31):
        item = item_of(group, n)
        save_line(basket_id=basket.basket_id, item=item, quantity=1 + n // 30)
    order = sent(place(basket, wang, way=card.agreement_no, payable=15500 - 9900))
    last = order.lines.order_by("pk").last()

    for _piece in range(2):
        with transaction.atomic():
            refund_missing(fresh(order), [Missing(line_id=last.pk, quantity=1)])

    assert len(refunds_of(order.payment_no)) == 2
    assert sum(back(order).values()) == 1000


def test_an_order_others_paid_nearly_all_of_is_refunded_when_its_goods_are(wang):
    """Her one fen is back with one of the goods; the order lives until both are."""
    make_voucher_of_three(wang, discount_minor=20800, threshold_minor=0)
    plans = [make_item_plan(make_product(name), price_minor=10400) for name in ("玉米", "鸡蛋")]
    basket = fill(make_open_group(items=plans), wang, first=1, second=1)
    order = sent(place(basket, wang, wish=Wish(way="cashier"), payable=1))

    give_back(order, second=1)
    hers = next(each for each in refunds_of(order.payment_no) if each.amount)
    record_refund(
        order_no=order.order_no,
        payment_no=order.payment_no,
        refund_no=hers.refund_no,
        amount=hers.amount,
    )
    assert (fresh(order).refunded_minor, fresh(order).status) == (1, Status.IN_TRANSIT)
    give_back(order, first=1)
    deliver_pending(100)  # the second refund is the funders' alone: nobody has to be asked

    assert fresh(order).status == Status.REFUNDED
    assert back(order)["payer", ""] == 1
    assert sum(back(order).values()) == 20800


def check_any_steps(seed: int) -> None:
    """Some goods, some discounts, some pieces after others: the books agree after every step."""
    dice = Random(seed)
    resident = make_person(f"居民{seed}")
    give_points(resident, 100_000)
    order = sent(_some_order(dice, resident, seed))
    gave = {("payer", ""): order.payable_minor, **funders(order)}
    lines = list(order.lines.order_by("pk"))
    left = {line.pk: line.quantity for line in lines}
    while any(left.values()):
        quantities = {pk: dice.randint(0, rest) for pk, rest in left.items()}
        if not any(quantities.values()):
            continue
        missing = [Missing(line_id=pk, quantity=n) for pk, n in quantities.items() if n]
        with transaction.atomic():
            refund_missing(fresh(order), missing)
        left = {pk: rest - quantities[pk] for pk, rest in left.items()}
        _agree_with_the_ledger(order)
    assert back(order) == {key: minor for key, minor in gave.items() if minor}


def _some_order(dice: Random, resident, seed: int) -> OrderFulfilment:
    prices = [dice.choice((1, 3, 99, 4999, 20001)) for _ in range(dice.randint(1, 3))]
    plans = [
        make_item_plan(make_product(f"菜{seed}-{n}", stock=100), price_minor=price)
        for n, price in enumerate(prices)
    ]
    group = make_open_group(items=plans)
    names = ("first", "second", "third")[: len(prices)]
    pieces = {name: dice.randint(1, 5) for name in names}
    goods = sum(price * pieces[name] for name, price in zip(names, prices, strict=True))
    wish = Wish(way="cashier", points=dice.choice((0, 7, 100_000)))
    if dice.random() < 0.7:
        worth = dice.choice((1, 500, goods - 1))
        if 0 < worth < goods:
            make_voucher_of_three(
                resident, code=f"spring-{seed}", discount_minor=worth, threshold_minor=0
            )
    if dice.random() < 0.7:
        card = give_card(resident)
        make_offer(
            code=f"offer-{seed}",
            threshold_minor=2,
            discount_minor=1,
            funding=[
                {"funder": "bank", "percent": 60},
                {"funder": "platform", "percent": 30},
                {"funder": "supplier", "ref": "supplier:1", "percent": 10},
            ],
            refund_policy=dice.choice(("proportional", "forfeit")),
        )
        wish = Wish(way=card.agreement_no, points=wish.points)
    return _placed_as_priced(fill(group, resident, **pieces), resident, wish)


def _placed_as_priced(basket, resident, wish: Wish) -> OrderFulfilment:
    priced = price(
        lines=[line.facts for line in wanted_lines(basket)],
        wish=wish,
        resident_id=resident.pk,
        cards=agreements_of(payer_ref(resident.pk)),
    )
    return place(basket, resident, wish=wish, payable=priced.payable.minor)


def _agree_with_the_ledger(order: OrderFulfilment) -> None:
    gave, returned = funders(order), funders(order, "returned_minor")
    for (funder, ref), minor in gave.items():
        kept = minor - returned[funder, ref]
        if funder in {"bank", "government"}:
            giver, _, campaign = ref.partition(":")
            assert balance("1131", party=giver, reference=campaign) == kept
        elif funder == "platform":
            assert balance("6005", reference=ref) == kept


@pytest.mark.parametrize("seed", SEEDS)
def test_any_steps_agree_with_the_ledger_to_the_fen(seed):
    make_programme(most_percent=90)
    check_any_steps(seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", NIGHTLY_SEEDS)
def test_any_steps_agree_with_the_ledger_all_night(seed):
    make_programme(most_percent=90)
    check_any_steps(seed)
