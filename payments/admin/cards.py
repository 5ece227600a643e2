"""Tied cards in the admin: issuer and last four digits; there is no card number to show."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from payments.admin.paper import BLUE, GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import facts_table
from payments.admin.showing import Table, clock, link_to, table, yuan
from payments.models import CardAgreement

_COLOURS = {
    "pending": BLUE,
    "active": GREEN,
    "suspended": ORANGE,
    "unbinding": ORANGE,
    "failed": RED,
}


@admin.register(CardAgreement)
class CardAgreementAdmin(PaperAdmin):
    """What residents allowed us to charge. Token and fingerprint stay in the database."""

    list_display = (
        "agreement_no",
        "owner_ref",
        "issuer_name",
        "last4",
        "kind",
        "scheme",
        "status_label",
        "is_default",
        "created_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("created_at", RangeDateTimeFilter),
        "issuer_code",
        "kind",
    )
    search_fields = ("agreement_no", "owner_ref", "last4")
    search_help_text = _("Agreement number, owner or last four digits")
    date_hierarchy = "created_at"
    beside = ("account",)
    fieldsets = (
        (
            _("Where it stands"),
            {"fields": (("status", "is_default"), ("failure_code", "end_reason"))},
        ),
        (
            _("The card"),
            {
                "fields": (
                    ("agreement_no", "owner_ref"),
                    ("issuer_name", "last4"),
                    ("kind", "scheme"),
                    ("holder_mask", "phone_mask"),
                    "account_link",
                )
            },
        ),
        (
            _("Consent"),
            {
                "fields": (
                    ("consent_version", "signed_at"),
                    ("created_at", "ended_at"),
                    ("expires_at", "queried_at"),
                )
            },
        ),
    )

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, card: CardAgreement) -> tuple[str, str]:
        """Show the state in colour."""
        return card.status, card.get_status_display()

    @display(description=_("acquirer account"))
    def account_link(self, card: CardAgreement) -> Any:
        """Link to the account it was signed with."""
        return link_to(card.account)

    def papers(self, card: CardAgreement) -> list[Table]:
        """Return the newest payments with it and what the acquirer said."""
        payments = card.payments.order_by("-pk")[:20]
        newest = table(
            _("Newest payments"),
            (_("payment number"), _("status"), _("charged"), _("created")),
            (
                [
                    link_to(payment),
                    payment.get_status_display(),
                    yuan(payment.amount_minor, payment.currency),
                    clock(payment.created_at),
                ]
                for payment in payments
            ),
        )
        facts = card.facts.select_related("notification").order_by("pk")
        return [newest, facts_table(facts)]
