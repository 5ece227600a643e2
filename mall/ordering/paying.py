"""Paying a placed order, and paying it another way than first chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mall.ordering.discounts import replace_discounts
from mall.ordering.errors import (
    NotClosableError,
    NotPayableError,
    OrderGoneError,
    StillCheckingError,
    WayRefusedError,
)
from mall.ordering.guarding import require_no_pause
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.ordering.payer import order_page, payer_ref
from mall.ordering.pricing import Wish
from mall.ordering.ways import Way, choose_way
from mall.promotions.goods import line_facts
from payments.api import (
    Money,
    NoAcquirerError,
    PaymentStep,
    PaymentView,
    Scene,
    attempts,
    create_payment,
    drive_close,
    lapses_at,
    now,
    payment_view,
    refresh_payment,
    request_close,
    send_payment,
    transact,
)

# Money may have been taken already, and nobody here knows.
_UNSURE: Final = frozenset({"sent", "unknown", "closing"})


def pay_order(*, order_no: str, resident_id: int) -> PaymentStep:
    """Ask the acquirer for the order's money and say what comes next. Network: no transaction.

    The step is done, a redirect, processing (ask again) or failed. After a failed attempt a new one
    is opened. OrderGoneError for another's order, NotPayableError when it no longer waits.
    """
    return send_payment(_attempt_to_send(order_no=order_no, resident_id=resident_id))


def change_way(
    *, order_no: str, resident_id: int, wish: Wish, expected_payable: Money, device: str = ""
) -> PaymentStep:
    """Pay an unpaid order another way, with another voucher or points. Network: no transaction.

    The first attempt is closed at the acquirer before the second is opened; then the order is
    priced anew, and voucher, points and the offer's use are swapped. NotClosableError where the
    first one can only lapse; StillCheckingError while the acquirer has not said that it is over;
    NotPayableError when it was paid after all. PriceChangedError, WayRefusedError,
    VoucherGoneError, NotEnoughPointsError and OfferUsedUpError leave the order as it was, to be
    paid by the way it had.
    """
    still_open = stop_paying(order_no=order_no, resident_id=resident_id)
    if still_open is not None:
        raise StillCheckingError(payment_no=still_open.payment_no)
    payment_no = _swap(
        order_no=order_no,
        resident_id=resident_id,
        wish=wish,
        expected_payable=expected_payable,
        device=device,
    )
    return send_payment(payment_no)


def stop_paying(*, order_no: str, resident_id: int) -> PaymentView | None:
    """Close what was begun to pay an order; return the attempt that is not surely over yet.

    Network: no transaction. Repeated, it asks again. OrderGoneError, NotPayableError, and
    NotClosableError where an acquirer cannot close: then nothing is begun, she may still pay there.
    """
    for attempt in attempts(order_no):
        if attempt.is_open and (until := lapses_at(attempt.payment_no)) is not None:
            raise NotClosableError(payment_no=attempt.payment_no, until=until)
    _want_closed(order_no=order_no, resident_id=resident_id)
    return ask_about(order_no)


def ask_about(order_no: str) -> PaymentView | None:
    """Ask the acquirer about the attempts nobody is sure of; return one that stays unsure.

    Unsure is what was sent and not answered, or is being closed: until that is settled a second
    way of payment might be the second charge. Network: no transaction; once per 1.5 s and attempt.
    """
    unsure = None
    for attempt in attempts(order_no):
        if attempt.status == "closing":
            seen = drive_close(attempt.payment_no)
        elif attempt.status in _UNSURE:
            seen = refresh_payment(attempt.payment_no)
        else:
            continue
        unsure = seen if seen.status in _UNSURE else unsure
    return unsure


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What a payment is for: the order, who owes it and until when."""

    order_no: str
    resident_id: int
    expires_at: datetime
    subject: str
    # where the result page leads on to; the order's page where nothing is said
    continue_url: str = ""


def open_payment(debt: Debt, *, way: Way) -> PaymentView:
    """Open an attempt to collect an order's money; in the caller's transaction.

    SalesPausedError in the hours the mall takes no orders, WayRefusedError where nobody takes money
    that way (any more).
    """
    require_no_pause(now())
    try:
        return _create(debt, way)
    except NoAcquirerError as error:
        raise WayRefusedError(way=way.purse or way.agreement_no) from error


