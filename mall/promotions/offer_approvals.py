"""How a bank offer is approved: its whole rule for a launch, old and new for another budget."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mall.promotions import lifecycle
from mall.promotions.approvals import Action, Approvable, Subject, register
from mall.promotions.errors import OfferRuleError
from mall.promotions.models import BankOffer, Proposal
from mall.promotions.models.sense import rule_errors
from payments.api import IllegalTransitionError, now

OFFER: Final = "offer"
_NOT_RULE: Final = frozenset({"id", "state"})
_BUDGET_STATES: Final = frozenset(
    {
        BankOffer.State.SCHEDULED,
        BankOffer.State.ACTIVE,
        BankOffer.State.PAUSED,
        BankOffer.State.EXHAUSTED,
    }
)


def register_offers() -> None:
    """Make offers known to approvals."""
    effects = {Action.LAUNCH.value: _launch, Action.BUDGET.value: _change_budget}
    register(OFFER, Approvable(read=_read, check=_check, effects=effects))


def facts_of(offer: BankOffer) -> dict[str, Any]:
    """Return an offer's whole rule by field: what a person approves. Counters and state are not."""
    fields = offer._meta.concrete_fields  # noqa: SLF001 - Django documents it
    return {
        field.attname: getattr(offer, field.attname)
        for field in fields
        if field.editable and field.attname not in _NOT_RULE
    }


def _read(pk: int) -> Subject:
    rows = BankOffer.objects.select_for_update(of=("self",), no_key=True)
    offer = rows.select_related("owner").get(pk=pk)
    return Subject(
        name=str(offer),
        facts=facts_of(offer),
        owner=offer.owner,
        budget_minor=offer.budget_minor,
    )


def _check(pk: int, action: str, budget_minor: int | None) -> None:
    offer = BankOffer.objects.get(pk=pk)
    if action == Action.LAUNCH:
        _check_launch(offer)
    else:
        _check_budget(offer, budget_minor)


def _check_launch(offer: BankOffer) -> None:
    if offer.state != BankOffer.State.DRAFT:
        raise IllegalTransitionError(to=BankOffer.State.SCHEDULED)
    errors = rule_errors(offer)
    if errors:
        raise OfferRuleError(next(iter(errors.values())), fields=errors)
    if offer.ends_at <= now():
        raise _wrong("ends_at", _("Its last day is over already."))


def _check_budget(offer: BankOffer, budget_minor: int | None) -> None:
    if offer.state not in _BUDGET_STATES:
        raise _wrong("budget_minor", _("Only a launched offer gets another budget."))
    if budget_minor == offer.budget_minor:
        raise _wrong("budget_minor", _("That is its budget already."))
    if budget_minor is not None and budget_minor < offer.used_minor + offer.reserved_minor:
        raise _wrong("budget_minor", _("More than that is spent or reserved already."))


def _wrong(field: str, sentence: Promise) -> OfferRuleError:
    return OfferRuleError(sentence, fields={field: sentence})


def _launch(pk: int, _proposal: Proposal) -> None:
    lifecycle.launch(BankOffer.objects.get(pk=pk))


def _change_budget(pk: int, proposal: Proposal) -> None:
    offer = BankOffer.objects.get(pk=pk)
    lifecycle.change_budget(offer, budget_minor=proposal.budget_to_minor)
