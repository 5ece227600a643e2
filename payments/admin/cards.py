"""Tied cards in the admin: issuer and last four digits; there is no card number to show."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from payments.admin.card_words import bank_name, kind_word, mark_word, short_print
from payments.admin.paper import BLUE, GREEN, ORANGE, RED, PaperAdmin
from payments.admin.related import facts_table
from payments.admin.showing import NOTHING, Table, clock, link_to, table, yuan
from payments.kernel.clock import local
from payments.models import CardAgreement, KnownCard

_COLOURS: Final = {
    "pending": BLUE,
    "active": GREEN,
    "suspended": ORANGE,
    "unbinding": ORANGE,
    "failed": RED,
}
_CHECK_COLOURS: Final = {"agrees": GREEN, "differs": RED, "unknown": ORANGE}
_CHECK_WORDS: Final = {
    "": NOTHING,
    "agrees": pgettext_lazy("our table", "agrees"),
    "differs": pgettext_lazy("our table", "differs"),
    "unknown": pgettext_lazy("our table", "not listed"),
}
_SHOWN: Final = 20


class IssuerFilter(admin.SimpleListFilter):
    """Tied cards by bank, those that are tied."""

    title = _("issuer")
    parameter_name = "issuer"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the banks there are cards of."""
        codes = CardAgreement.objects.exclude(issuer_code="").order_by("issuer_code")
        found = codes.values_list("issuer_code", flat=True).distinct()
        return [(code, f"{bank_name(code)} ({code})") for code in found]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        return queryset.filter(issuer_code=self.value()) if self.value() else queryset


@admin.register(CardAgreement)
class CardAgreementAdmin(PaperAdmin):
    """What residents allowed us to charge. The token stays in the database."""

    list_display = (
        "agreement_no",
        "owner_ref",
        "card_shown",
        "kind_shown",
        "status_label",
        "check_label",
        "ends_on",
        "begun_at",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("bin_check", ChoicesDropdownFilter),
        IssuerFilter,
        "kind",
        "is_default",
        ("created_at", RangeDateTimeFilter),
        ("expires_at", RangeDateTimeFilter),
    )
    search_fields = ("agreement_no__startswith", "=owner_ref", "=last4", "fingerprint__startswith")
    search_help_text = _("Agreement number, owner, last four digits or card fingerprint")
    date_hierarchy = "created_at"
    beside = ("account", "consent_text")
    fieldsets = (
        (
            _("Where it stands"),
            {
                "fields": (
                    ("status", "is_default"),
                    ("failure_code", "end_reason"),
                    ("created_at", "signed_at"),
                    ("expires_at", "ended_at"),
                    ("queried_at", "next_action_at"),
                )
            },
        ),
        (
            _("The card"),
            {
                "fields": (
                    ("agreement_no", "owner_ref"),
                    ("bank_shown", "last4"),
                    ("kind_shown", "mark_shown"),
                    ("holder_mask", "phone_mask"),
                    ("print_shown", "account_link"),
                )
            },
        ),
        (
            _("Our table of prefixes"),
            {
                "fields": (
                    ("bin", "bin_check"),
                    ("table_issuer_code", "table_kind"),
                    "table_mark",
                )
            },
        ),
        (
            _("Consent"),
            {
                "fields": (
                    ("consent_version", "consented_at"),
                    ("consent_ip", "device_shown"),
                    "digest_shown",
                    "text_shown",
                )
            },
        ),
    )

    @display(description=_("card"), ordering="issuer_code")
    def card_shown(self, card: CardAgreement) -> str:
        """Name the bank with the last four digits."""
        return f"{bank_name(card.issuer_code, card.issuer_name)} {card.last4}".strip() or NOTHING

    @display(description=_("valid until"), ordering="expires_at")
    def ends_on(self, card: CardAgreement) -> str:
        """Show the day."""
        return f"{local(card.expires_at):%Y-%m-%d}" if card.expires_at else NOTHING

    @display(description=_("created"), ordering="created_at")
    def begun_at(self, card: CardAgreement) -> str:
        """Show the minute."""
        return f"{local(card.created_at):%Y-%m-%d %H:%M}"

    @display(description=_("issuer"), ordering="issuer_code")
    def bank_shown(self, card: CardAgreement) -> str:
        """Name the bank in the reader's language."""
        return bank_name(card.issuer_code, card.issuer_name) or NOTHING

    @display(description=_("debit or credit"), ordering="kind")
    def kind_shown(self, card: CardAgreement) -> str:
        """Say debit or credit."""
        return kind_word(card.kind)

    @display(description=_("mark"), ordering="scheme")
    def mark_shown(self, card: CardAgreement) -> str:
        """Say the mark as the acquirer does."""
        return mark_word(card.scheme)

    @display(description=_("status"), ordering="status", label=_COLOURS)
    def status_label(self, card: CardAgreement) -> tuple[str, str]:
        """Show the state in colour."""
        return card.status, card.get_status_display()

    @display(description=_("card prefix"), ordering="bin_check", label=_CHECK_COLOURS)
    def check_label(self, card: CardAgreement) -> tuple[str, str]:
        """Show whether our table agrees with the acquirer."""
        return card.bin_check, str(_CHECK_WORDS[card.bin_check])

    @display(description=_("card fingerprint"))
    def print_shown(self, card: CardAgreement) -> str:
        """Show the beginning of the fingerprint: enough to search by."""
        return short_print(card.fingerprint)

    @display(description=_("device"))
    def device_shown(self, card: CardAgreement) -> str:
        """Show the beginning of the browser's random name."""
        return short_print(card.device)

    @display(description=_("text agreed to"))
    def text_shown(self, card: CardAgreement) -> str | SafeString:
        """Show the text as it was shown, and link to its version."""
        if card.consent_text is None:
            return NOTHING
        return format_html(
            "{}<br>{}", link_to(card.consent_text), linebreaksbr(card.consent_text.text)
        )

    @display(description=_("SHA-256 of the text"))
    def digest_shown(self, card: CardAgreement) -> SafeString:
        """Show the digest so that it may break into lines."""
        parts = [card.consent_sha256[at : at + 8] for at in range(0, 64, 8)]
        return format_html_join("", "{}<wbr>", ((part,) for part in parts))

    @display(description=_("acquirer account"))
    def account_link(self, card: CardAgreement) -> Any:
        """Link to the account it was signed with."""
        return link_to(card.account)

    def papers(self, card: CardAgreement) -> list[Table]:
        """Return its payments, what it was the first of, whose else it is, and what was said."""
        facts = card.facts.select_related("notification").order_by("pk")
        return [
            _firsts(card),
            _agreements(_("The same card, tied by others"), _same_card(card)),
            _agreements(_("The owner's other cards"), _other_cards(card)),
            _payments(card),
            facts_table(facts),
        ]


