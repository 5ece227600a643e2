"""Payouts in the admin: every attempt, what to pay next and what keeps it, files for the bank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from groupleader.admin.paying_queue import MAKE, PAY, chosen_statements, queue_context
from groupleader.admin.payout_export import payouts_file
from groupleader.admin.reading import MoneyAdmin, yuan
from groupleader.admin.result_words import BATCH_REFUSALS, SHARE_REFUSALS
from groupleader.admin.runs import WORDS, do_or_start, run_urls
from groupleader.models import DeskRun, Payout, PayoutDecision, SettlementStatement
from groupleader.payout_words import failure_for_leader
from groupleader.services.batches import BatchPlan, make_batch
from groupleader.services.desk_runs import pay_the_usual_way
from groupleader.services.payout_evidence import (
    carry_out_decision,
    propose_decision,
    reject_decision,
)
from payments.api import LinliError

COLOURS = {
    "new": "info",
    "sent": "info",
    "unknown": "warning",
    "succeeded": "success",
    "failed": "danger",
    "returned": "danger",
    "cancelled": "",
}


@admin.register(Payout)
class PayoutAdmin(MoneyAdmin):
    """Every attempt to pay somebody, whatever its way; what is unknown is being asked about."""

    list_display = (
        "transfer_no",
        "statement_shown",
        "party",
        "method",
        "attempt",
        "amount",
        "status_label",
        "payee_masked",
        "failure_message",
        "created_at",
        "finished_at",
    )
    list_filter = ("status", "method", "batch", "statement__leader", "statement__supplier")
    search_fields = (
        "transfer_no",
        "batch__batch_no",
        "statement__statement_no",
        "statement__leader__name",
        "statement__supplier__name",
        "payee_masked",
    )
    search_help_text = _("Payout, batch or statement number, name, last four digits")
    list_select_related = ("statement__leader", "statement__supplier", "batch")
    date_hierarchy = "created_at"
    actions = ("pay_again", "export")
    list_before_template = "admin/groupleader/payout_doors.html"

    @display(description=_("statement"), ordering="statement__statement_no")
    def statement_shown(self, payout: Payout) -> str:
        """Show its number."""
        return payout.statement.statement_no

    @display(description=pgettext_lazy("payout", "to"))
    def party(self, payout: Payout) -> str:
        """Show whose it is."""
        return payout.statement.party.name

    @display(description=_("amount"), ordering="amount_minor")
    def amount(self, payout: Payout) -> str:
        """Show yuan."""
        return yuan(payout.amount_minor)

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, payout: Payout) -> tuple[str, str]:
        """Show the state in colour."""
        return payout.status, payout.get_status_display()

    def has_pay_permission(self, request: HttpRequest) -> bool:
        """Ask for the permission to start payouts."""
        return request.user.has_perm("groupleader.pay_settlementstatement")

    @admin.action(description=_("Pay failed ones again"), permissions=["pay"])
    def pay_again(self, request: HttpRequest, queryset: QuerySet[Payout]) -> HttpResponse | None:
        """Start a new attempt for each statement whose last one failed or came back."""
        statements = SettlementStatement.objects.filter(payouts__in=queryset).distinct()
        return _pay_all(request, statements.select_related("leader", "supplier"))

    @admin.action(description=_("Export as a workbook"), permissions=["view"])
    def export(self, _request: HttpRequest, queryset: QuerySet[Payout]) -> HttpResponseBase:
        """Give the chosen payouts as a file; accounts stay masked."""
        return payouts_file(queryset)

    def get_urls(self) -> list[URLPattern]:
        """Add the queue of what is to be paid, and what two people decide."""
        guard = self.admin_site.admin_view
        return [
            path("to-pay/", guard(self.queue_view), name="groupleader_to_pay"),
            *run_urls(self.admin_site),
            path(
                "<int:pk>/decide/",
                guard(require_POST(self.decide_view)),
                name="groupleader_payout_decide",
            ),
            path(
                "<int:pk>/again/",
                guard(require_POST(self.again_view)),
                name="groupleader_payout_again",
            ),
            *super().get_urls(),
        ]

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one payout: what became of it, why, and what two people may decide."""
        del form_url
        if not self.has_view_permission(request):
            raise PermissionDenied
        payout = self.get_object(request, object_id)
        if payout is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_shown(request, payout),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/groupleader/payout.html", context)

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """Show what is to be paid and what keeps the rest; make a batch or pay by transfer."""
        if not self.has_pay_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._act_on_queue(request)
        context = {
            **self.admin_site.each_context(request),
            **queue_context(),
            "title": pgettext("statements", "To be paid"),
        }
        return TemplateResponse(request, "admin/groupleader/to_pay.html", context)

    def _act_on_queue(self, request: HttpRequest) -> HttpResponse:
        chosen = chosen_statements(request.POST)
        what = request.POST.get("what")
        if what == PAY:
            if page := _pay_all(request, chosen):
                return page
        elif what == MAKE:
            plan = BatchPlan(
                layout=request.POST.get("layout", "")[:20],
                form=request.POST.get("form", "")[:12],
                purpose=request.POST.get("purpose", "").replace("\x00", "")[:40],
            )
            try:
                batch = make_batch(statements=chosen, plan=plan, by=request.user)
            except LinliError as refusal:
                messages.error(request, refused_words(refusal))
            else:
                messages.success(request, gettext("The batch waits for its second person."))
                return redirect("admin:groupleader_payoutbatch_change", batch.pk)
        return redirect("admin:groupleader_to_pay")

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Propose, agree to or reject what became of one payout."""
        payout = self.get_object(request, str(pk))
        if payout is None or not request.user.has_perm("groupleader.decide_payout"):
            raise PermissionDenied
        decide(request, payout=payout)
        return redirect(reverse("admin:groupleader_payout_change", args=[pk]))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pay the statement of a payout that failed once more, with one click."""
        payout = self.get_object(request, str(pk))
        if payout is None or not self.has_pay_permission(request):
            raise PermissionDenied
        _pay_all(request, [payout.statement])
        return redirect(reverse("admin:groupleader_payout_change", args=[pk]))


