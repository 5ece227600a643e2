"""Refunds and transfers in the admin: how far they are, whose money, what the books say."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from payments.admin.desk import DeskAdmin, decisions_table, steps_table
from payments.admin.errand_actions import RefundDesk, TransferDesk
from payments.admin.money import to_money_page
from payments.admin.paper import BLUE, GREEN, ORANGE, RED
from payments.admin.related import (
    facts_table,
    incidents_table,
    journal_table,
    refund_events,
)
from payments.admin.showing import NOTHING, Table, link_to, mask_name, table, yuan
from payments.models import Incident, Refund, Transfer
from payments.models.errands import Errand

_COLOURS = {
    "taking_back": BLUE,
    "waiting": BLUE,
    "created": BLUE,
    "approved": BLUE,
    "sent": BLUE,
    "wait_user_confirm": ORANGE,
    "processing": BLUE,
    "unknown": ORANGE,
    "succeeded": GREEN,
    "failed": RED,
    "partial": RED,
    "closed": RED,
    "abnormal": RED,
    "failed_after_success": RED,
    "returned": RED,
    "paid_by_hand": GREEN,
}


class ErrandAdmin(DeskAdmin):
    """What refunds, transfers, splits and returns show alike."""

    date_hierarchy = "created_at"

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, errand: Errand) -> tuple[str, str]:
        """Show the state in colour."""
        return errand.status, errand.get_status_display()

    @display(description=_("what went wrong"))
    def trouble(self, errand: Errand) -> str:
        """Show why it was refused."""
        parts = (errand.failure_code, errand.failure_message)
        return " · ".join(part for part in parts if part) or NOTHING


WHEN = (
    _("When"),
    {"fields": (("created_at", "sent_at"), ("done_at", "next_action_at"), "tries")},
)


@admin.register(Refund)
class RefundAdmin(RefundDesk, ErrandAdmin):
    """Money going back."""

    actions_detail = ("follow_money", "retry", "paid_by_hand")

    list_display = (
        "refund_no",
        "payment_link",
        "reference",
        "status_label",
        "stage",
        "value",
        "to_payer",
        "to_others",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        ("payment__account", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("refund_no", "reference", "payment__payment_no", "acquirer_refund_no")
    search_help_text = _("Refund number, payment number, order number or the acquirer's number")
    beside = ("payment",)
    fieldsets = (
        (
            _("Where it stands"),
            {"fields": (("status", "stage"), ("value", "reason"), "trouble")},
        ),
        (
            _("What for"),
            {
                "fields": (
                    ("refund_no", "payment_link"),
                    ("reference", "acquirer_refund_no"),
                    ("to_payer", "to_others"),
                )
            },
        ),
        WHEN,
    )

    @action(
        description=_("Follow the money"),
        url_path="money",
        permissions=["view"],
        icon="account_tree",
    )
    def follow_money(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that follows the order's money to every party."""
        return to_money_page(self.get_object(request, object_id))

    @display(description=_("payment"), ordering="payment__payment_no")
    def payment_link(self, refund: Refund) -> Any:
        """Link to the payment."""
        return link_to(refund.payment)

    @display(description=_("value given back"), ordering="value_minor")
    def value(self, refund: Refund) -> str:
        """Show the goods value."""
        return yuan(refund.value_minor, refund.currency)

    @display(description=_("to the payer"), ordering="resident_minor")
    def to_payer(self, refund: Refund) -> str:
        """Show the resident's part."""
        return yuan(refund.resident_minor, refund.currency)

    @display(description=_("to the other funders"), ordering="other_minor")
    def to_others(self, refund: Refund) -> str:
        """Show the banks' and others' part."""
        return yuan(refund.other_minor, refund.currency) if refund.other_minor else NOTHING

    def papers(self, refund: Refund) -> list[Table]:
        """Return who gets what back, what the acquirer said, the journals, the incidents."""
        parts = table(
            _("Who gets what back"),
            (_("funder"), _("offer"), _("amount")),
            (
                [row.get_funder_display(), row.ref or NOTHING, yuan(row.amount_minor)]
                for row in refund.tenders.order_by("pk")
            ),
        )
        return [
            parts,
            _shares_back(refund),
            steps_table(refund),
            facts_table(refund.facts.select_related("notification").order_by("pk")),
            journal_table(refund_events(refund.refund_no)),
            decisions_table(refund.refund_no),
            incidents_table(Incident.objects.filter(subject_no=refund.refund_no)),
        ]


def _shares_back(refund: Refund) -> Table:
    """Show the shares that come back before the refund is sent."""
    headers = (_("return number"), _("receiver"), _("amount"), _("status"))
    returns = refund.share_returns.select_related("share").order_by("pk")
    return table(
        _("Shares taken back"),
        headers,
        (
            [
                link_to(found),
                found.share.receiver,
                yuan(found.amount_minor, found.currency),
                found.get_status_display(),
            ]
            for found in returns
        ),
    )


@admin.register(Transfer)
class TransferAdmin(TransferDesk, ErrandAdmin):
    """Money paid out to leaders and suppliers."""

    actions_detail = ("approve", "cancel")

    list_display = (
        "transfer_no",
        "reference",
        "status_label",
        "paid",
        "payee",
        "payee_mask",
        "account",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("transfer_no", "reference", "acquirer_transfer_no")
    search_help_text = _("Transfer number, statement number or the acquirer's number")
    beside = ("account",)
    fieldsets = (
        (_("Where it stands"), {"fields": (("status", "paid"), "trouble")}),
        (
            _("What for"),
            {
                "fields": (
                    ("transfer_no", "reference"),
                    ("payee", "payee_mask"),
                    ("payee_bank", "purpose"),
                    ("account_link", "acquirer_transfer_no"),
                    ("created_by", "approved_by"),
                )
            },
        ),
        WHEN,
    )

    @display(description=_("amount"), ordering="amount_minor")
    def paid(self, transfer: Transfer) -> str:
        """Show what the payee gets."""
        return yuan(transfer.amount_minor, transfer.currency)

    @display(description=_("payee"))
    def payee(self, transfer: Transfer) -> str:
        """Show the first character of the name."""
        return mask_name(transfer.payee_name)

    @display(description=_("payee's account"))
    def payee_mask(self, transfer: Transfer) -> str:
        """Show the last four digits."""
        return transfer.payee_mask

    @display(description=_("acquirer account"))
    def account_link(self, transfer: Transfer) -> Any:
        """Link to the account it is paid from."""
        return link_to(transfer.account)

    def papers(self, transfer: Transfer) -> list[Table]:
        """Return what the acquirer said, the journals, the incidents."""
        events = [f"payout_ok:{transfer.transfer_no}", f"payout_back:{transfer.transfer_no}"]
        return [
            steps_table(transfer),
            facts_table(transfer.facts.select_related("notification").order_by("pk")),
            journal_table(events),
            incidents_table(Incident.objects.filter(subject_no=transfer.transfer_no)),
        ]
