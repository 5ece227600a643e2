"""Payments in the admin: the state, how it came about, who funded what, and what the books say."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from payments.acquiring.contract import AcquirerError
from payments.admin.desk import decisions_table
from payments.admin.held import HeldDesk, held_table
from payments.admin.money import to_money_page
from payments.admin.paper import BLUE, GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import (
    facts_table,
    incidents_table,
    journal_table,
    notifications_table,
    outcome_word,
    refund_events,
    refunds_table,
)
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.api import LinliError, PaymentView, refresh_payment
from payments.models import Incident, Notification, Payment

_STATUS_COLOURS = {
    "created": BLUE,
    "sent": BLUE,
    "pending": BLUE,
    "unknown": ORANGE,
    "closing": ORANGE,
    "succeeded": GREEN,
    "failed": RED,
}
_APPLICATION_COLOURS = {"applied": GREEN, "surplus": ORANGE, "held": RED}


@admin.register(Payment)
class PaymentAdmin(HeldDesk):
    """Every attempt to collect money."""

    list_display = (
        "payment_no",
        "reference",
        "status_label",
        "application_label",
        "charged",
        "given_back",
        "account",
        "card",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("application", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("scene", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("payment_no", "reference", "acquirer_no")
    search_help_text = _("Payment number, order number or the acquirer's number")
    date_hierarchy = "created_at"
    beside = ("account", "agreement")
    actions = (*PaperAdmin.actions, "ask_about_chosen")
    actions_detail = (
        "ask_acquirer",
        "follow_money",
        "return_held",
        "release",
    )
    fieldsets = (
        (
            _("Where it stands"),
            {"fields": (("status", "application"), ("charged", "received"), "trouble")},
        ),
        (
            _("What for"),
            {
                "fields": (
                    ("payment_no", "reference"),
                    ("subject", "payer_ref"),
                    ("scene", "card"),
                    ("account_link", "merchant"),
                    ("acquirer_no", "given_back"),
                )
            },
        ),
        (
            _("When"),
            {
                "fields": (
                    ("created_at", "expires_at"),
                    ("sent_at", "queried_at"),
                    ("succeeded_at", "ended_at"),
                    ("next_action_at", "tries"),
                )
            },
        ),
    )

    @display(description=_("status"), ordering="status", label=_STATUS_COLOURS)
    def status_label(self, payment: Payment) -> tuple[str, str]:
        """Show the state in colour."""
        return payment.status, payment.get_status_display()

    @display(description=_("application"), ordering="application", label=_APPLICATION_COLOURS)
    def application_label(self, payment: Payment) -> tuple[str, str]:
        """Show what was done with the money."""
        return payment.application, payment.get_application_display()

    @display(description=_("charged"), ordering="amount_minor")
    def charged(self, payment: Payment) -> str:
        """Show what the payer is charged."""
        return yuan(payment.amount_minor, payment.currency)

    @display(description=_("received"))
    def received(self, payment: Payment) -> str:
        """Show what arrived."""
        return yuan(payment.captured_minor, payment.currency)

    @display(description=_("given back"), ordering="refund_committed_minor")
    def given_back(self, payment: Payment) -> str:
        """Show what went back or is promised."""
        minor = payment.refund_committed_minor
        return yuan(minor, payment.currency) if minor else NOTHING

    @display(description=_("tied card"))
    def card(self, payment: Payment) -> Any:
        """Link to the card, by its last digits."""
        return link_to(payment.agreement)

    @display(description=_("acquirer account"))
    def account_link(self, payment: Payment) -> Any:
        """Link to the account and version it was made with."""
        return link_to(payment.account)

    @display(description=_("what went wrong"))
    def trouble(self, payment: Payment) -> str:
        """Show why it failed or was closed."""
        parts = (payment.failure_code, payment.failure_message, payment.close_reason)
        return " · ".join(part for part in parts if part) or NOTHING

    def papers(self, payment: Payment) -> list[Table]:
        """Return the timeline, the tenders, and all that hangs on the payment."""
        refunds = list(payment.refunds.order_by("pk"))
        facts = list(payment.facts.select_related("notification").order_by("pk"))
        about = [payment.payment_no, *(refund.refund_no for refund in refunds)]
        numbers = [f"{kind}:{payment.payment_no}" for kind in ("capture", "late", "fee")]
        events = [ref for refund in refunds for ref in refund_events(refund.refund_no)]
        heard = Notification.objects.filter(facts__payment=payment).distinct().order_by("pk")
        return [
            _timeline(payment),
            _tenders(payment),
            held_table(payment),
            decisions_table(payment.payment_no),
            refunds_table(refunds),
            facts_table(facts),
            notifications_table(heard),
            journal_table([*numbers, *events]),
            incidents_table(Incident.objects.filter(subject_no__in=about)),
        ]

    @action(
        description=_("Query the acquirer now"),
        url_path="ask-acquirer",
        permissions=["view"],
        icon="sync",
    )
    def ask_acquirer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the acquirer about this payment; what it says goes the usual way."""
        payment = self.get_object(request, object_id)
        if payment is not None:
            self._ask(request, payment.payment_no)
        return redirect(reverse("admin:payments_payment_change", args=[object_id]))

    @admin.action(description=_("Query the acquirer about the chosen ones"), permissions=["view"])
    def ask_about_chosen(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Ask about each, one after the other; twenty at most."""
        for number in queryset.values_list("payment_no", flat=True)[:20]:
            self._ask(request, number)

    @action(
        description=_("Follow the money"),
        url_path="money",
        permissions=["view"],
        icon="account_tree",
    )
    def follow_money(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that follows the order's money to every party."""
        return to_money_page(self.get_object(request, object_id))

    def _ask(self, request: HttpRequest, payment_no: str) -> None:
        try:
            seen = refresh_payment(payment_no)
        except (AcquirerError, LinliError) as error:
            text = gettext("%(number)s: the acquirer gave no answer (%(reason)s).")
            values = {"number": payment_no, "reason": type(error).__name__}
            messages.error(request, text % values)
        else:
            messages.success(request, _what_it_is(seen))


def _what_it_is(seen: PaymentView) -> str:
    text = gettext("%(number)s is %(status)s.")
    return text % {"number": seen.payment_no, "status": Payment.Status(seen.status).label}


def _timeline(payment: Payment) -> Table:
    """Each step with the number of its edge and the evidence for it."""
    headers = (
        _("at"),
        _("edge"),
        pgettext_lazy("edge", "from"),
        pgettext_lazy("edge", "to"),
        _("evidence"),
        _("note"),
    )
    steps = payment.transitions.select_related("fact").order_by("pk")
    rows = []
    for step in steps:
        evidence: Any = NOTHING
        if step.fact is not None:
            evidence = link_to(
                step.fact, f"{step.fact.get_source_display()} {outcome_word(step.fact.outcome)}"
            )
        rows.append(
            [
                clock(step.at),
                f"#{step.edge}",
                step.get_from_status_display() or NOTHING,
                step.get_to_status_display(),
                evidence,
                step.note or NOTHING,
            ]
        )
    return table(_("Timeline"), headers, rows)


def _tenders(payment: Payment) -> Table:
    headers = (
        _("funder"),
        _("offer"),
        _("taken off by"),
        _("quoted"),
        _("booked"),
        _("given back"),
    )
    return table(
        _("Who pays what"),
        headers,
        (
            [
                row.get_funder_display(),
                row.ref or NOTHING,
                _("the acquirer") if row.is_expected else _("us"),
                yuan(row.estimated_minor, payment.currency),
                yuan(row.actual_minor, payment.currency),
                yuan(row.refund_committed_minor, payment.currency),
            ]
            for row in payment.tenders.order_by("pk")
        ),
    )
