"""What staff may do about refunds and transfers: send again, say paid by hand, approve, cancel."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from payments.admin.desk import DeskAdmin, Question, who
from payments.models import Refund, Transfer
from payments.services.proposals import propose_paid_by_hand
from payments.services.refund_desk import retry_refund
from payments.services.transfer_desk import approve_transfer, cancel_transfer

_CAME_BACK = Refund.Status.FAILED_AFTER_SUCCESS
_UNDONE = (
    Transfer.Status.CREATED,
    Transfer.Status.APPROVED,
    Transfer.Status.WAIT_USER_CONFIRM,
)


class RefundDesk(DeskAdmin):
    """A refused refund ends in one of two ways, never silently."""

    def has_retry_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may send a refused one again."""
        refused = Refund.objects.filter(pk=object_id, status__in=Refund.REFUSED)
        return request.user.has_perm("payments.retry_refund") and refused.exists()

    def has_by_hand_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may propose say that it was paid by hand."""
        owed = Refund.objects.filter(pk=object_id, status__in=[*Refund.REFUSED, _CAME_BACK])
        return request.user.has_perm("payments.propose_decision") and owed.exists()

    @action(description=_("Send again"), url_path="retry", permissions=["retry"], icon="replay")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send a refused refund again under the same number."""
        refund = get_object_or_404(Refund, pk=object_id)
        question = Question(
            question=_("The acquirer is asked again, under the same number."),
            button=_("Send again"),
            done=_("The refund is on its way again."),
        )
        number = refund.refund_no
        return self.ask(
            request, refund, question, act=lambda _why, _what: retry_refund(number, by=who(request))
        )

    @action(
        description=_("Paid by hand"),
        url_path="paid-by-hand",
        permissions=["by_hand"],
        icon="front_hand",
    )
    def paid_by_hand(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose that finance has paid it by hand."""
        refund = get_object_or_404(Refund, pk=object_id)
        question = Question(
            question=_("The resident got this money by bank transfer. A second person confirms."),
            button=_("Propose"),
            done=_("Proposed. A second person decides under Decisions."),
            asks_reason=True,
        )
        number = refund.refund_no
        return self.ask(
            request,
            refund,
            question,
            act=lambda why, _what: propose_paid_by_hand(number, reason=why, by=who(request)),
        )


class TransferDesk(DeskAdmin):
    """A large transfer waits for a second person; one not paid yet may be taken back."""

    def has_approve_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those approve who may, and never who created it."""
        waiting = Transfer.objects.filter(pk=object_id, status=Transfer.Status.CREATED)
        others = waiting.exclude(created_by=who(request))
        return request.user.has_perm("payments.approve_transfer") and others.exists()

    def has_cancel_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may take one back that was not paid."""
        undone = Transfer.objects.filter(pk=object_id, status__in=_UNDONE)
        return request.user.has_perm("payments.cancel_transfer") and undone.exists()

    @action(description=_("Approve"), url_path="approve", permissions=["approve"], icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a transfer that another created go."""
        transfer = get_object_or_404(Transfer, pk=object_id)
        question = Question(
            question=_("The money leaves our account. Payee and amount are as shown."),
            button=_("Approve"),
            done=_("The transfer is approved and will be sent."),
        )
        number = transfer.transfer_no
        return self.ask(
            request,
            transfer,
            question,
            act=lambda _why, _what: approve_transfer(number, by=who(request)),
        )

    @action(description=_("Take back"), url_path="cancel", permissions=["cancel"], icon="block")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a transfer back that was not sent, or that its payee has not confirmed."""
        transfer = get_object_or_404(Transfer, pk=object_id)
        question = Question(
            question=_("The payee gets nothing by this transfer; it may be made anew later."),
            button=_("Take back"),
            done=_("The request to take it back is recorded; its state shows what became of it."),
        )
        number = transfer.transfer_no
        return self.ask(
            request,
            transfer,
            question,
            act=lambda _why, _what: cancel_transfer(number, by=who(request)),
        )