def _pay_all(
    request: HttpRequest, statements: Iterable[SettlementStatement]
) -> HttpResponse | None:
    return do_or_start(
        request, DeskRun.Kind.PAY, statements, lambda row: pay_the_usual_way(row, by=request.user)
    )


def decide(request: HttpRequest, **about: Any) -> None:
    """Do what the buttons of a decision say, about a payout or a batch; refusals in words."""
    what = request.POST.get("what", "")
    try:
        if what in PayoutDecision.Kind.values:
            reason = request.POST.get("reason", "").replace("\x00", "")
            propose_decision(kind=what, reason=reason, by=request.user, **about)
            messages.success(request, gettext("It waits for a second person's decision."))
            return
        open_ = PayoutDecision.objects.filter(status=PayoutDecision.Status.PROPOSED, **about)
        decision = open_.select_related("payout", "batch", "proposed_by").first()
        if decision is None:
            messages.error(request, gettext("There is nothing left to decide."))
        elif what == "agree":
            carry_out_decision(decision=decision, by=request.user)
            messages.success(request, gettext("Decided; books and statements follow."))
        elif what == "reject":
            reject_decision(decision=decision, by=request.user)
            messages.success(request, gettext("Rejected."))
    except LinliError as refusal:
        messages.error(request, refusal.user_message)


def refused_words(refusal: LinliError) -> str:
    """Say why a batch was refused, and which row it is about."""
    about = refusal.data.get("statement_no") or refusal.data.get("payout_no") or ""
    reason = str(refusal.data.get("reason", ""))
    reason = str(BATCH_REFUSALS.get(reason) or WORDS.get(reason, reason))
    return " · ".join(str(part) for part in (refusal.user_message, about, reason) if part)


def _shown(request: HttpRequest, payout: Payout) -> dict[str, Any]:
    decisions = payout.decisions.select_related("proposed_by", "decided_by")
    is_file = payout.method == Payout.Method.BATCH
    return {
        "title": str(payout),
        "payout": payout,
        "words": failure_for_leader(payout) if payout.failure_code else "",
        "colour": COLOURS[payout.status],
        "amount": yuan(payout.amount_minor),
        "decisions": decisions,
        "may_decide": is_file and request.user.has_perm("groupleader.decide_payout"),
        "open": [row for row in decisions if row.status == row.Status.PROPOSED],
        "may_pay_again": payout.statement.status == SettlementStatement.Status.FAILED
        and request.user.has_perm("groupleader.pay_settlementstatement"),
        "shares": [
            {
                "share": row,
                "amount": yuan(row.amount_minor),
                "words": SHARE_REFUSALS.get(row.reason, row.reason),
            }
            for row in payout.shares.all()
        ],
    }
