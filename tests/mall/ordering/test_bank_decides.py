"""The shop takes a discount off, or the bank does by itself: the same books, and what it gave."""

from __future__ import annotations

from collections import Counter

import pytest

from mall.ordering.discounts import discounts_of
from mall.ordering.ending import cancel_paid_order
from mall.ordering.models import LineFulfilment, OrderDiscount, OrderFulfilment, Status
from mall.ordering.paying import pay_order
from mall.ordering.pricing import Wish
from mall.promotions.models import BankOffer, OfferReservation
from payments.api import Funder, Money, TenderPart, refunds_of, send_refund
from payments.models import Incident, JournalEntry, OutboxEvent, Payment
from tests.factories.groups import make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import (
    back,
    discounts,
    fresh,
    funders,
    give_back,
    make_voucher_of_three,
    paid,
    sent,
    tenders,
)
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.ordering.tying import tie
from tests.mall.promotions.offers import make_offer
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]
BANK = ("bank", "CCB:ccb-200-16")


@pytest.fixture
def wang(acquirer):
    return make_person("王阿姨")


def the_bank(**figures: object) -> TenderPart:
    """What the acquirer says the bank gave."""
    minor = figures.pop("minor", 1600)
    return TenderPart(funder=Funder.BANK, ref=figures.pop("ref", BANK[1]), amount=Money(minor))


def ordered(wang, *, decided_by: str = "bank", payable: int = 19200, **wish) -> OrderFulfilment:
    """The worked example, to be paid by a card of the bank's."""
    make_offer(decided_by=decided_by)
    card = give_card(wang)
    basket = fill_worked(make_worked_group(), wang)
    return place(basket, wang, wish=Wish(way=card.agreement_no, **wish), payable=payable)