def _create(debt: Debt, way: Way) -> PaymentView:
    return create_payment(
        reference=debt.order_no,
        payer_ref=payer_ref(debt.resident_id),
        tenders=way.split.tenders,
        expected=way.split.expected,
        scene=way.scene,
        purse=way.purse,
        payer_ip=way.payer_ip,
        agreement_no=way.agreement_no or None,
        expires_at=debt.expires_at,
        subject=debt.subject,
        continue_url=debt.continue_url or order_page(debt.order_no),
    )


def locked_order(order_no: str, *, resident_id: int | None = None) -> OrderFulfilment:
    """Lock an order, the first lock of every path; OrderGoneError unless it is the resident's."""
    orders = OrderFulfilment.objects.select_for_update(no_key=True).filter(order_no=order_no)
    if resident_id is not None:
        orders = orders.filter(resident_id=resident_id)
    order = orders.first()
    if order is None:
        raise OrderGoneError(order_no=order_no)
    return order


@transact()
def _attempt_to_send(*, order_no: str, resident_id: int) -> str:
    """Return the attempt to send: the present one, or a new one after it failed."""
    order = locked_order(order_no, resident_id=resident_id)
    present = payment_view(order.payment_no)
    if present.status == "succeeded" or present.is_open:
        return present.payment_no
    _require_payable(order)
    require_no_pause(now())
    again = create_payment(
        reference=order.order_no,
        payer_ref=present.payer_ref,
        tenders=present.asked,
        expected=present.expected,
        scene=Scene(present.scene),
        purse=present.purse,
        agreement_no=present.agreement_no or None,
        expires_at=order.expires_at,
        subject=order.group_buy.title,
        continue_url=present.continue_url,
    )
    OrderFulfilment.objects.filter(pk=order.pk).update(payment_no=again.payment_no)
    return again.payment_no


@transact()
def _want_closed(*, order_no: str, resident_id: int) -> None:
    order = locked_order(order_no, resident_id=resident_id)
    _require_payable(order)
    for attempt in attempts(order_no):
        if attempt.is_open:
            request_close(attempt.payment_no, reason="way_changed")


@transact()
def _swap(
    *, order_no: str, resident_id: int, wish: Wish, expected_payable: Money, device: str
) -> str:
    order = locked_order(order_no, resident_id=resident_id)
    _require_payable(order)
    _require_all_over(order_no)
    lines = list(
        order.lines.select_related(
            "product__product_class", "product__parent__product_class"
        ).order_by("pk")
    )
    chosen = choose_way(
        wish=wish,
        lines=[line_facts(line.product, value_minor=line.value_minor) for line in lines],
        resident_id=resident_id,
        expected=expected_payable,
        device=device,
        except_order=order_no,
    )
    chosen.free_what_changes(order)
    at = now()
    debt = Debt(
        order_no=order_no,
        resident_id=resident_id,
        expires_at=order.expires_at,
        subject=order.group_buy.title,
    )
    payment = open_payment(debt, way=chosen)
    order.payment_no, order.priced_at = payment.payment_no, at
    _write_money(order, lines, chosen)
    use = chosen.hold(order_no)
    chosen.take_budget(use)
    return payment.payment_no


def _write_money(order: OrderFulfilment, lines: list[LineFulfilment], way: Way) -> None:
    OrderFulfilment.objects.filter(pk=order.pk).update(
        discount_minor=way.pricing.discount_minor,
        payable_minor=way.pricing.payable.minor,
        agreement_no=way.agreement_no,
        purse=way.purse,
        payment_no=order.payment_no,
        priced_at=order.priced_at,
        offer_name=way.offer_name,
    )
    shares = zip(way.split.shares, way.split.own_shares, strict=True)
    for line, (share, own) in zip(lines, shares, strict=True):
        line.offer_share_minor, line.own_share_minor = share, own
    LineFulfilment.objects.bulk_update(lines, ["offer_share_minor", "own_share_minor"])
    replace_discounts(order, lines, way.split.discounts)


def _require_all_over(order_no: str) -> None:
    """Refuse while money may still come by another attempt, for example one of a second tab."""
    for attempt in attempts(order_no):
        if attempt.is_open:
            raise StillCheckingError(payment_no=attempt.payment_no)


def _require_payable(order: OrderFulfilment) -> None:
    """An order is paid while it waits, is not being cancelled, and its time has not run out."""
    waits = order.status == Status.PENDING_PAYMENT and order.cancel_requested_at is None
    if not waits or now() >= order.expires_at:
        raise NotPayableError(status=order.status)
