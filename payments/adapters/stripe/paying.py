"""Collecting and giving back at Stripe: opening, charging, asking, closing, refunding.

Stripe knows an object by its own id. Where an answer was lost we have none, so a payment is looked
for in the list of what was created around the time it was sent, by the number in its metadata. The
list is complete and current; the search is neither (docs.stripe.com/search#data-freshness), and a
POST under the same key would be no question: it might charge a card.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote

from payments.acquiring.contract import (
    Advice,
    AgreementPay,
    AlreadyDoneError,
    CloseOutcome,
    CloseResult,
    ConfigError,
    DeclinedError,
    NotSupportedError,
    Outcome,
    PayRef,
    PayRequest,
    PayResult,
    RefundRef,
    RefundRequest,
    RefundResult,
    Scene,
)
from payments.adapters.stripe import messages, pages
from payments.adapters.stripe.cards import read_token
from payments.adapters.stripe.codes import MissingError
from payments.adapters.stripe.line import Line, Span, Thing
from payments.adapters.stripe.messages import number_of
from payments.kernel.clock import SHANGHAI, now
from payments.kernel.money import Money

INTENTS: Final = "/v1/payment_intents"
PAGES: Final = "/v1/checkout/sessions"
REFUNDS: Final = "/v1/refunds"
# As long as Stripe keeps idempotency keys: within it a number sent twice is one object.
LOOK_BACK: Final = timedelta(hours=24)
CLOCKS_DIFFER: Final = timedelta(minutes=10)
# A request may still be under way when its sender has given up; so long "not there" says nothing.
SURE_AFTER: Final = timedelta(minutes=2)
_WITH_CHARGE: Final = {"expand": ["latest_charge"]}
_WITH_INTENT: Final = {"expand": ["payment_intent"]}

Found = tuple[Literal["intent", "page"], Thing]


def path_of(place: str, thing_id: str, then: str = "") -> str:
    """Write an object's address; an id never adds a slash to it."""
    return f"{place}/{quote(thing_id, safe='')}{then}"


def create(line: Line, request: PayRequest) -> PayResult:
    """Open a payment: on Stripe's page (H5), or for Stripe's kit inside an app (APP)."""
    number, profile = request.payment_no, line.profile
    if request.scene is Scene.H5 and profile.hosted_pages:
        paper = pages.page_paper(request, profile)
        page = line.post(PAGES, paper, purpose="page", number=number)
        result = pages.read_page(page, profile)
    elif request.scene is Scene.APP:
        paper = messages.intent_paper(request, profile)
        intent = line.post(INTENTS, paper, purpose="pay", number=number)
        result = messages.read_intent(intent, profile)
    else:
        raise NotSupportedError(f"this Stripe account does not offer {request.scene}")
    return messages.expect_payment(result, payment_no=number, amount=request.amount)


def charge(line: Line, request: AgreementPay) -> PayResult:
    """Charge a tied card; where its bank wants its owner, she is asked on the bank's page."""
    customer, card = read_token(request.token)
    paper = messages.charge_paper(request, line.profile, card=card, customer=customer)
    try:
        intent = line.post(INTENTS, paper, purpose="pay", number=request.payment_no)
    except DeclinedError as error:
        intent_id = str(error.raw.get("payment_intent", ""))
        if error.acquirer_code != messages.OWNER_WANTED or not intent_id:
            raise
        path = path_of(INTENTS, intent_id, "/confirm")
        paper = messages.ask_owner_paper(request, line.profile, card=card)
        intent = line.post(path, paper, purpose="ask_owner", number=request.payment_no)
    result = messages.read_intent(intent, line.profile)
    return messages.expect_payment(result, payment_no=request.payment_no, amount=request.amount)


def query(line: Line, ref: PayRef) -> PayResult:
    """Ask what became of a payment. Not found is said only when it is sure; else unknown."""
    found = _found(line, ref)
    if found is None:
        return PayResult(_absence(ref), ref.payment_no)
    return _read(line, found, ref.payment_no)


def _read(line: Line, found: Found, payment_no: str) -> PayResult:
    kind, data = found
    read = messages.read_intent if kind == "intent" else pages.read_page
    return messages.expect_payment(read(data, line.profile), payment_no=payment_no, amount=None)


def _absence(ref: PayRef) -> Outcome:
    is_old = ref.sent_at is not None and now() - ref.sent_at >= SURE_AFTER
    return Outcome.NOT_FOUND if is_old and not ref.acquirer_no else Outcome.UNKNOWN


def _found(line: Line, ref: PayRef) -> Found | None:
    if ref.acquirer_no:
        return _known(line, ref.acquirer_no)
    span = _around(ref.sent_at)
    if line.profile.hosted_pages:
        page = line.find(
            PAGES,
            lambda data: data.get("client_reference_id") == ref.payment_no,
            params={"expand": ["data.payment_intent"]},
            span=span,
        )
        if page is not None:
            return "page", page
    intent = line.find(
        INTENTS,
        lambda data: number_of(data) == ref.payment_no,
        params={"expand": ["data.latest_charge"]},
        span=span,
    )
    return None if intent is None else ("intent", intent)


