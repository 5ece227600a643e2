"""Tying a card at Stripe, asking how it stands, untying it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from payments.acquiring.contract import (
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    AlreadyDoneError,
    BindRequest,
    BindResult,
    ConfigError,
    DeclinedError,
)
from payments.adapters.stripe import cards
from payments.adapters.stripe.codes import MissingError
from payments.adapters.stripe.line import Line, Span, Thing
from payments.adapters.stripe.messages import NUMBER, id_of, number_of
from payments.adapters.stripe.paying import PAGES, day_of, path_of

CUSTOMERS: Final = "/v1/customers"
SETUPS: Final = "/v1/setup_intents"
CARDS: Final = "/v1/payment_methods"


def bind(line: Line, request: BindRequest) -> BindResult:
    """Start a signing: on Stripe's page, or with its kit inside an app where there is no page."""
    number, profile = request.agreement_no, line.profile
    paper = cards.customer_paper(request)
    customer = id_of(line.post(CUSTOMERS, paper, purpose="customer", number=number))
    if profile.hosted_pages:
        paper = cards.signing_paper(request, customer, profile)
        data = line.post(PAGES, paper, purpose="sign", number=number)
    else:
        paper = cards.setup_paper(request, customer)
        data = line.post(SETUPS, paper, purpose="sign", number=number)
    return BindResult(cards.opened(number, profile), cards.signing_step(data))


def query(line: Line, ref: AgreementRef) -> AgreementResult:
    """Ask how a tied card stands: by its token, else by how its signing went."""
    if ref.token:
        return _read_card(line, cards.read_token(ref.token)[1], ref.agreement_no)
    path, signing = _signing(line, ref.agreement_no)
    if signing is None:
        return AgreementResult(AgreementStatus.NOT_FOUND, ref.agreement_no)
    setup = _setup_of(signing, ref.agreement_no) if path == PAGES else signing
    if setup.get("status") != "succeeded":
        return cards.read_setup(setup, line.profile)
    return _tied(line, setup, ref.agreement_no)


def _signing(line: Line, agreement_no: str) -> tuple[str, Thing | None]:
    """Find the signing among those since the day of its number; newest first, so soon."""

    def is_it(data: Mapping[str, Any]) -> bool:
        return agreement_no in {number_of(data), data.get("client_reference_id")}

    span = Span(day_of(agreement_no))
    if not line.profile.hosted_pages:
        return SETUPS, line.find(SETUPS, is_it, span=span)
    expand = {"expand": ["data.setup_intent"]}
    return PAGES, line.find(PAGES, is_it, params=expand, span=span)


def _setup_of(page: Thing, agreement_no: str) -> Thing:
    """Return what a signing page is about; a page that expired signs nothing any more."""
    setup = page.get("setup_intent")
    if page.get("status") != "expired" and isinstance(setup, dict):
        return setup
    status = "canceled" if page.get("status") == "expired" else "requires_payment_method"
    return {"status": status, "metadata": {NUMBER: agreement_no}}


def _tied(line: Line, setup: Thing, agreement_no: str) -> AgreementResult:
    """Read the card of a signing that succeeded, and write our number on it once."""
    card_id, customer = id_of(setup.get("payment_method")), id_of(setup.get("customer"))
    path = path_of(CARDS, card_id)
    data = line.get(path)
    if line.profile.lenient and not data.get("customer"):
        # Stripe ties the card to the customer itself when the signing succeeds.
        data = line.repeat(f"{path}/attach", {"customer": customer})
    if data.get("customer") and number_of(data) != agreement_no:
        data = line.repeat(path, cards.label_paper(agreement_no))
    return cards.read_card(data, agreement_no, line.profile)


def _read_card(line: Line, card_id: str, agreement_no: str) -> AgreementResult:
    try:
        data = line.get(path_of(CARDS, card_id))
    except MissingError:
        return AgreementResult(AgreementStatus.NOT_FOUND, agreement_no)
    return cards.read_card(data, agreement_no, line.profile)


def unbind(line: Line, ref: AgreementRef) -> AgreementResult:
    """Untie a card; untying it twice is the same end. An unfinished signing is ended instead."""
    if not ref.token:
        return _end_signing(line, ref.agreement_no)
    card_id = cards.read_token(ref.token)[1]
    try:
        data = line.repeat(path_of(CARDS, card_id, "/detach"))
    except MissingError:
        return AgreementResult(AgreementStatus.NOT_FOUND, ref.agreement_no)
    except (ConfigError, AlreadyDoneError, DeclinedError):
        return _read_card(line, card_id, ref.agreement_no)
    return cards.read_card(data, ref.agreement_no, line.profile)


def _end_signing(line: Line, agreement_no: str) -> AgreementResult:
    """End a signing, so that nobody signs it later; what was signed meanwhile is untied."""
    path, signing = _signing(line, agreement_no)
    if signing is not None:
        verb = "/expire" if path == PAGES else "/cancel"
        with suppress(ConfigError, AlreadyDoneError, DeclinedError):
            line.repeat(path_of(path, signing["id"], verb))
    result = query(line, AgreementRef(agreement_no))
    if result.token:
        return unbind(line, AgreementRef(agreement_no, token=result.token))
    return AgreementResult(AgreementStatus.NOT_FOUND, agreement_no)