def legs() -> Counter[tuple[str, str, str]]:
    """What lies in every drawer, without numbers that differ from order to order."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for leg in JournalEntry.objects.select_related("transaction"):
        reference = leg.reference if leg.account == "1131" else ""
        sums[leg.account, leg.party, reference] += leg.amount_minor
    return sums


def story(wang, acquirer, decided_by: str) -> dict[str, object]:
    """Tie, order, pay, have everything returned: all that anybody sees of it on the way."""
    offer = make_offer(code="minus16", decided_by=decided_by)
    card = tie(wang, acquirer)
    order = place(fill_worked(make_worked_group(), wang), wang, way=card, payable=19200)
    seen = {"placed": _shown(order)}
    assert pay_order(order_no=order.order_no, resident_id=wang.pk).kind == "done"
    seen |= {"paid": _shown(fresh(order)), "legs": legs(), "tenders": tenders(order)}
    seen["told"] = _told("order.paid")
    cancel_paid_order(order_no=order.order_no, resident_id=wang.pk)
    (refund,) = refunds_of(fresh(order).payment_no)
    until(lambda: send_refund(refund.refund_no).status == "succeeded", what="the refund")
    seen |= {"refunded": _shown(fresh(order)), "back": back(order), "legs after": legs()}
    offer.refresh_from_db()
    return seen | {"offer": (offer.used_count, offer.used_minor, offer.reserved_minor)}


def _shown(order: OrderFulfilment) -> dict[str, object]:
    lines = LineFulfilment.objects.filter(order=order).order_by("pk")
    return {
        "status": order.status,
        "money": (order.goods_minor, order.discount_minor, order.payable_minor),
        "refunded": order.refunded_minor,
        "shares": list(lines.values_list("offer_share_minor", "own_share_minor")),
        "funders": funders(order),
        "discounts": [
            (each.name, each.minor, each.returned_minor) for each in discounts_of(order.pk)
        ],
    }


def _told(fact: str) -> dict[str, object]:
    payload = OutboxEvent.objects.get(fact=fact).payload
    lines = [(line["quantity"], line["value_minor"]) for line in payload["lines"]]
    return {"lines": lines, "payer_minor": payload["payer_minor"]}


def test_the_worked_example_is_the_same_by_the_shop(wang, acquirer):
    seen = story(wang, acquirer, "shop")

    assert seen["paid"] == {
        "status": "paid",
        "money": (20800, 1600, 19200),
        "refunded": 0,
        "shares": [(231, 0), (754, 0), (615, 0)],
        "funders": {("bank", "CCB:minus16"): 1600},
        "discounts": [("满200减16", 1600, 0)],
    }
    _as_everybody_sees_it(seen)


def test_the_worked_example_is_the_same_by_the_bank(wang, acquirer):
    with acquirer.campaign("minus16"):
        seen = story(wang, acquirer, "bank")

    assert Payment.objects.get().amount_minor == 20800
    assert not Incident.objects.exists()
    assert seen["paid"]["shares"] == [(231, 0), (754, 0), (615, 0)]
    _as_everybody_sees_it(seen)


def _as_everybody_sees_it(seen: dict[str, object]) -> None:
    """One expectation for both: placed, paid, told, booked, given back."""
    shown = {"refunded": 0, "shares": [(231, 0), (754, 0), (615, 0)]}
    money = (20800, 1600, 19200)
    by_funder = {("bank", "CCB:minus16"): 1600}
    named = "满200减16"
    placed = {**shown, "money": money, "funders": by_funder}
    assert seen["placed"] == {
        **placed,
        "status": "pending_payment",
        "discounts": [(named, 1600, 0)],
    }
    assert seen["paid"] == {**placed, "status": "paid", "discounts": [(named, 1600, 0)]}
    assert seen["tenders"] == by_funder
    assert seen["told"] == {"lines": [(1, 3000), (2, 9800), (1, 8000)], "payer_minor": 19200}
    assert {account: minor for (account, *_), minor in seen["legs"].items() if minor} == {
        "1101": 19200 - 73,
        "1131": 1600,
        "2101": -20800,
        "6401": 73,
    }
    assert seen["refunded"] == {
        **placed,
        "status": "refunded",
        "refunded": 19200,
        "discounts": [(named, 1600, 1600)],
    }
    assert seen["back"] == {("payer", ""): 19200, ("bank", "CCB:minus16"): 1600}
    assert not any(seen["legs after"].values())
    assert seen["offer"] == (0, 0, 0)


@pytest.mark.parametrize(
    ("given", "actual"),
    [
        ([the_bank(minor=2000)], {"ccb-200-16": (1600, 2000)}),
        ([the_bank(minor=500)], {"ccb-200-16": (1600, 500)}),
        ([], {"ccb-200-16": (1600, 0)}),
        ([the_bank(ref="CCB:other")], {"ccb-200-16": (1600, 0), "other": (0, 1600)}),
        (
            [the_bank(), the_bank(ref="GOV:gift", minor=300)],
            {"ccb-200-16": (1600, 1600), "gift": (0, 300)},
        ),
    ],
    ids=["more", "less", "nothing", "another campaign", "one nobody quoted besides"],
)
def test_what_the_bank_gave_is_booked_as_it_is(wang, given, actual):
    order = paid(ordered(wang), *given)

    assert discounts(order) == actual
    came = sum(part.amount.minor for part in given)
    assert (order.discount_minor, order.payable_minor) == (came, 20800 - came)
    assert tenders(order) == {key: minor for key, minor in funders(order).items() if minor}
    (use,) = OfferReservation.objects.all()
    gave = actual["ccb-200-16"][1]
    assert (use.state, use.estimated_minor) == ("consumed" if gave else "released", 1600)
    assert BankOffer.objects.get().used_minor == gave
    is_listed = OrderDiscount.differing().exists()
    assert is_listed == Incident.objects.filter(kind="tender_mismatch").exists()
    assert is_listed == any(quoted != came for quoted, came in actual.values())


def test_what_nobody_quoted_comes_on_top_of_what_the_shop_decided(wang):
    make_voucher_of_three(wang)
    order = paid(
        ordered(wang, decided_by="shop", payable=20800 - 3000, voucher_no=""),
        the_bank(ref="CCB:surprise", minor=700),
    )

    assert [quoted for quoted, _given in discounts(order).values()] == [3000, 0]
    assert (order.discount_minor, order.payable_minor) == (3700, 17100)
    assert tenders(order) == funders(order)


@pytest.mark.parametrize("given", [[the_bank(minor=2000)], [the_bank(ref="CCB:other", minor=77)]])
def test_what_was_really_given_goes_back_with_the_goods(wang, given):
    order = sent(ordered(wang), *given)
    gave = funders(order)

    give_back(order, second=1)
    give_back(order, first=1, second=1, third=1)

    assert back(order) == {("payer", ""): order.payable_minor, **gave}


def test_a_bank_that_gave_nothing_took_no_place_of_hers(wang):
    order = paid(ordered(wang))

    assert order.status == Status.PAID
    assert OfferReservation.objects.get().slots.count() == 0