def _around(sent_at: datetime | None) -> Span:
    if sent_at is None:
        return Span(now() - LOOK_BACK)
    return Span(sent_at - LOOK_BACK, sent_at + CLOCKS_DIFFER)


def _known(line: Line, thing_id: str) -> Found | None:
    try:
        if thing_id.startswith("cs_"):
            return "page", line.get(path_of(PAGES, thing_id), _WITH_INTENT)
        return "intent", line.get(path_of(INTENTS, thing_id), _WITH_CHARGE)
    except MissingError:
        return None


def close(line: Line, ref: PayRef) -> CloseResult:
    """End an unpaid payment; one that was paid says so and brings its result."""
    found = _found(line, ref)
    if found is None:
        is_sure = _absence(ref) is Outcome.NOT_FOUND
        outcome = CloseOutcome.NOT_FOUND if is_sure else CloseOutcome.UNKNOWN
        return CloseResult(outcome, ref.payment_no)
    result = _read(line, found, ref.payment_no)
    if result.outcome not in {Outcome.CLOSED, Outcome.SUCCEEDED}:
        result = _read(line, _ended(line, found), ref.payment_no)
    outcome = {
        Outcome.CLOSED: CloseOutcome.CLOSED,
        Outcome.SUCCEEDED: CloseOutcome.ALREADY_PAID,
    }.get(result.outcome, CloseOutcome.UNKNOWN)
    paid = result if outcome is CloseOutcome.ALREADY_PAID else None
    return CloseResult(outcome, ref.payment_no, paid=paid, raw=result.raw)


def _ended(line: Line, found: Found) -> Found:
    """Cancel or expire it; where Stripe refuses, look again why: it may just have been paid."""
    kind, data = found
    place, verb = (INTENTS, "/cancel") if kind == "intent" else (PAGES, "/expire")
    try:
        return kind, line.repeat(path_of(place, data["id"], verb))
    except (ConfigError, AlreadyDoneError, DeclinedError):
        known = _known(line, data["id"])
        return known or found


def refund(line: Line, request: RefundRequest) -> RefundResult:
    """Give money back."""
    intent_id = request.acquirer_no or _intent_of(line, request.payment_no)
    paper = messages.refund_paper(request, intent_id)
    try:
        data = line.post(REFUNDS, paper, purpose="refund", number=request.refund_no)
    except ConfigError as error:
        if error.raw.get("status") == 400:
            _judge_refusal(request, _known(line, intent_id), error)
        raise
    return messages.expect_refund(
        messages.read_refund(data, line.profile),
        refund_no=request.refund_no,
        amount=request.amount,
    )


def _intent_of(line: Line, payment_no: str) -> str:
    result = query(line, PayRef(payment_no, sent_at=day_of(payment_no) + LOOK_BACK))
    if result.outcome is not Outcome.SUCCEEDED:
        raise never(f"{payment_no} has not been paid", code="payment_not_paid")
    return result.acquirer_no


def _judge_refusal(request: RefundRequest, found: Found | None, error: ConfigError) -> None:
    """Tell a refund of too much, or of nothing, from a mistake of ours: Stripe has no code for it.

    Raises DeclinedError when the payment explains the refusal.
    """
    if found is None or found[1].get("status") != "succeeded":
        raise never(error.message, code="payment_not_paid") from error
    charge_ = found[1].get("latest_charge")
    if isinstance(charge_, dict) and type(charge_.get("amount_refunded")) is int:
        left = request.paid - Money(charge_["amount_refunded"], request.paid.currency)
        if left < request.amount:
            raise never(error.message, code="refund_too_much") from error


def never(message: str, *, code: str) -> DeclinedError:
    """Make the definite no that nobody needs to try again."""
    return DeclinedError(message, code=code, advice=Advice.DO_NOT_RETRY)


def day_of(number: str) -> datetime:
    """Return the start of the day a number of ours was made on: it says so itself."""
    try:
        return datetime.strptime(number[1:7], "%y%m%d").replace(tzinfo=SHANGHAI)
    except ValueError:
        return now() - LOOK_BACK


def query_refund(line: Line, ref: RefundRef) -> RefundResult:
    """Ask what became of a refund: by Stripe's id, else among the refunds of its payment."""
    data = _refund(line, ref)
    if data is None:
        return RefundResult(Outcome.NOT_FOUND, ref.refund_no, ref.payment_no)
    result = messages.read_refund(data, line.profile)
    return messages.expect_refund(result, refund_no=ref.refund_no, amount=None)


def _refund(line: Line, ref: RefundRef) -> Thing | None:
    if ref.acquirer_refund_no:
        try:
            return line.get(path_of(REFUNDS, ref.acquirer_refund_no))
        except MissingError:
            return None
    of_payment = {"payment_intent": ref.acquirer_no} if ref.acquirer_no else {}
    span = None if of_payment else Span(day_of(ref.refund_no))
    return line.find(
        REFUNDS, lambda data: number_of(data) == ref.refund_no, params=of_payment, span=span
    )
