"""Held money on a payment's page: what came unasked, and what is proposed about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from payments.admin.desk import DeskAdmin, Question, who
from payments.admin.showing import NOTHING, Table, clock, table, yuan
from payments.models import Payment
from payments.services.held import HeldMoney, held_money
from payments.services.proposals import propose_release, propose_return_of_held


class HeldDesk(DeskAdmin):
    """Held money goes back to where it came from, or is released; two people decide."""

    def has_held_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those propose who may, where something is held and can go back."""
        return request.user.has_perm("payments.propose_decision") and bool(_returnable(object_id))

    def has_release_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those propose who may, where a payment is held."""
        held = Payment.objects.filter(pk=object_id, application=Payment.Application.HELD)
        return request.user.has_perm("payments.propose_decision") and held.exists()

    @action(
        description=_("Return held money"),
        url_path="return-held",
        permissions=["held"],
        icon="undo",
    )
    def return_held(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose that held money goes back to where it came from."""
        payment = get_object_or_404(Payment, pk=object_id)
        question = Question(
            question=_(
                "The money goes back to the payer of that transaction and to nobody else. "
                "A second person confirms."
            ),
            button=_("Propose"),
            done=_("Proposed. A second person decides under Decisions."),
            asks_reason=True,
            options=[(held.acquirer_no, _words(held)) for held in _returnable(object_id)],
            options_label=_("Transaction of the acquirer"),
        )
        number = payment.payment_no
        return self.ask(
            request,
            payment,
            question,
            act=lambda why, what: propose_return_of_held(
                number, acquirer_no=what, reason=why, by=who(request)
            ),
        )

    @action(
        description=_("Release"), url_path="release-held", permissions=["release"], icon="lock_open"
    )
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose that nothing wrong came and the payment goes on."""
        payment = get_object_or_404(Payment, pk=object_id)
        question = Question(
            question=_("Nothing wrong came; the acquirer is asked again. Another person confirms."),
            button=_("Propose"),
            done=_("Proposed. A second person decides under Decisions."),
            asks_reason=True,
        )
        number = payment.payment_no
        return self.ask(
            request,
            payment,
            question,
            act=lambda why, _what: propose_release(number, reason=why, by=who(request)),
        )


def _returnable(object_id: str) -> list[HeldMoney]:
    payment = Payment.objects.select_related("account").filter(pk=object_id).first()
    held = [] if payment is None else held_money(payment)
    return [each for each in held if each.is_returnable and not each.is_decided]


def _words(held: HeldMoney) -> str:
    amount = yuan(held.amount.minor, held.amount.currency) if held.amount else NOTHING
    return f"{held.acquirer_no} · {amount}"


def held_table(payment: Payment) -> Table:
    """Show what is or was held under a payment's number."""
    headers = (_("acquirer's number"), _("amount"), _("heard at"), _("can go back"), _("decided"))
    return table(
        _("Held money"),
        headers,
        (
            [
                held.acquirer_no or NOTHING,
                yuan(held.amount.minor, held.amount.currency) if held.amount else NOTHING,
                clock(held.heard_at),
                _("yes") if held.is_returnable else _("no"),
                _("yes") if held.is_decided else _("no"),
            ]
            for held in held_money(payment)
        ),
    )
