"""Decisions in the admin: what one person proposed about stuck money, for a second to decide."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import action, display

from payments.admin.desk import DeskAdmin, Question, who
from payments.admin.paper import GREEN, ORANGE, RED
from payments.admin.related import incidents_table, journal_table, refund_events
from payments.admin.showing import NOTHING, Table, yuan
from payments.models import Decision, Incident
from payments.services.decisions import carry_out, reject

_COLOURS = {"proposed": ORANGE, "carried_out": GREEN, "rejected": RED}


@admin.register(Decision)
class DecisionAdmin(DeskAdmin):
    """Proposals about held money and refused refunds, and what became of them."""

    list_display = (
        "decision_no",
        "kind",
        "subject_no",
        "shown_amount",
        "status_label",
        "proposed_by",
        "decided_by",
        "proposed_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("proposed_at", RangeDateTimeFilter),
    )
    search_fields = ("decision_no", "subject_no", "acquirer_no")
    search_help_text = _("Decision number, payment, refund or return number")
    date_hierarchy = "proposed_at"
    actions_detail = ("let_happen", "let_not_happen")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("decision_no", "kind"),
                    ("subject_no", "acquirer_no"),
                    ("shown_amount", "status"),
                    "reason",
                    ("proposed_by", "proposed_at"),
                    ("decided_by", "decided_at"),
                )
            },
        ),
    )

    @display(description=_("amount"), ordering="amount_minor")
    def shown_amount(self, decision: Decision) -> str:
        """Show how much it is about."""
        return yuan(decision.amount_minor, decision.currency) if decision.amount_minor else NOTHING

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, decision: Decision) -> tuple[str, str]:
        """Show the state in colour."""
        return decision.status, decision.get_status_display()

    def papers(self, decision: Decision) -> list[Table]:
        """Return the journals and incidents of what it is about."""
        number = decision.subject_no
        refs = [f"held:{decision.decision_no}", f"split_repaid:{number}", *refund_events(number)]
        return [journal_table(refs), incidents_table(Incident.objects.filter(subject_no=number))]

    def has_decide_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those decide who may, while it is open, and never who proposed it."""
        open_ones = Decision.objects.filter(pk=object_id, status=Decision.Status.PROPOSED)
        others = open_ones.exclude(proposed_by=who(request))
        return request.user.has_perm("payments.carry_out_decision") and others.exists()

    def has_withdraw_permission(self, request: HttpRequest, object_id: str = "") -> bool:
        """Let those who may decide reject it, and who proposed it take it back."""
        open_ones = Decision.objects.filter(pk=object_id, status=Decision.Status.PROPOSED)
        may = request.user.has_perm("payments.carry_out_decision")
        if not may and request.user.has_perm("payments.propose_decision"):
            open_ones = open_ones.filter(proposed_by=who(request))
            may = True
        return may and open_ones.exists()

    @action(description=_("Carry out"), url_path="carry-out", permissions=["decide"])
    def let_happen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let what another proposed happen."""
        decision = get_object_or_404(Decision, pk=object_id)
        text = gettext("%(name)s proposed: %(what)s. Amount: %(amount)s. Reason: %(reason)s")
        values = {
            "name": decision.proposed_by,
            "what": decision.get_kind_display(),
            "amount": self.shown_amount(decision),
            "reason": decision.reason,
        }
        question = Question(
            question=text % values, button=_("Carry out"), done=_("It is carried out and booked.")
        )
        number = decision.decision_no
        return self.ask(
            request, decision, question, act=lambda _why, _what: carry_out(number, by=who(request))
        )

    @action(description=_("Reject"), url_path="reject", permissions=["withdraw"])
    def let_not_happen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it not happen."""
        decision = get_object_or_404(Decision, pk=object_id)
        question = Question(
            question=_("Nothing happens then; somebody may propose anew."),
            button=_("Reject"),
            done=_("It is rejected."),
        )
        number = decision.decision_no
        return self.ask(
            request, decision, question, act=lambda _why, _what: reject(number, by=who(request))
        )