def _same_card(card: CardAgreement) -> QuerySet[CardAgreement]:
    rows = CardAgreement.objects.filter(fingerprint=card.fingerprint)
    return rows.exclude(owner_ref=card.owner_ref) if card.fingerprint else rows.none()


def _other_cards(card: CardAgreement) -> QuerySet[CardAgreement]:
    return CardAgreement.objects.filter(owner_ref=card.owner_ref).exclude(pk=card.pk)


def _agreements(title: Any, rows: QuerySet[CardAgreement]) -> Table:
    return table(
        title,
        (_("agreement number"), _("owner"), _("issuer"), _("status"), _("tied at"), _("ended")),
        (
            [
                link_to(row, row.agreement_no),
                row.owner_ref,
                f"{bank_name(row.issuer_code, row.issuer_name)} {row.last4}".strip() or NOTHING,
                row.get_status_display(),
                clock(row.signed_at),
                clock(row.ended_at),
            ]
            for row in rows.order_by("-pk")[:_SHOWN]
        ),
    )


def _firsts(card: CardAgreement) -> Table:
    rows = [
        [
            bank_name(first.issuer_code),
            kind_word(first.kind) if first.kind else _("any card of this bank"),
            clock(first.tied_at),
        ]
        for first in card.first_ties.order_by("pk")
    ]
    known = KnownCard.objects.filter(fingerprint=card.fingerprint).exclude(
        first_owner_ref=card.owner_ref
    )
    if card.fingerprint and (first_of := known.first()):
        said = _("tied by another person before")
        rows.append([said, first_of.first_owner_ref, clock(first_of.first_tied_at)])
    return table(_("First tie"), (_("issuer"), _("debit or credit"), _("tied at")), rows)


def _payments(card: CardAgreement) -> Table:
    return table(
        _("Newest payments"),
        (_("payment number"), _("status"), _("charged"), _("created")),
        (
            [
                link_to(payment),
                payment.get_status_display(),
                yuan(payment.amount_minor, payment.currency),
                clock(payment.created_at),
            ]
            for payment in card.payments.order_by("-pk")[:_SHOWN]
        ),
    )
