"""Around the tied cards: who tied what first, which cards several people tied, who tries often."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from payments.admin.card_words import bank_name, kind_word, short_print
from payments.admin.paper import GREEN, ORANGE, RED, PaperAdmin
from payments.admin.showing import Table, clock, link_to, table
from payments.models import CardAgreement, FirstTie, KnownCard, SigningStreak, TyingAllowance

_SHOWN: Final = 50


@admin.register(FirstTie)
class FirstTieAdmin(PaperAdmin):
    """When a person first tied a kind of card: what first-tie gifts are given by."""

    list_display = ("owner_ref", "bank_shown", "kind_shown", "tied_at", "card_link")
    list_filter = ("issuer_code", "kind", ("tied_at", RangeDateTimeFilter))
    search_fields = ("=owner_ref", "agreement__agreement_no")
    search_help_text = _("Owner or agreement number")
    date_hierarchy = "tied_at"
    beside = ("agreement",)
    fieldsets = (
        (None, {"fields": (("owner_ref", "tied_at"), ("bank_shown", "kind_shown"), "card_link")}),
    )

    @display(description=_("issuer"), ordering="issuer_code")
    def bank_shown(self, row: FirstTie) -> str:
        """Name the bank."""
        return bank_name(row.issuer_code)

    @display(description=_("debit or credit"), ordering="kind")
    def kind_shown(self, row: FirstTie) -> Any:
        """Say which kind; of the bank as a whole it is any."""
        return kind_word(row.kind) if row.kind else _("any card of this bank")

    @display(description=_("tied card"))
    def card_link(self, row: FirstTie) -> Any:
        """Link to the card."""
        return link_to(row.agreement)


class SharedFilter(admin.SimpleListFilter):
    """Cards by whether several people tied them."""

    title = _("tied by")
    parameter_name = "shared"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what staff look for."""
        return [("yes", _("several people")), ("no", _("one person"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        if self.value() == "yes":
            return queryset.filter(owners_count__gt=1)
        if self.value() == "no":
            return queryset.filter(owners_count__lte=1)
        return queryset


@admin.register(KnownCard)
class KnownCardAdmin(PaperAdmin):
    """Cards by fingerprint: who tied each first, and how many people tied it."""

    list_display = ("card_shown", "print_shown", "first_owner_ref", "first_tied_at", "owners_label")
    list_filter = (SharedFilter, ("first_tied_at", RangeDateTimeFilter))
    search_fields = ("fingerprint__startswith", "=first_owner_ref", "=agreement__last4")
    search_help_text = _("Card fingerprint, first owner or last four digits")
    date_hierarchy = "first_tied_at"
    beside = ("agreement",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("card_shown", "print_shown"),
                    ("first_owner_ref", "first_tied_at"),
                    "owners_shown",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count each card's owners in the same question."""
        tied = CardAgreement.objects.filter(
            fingerprint=OuterRef("fingerprint"), signed_at__isnull=False
        )
        owners = tied.order_by().values("fingerprint")
        owners = owners.annotate(n=Count("owner_ref", distinct=True)).values("n")
        return super().get_queryset(request).annotate(owners_count=Coalesce(Subquery(owners), 0))

    @display(description=_("card"))
    def card_shown(self, row: KnownCard) -> Any:
        """Show bank and last four digits."""
        card = row.agreement
        return f"{bank_name(card.issuer_code, card.issuer_name)} {card.last4}".strip()

    @display(description=_("card fingerprint"))
    def print_shown(self, row: KnownCard) -> str:
        """Show its beginning."""
        return short_print(row.fingerprint)

    @display(
        description=_("people"), ordering="owners_count", label={"one": GREEN, "several": ORANGE}
    )
    def owners_label(self, row: Any) -> tuple[str, str]:
        """Show how many people tied it."""
        return ("several" if row.owners_count > 1 else "one", str(row.owners_count))

    @display(description=_("people"))
    def owners_shown(self, row: Any) -> int:
        """Show how many people tied it, on its own page."""
        return int(row.owners_count)

    def papers(self, row: KnownCard) -> list[Table]:
        """Return everybody who tied it."""
        tied = CardAgreement.objects.filter(fingerprint=row.fingerprint).order_by("pk")
        return [
            table(
                _("Tied as"),
                (_("agreement number"), _("owner"), _("status"), _("tied at"), _("ended")),
                (
                    [
                        link_to(card, card.agreement_no),
                        card.owner_ref,
                        card.get_status_display(),
                        clock(card.signed_at),
                        clock(card.ended_at),
                    ]
                    for card in tied[:_SHOWN]
                ),
            )
        ]


@admin.register(TyingAllowance)
class TyingAllowanceAdmin(PaperAdmin):
    """How often addresses and browsers try to tie cards, and who was refused."""

    list_display = (
        "subject_kind",
        "subject_shown",
        "window_seconds",
        "taken_label",
        "most",
        "refused",
        "started_at",
        "last_refused_at",
    )
    list_filter = (
        ("subject_kind", ChoicesDropdownFilter),
        ("last_refused_at", admin.EmptyFieldListFilter),
        ("started_at", RangeDateTimeFilter),
    )
    search_fields = ("subject__startswith",)
    search_help_text = _("IP address, or the beginning of a device's name")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("subject_kind", "subject_shown"),
                    ("window_seconds", "started_at"),
                    ("taken", "most"),
                    ("refused", "last_refused_at"),
                )
            },
        ),
    )

    @display(description=_("who"), ordering="subject")
    def subject_shown(self, row: TyingAllowance) -> str:
        """Show an address whole, a browser's name in short."""
        is_ip = row.subject_kind == TyingAllowance.Subject.IP
        return row.subject if is_ip else short_print(row.subject)

    @display(description=_("begun"), ordering="taken", label={"full": RED, "free": GREEN})
    def taken_label(self, row: TyingAllowance) -> tuple[str, str]:
        """Show the count, red where it is used up."""
        return ("full" if row.taken >= row.most else "free", str(row.taken))

    def papers(self, row: TyingAllowance) -> list[Table]:
        """Return the newest signings begun from there."""
        column = "consent_ip" if row.subject_kind == TyingAllowance.Subject.IP else "device"
        return [_attempts(CardAgreement.objects.filter(**{column: row.subject}))]


@admin.register(SigningStreak)
class SigningStreakAdmin(PaperAdmin):
    """People whose signings failed in a row, and until when they have to wait."""

    list_display = ("owner_ref", "failures", "last_failed_at", "blocked_until", "refused")
    list_filter = (("blocked_until", RangeDateTimeFilter),)
    search_fields = ("=owner_ref",)
    search_help_text = _("Owner")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("owner_ref", "failures"),
                    ("last_failed_at", "blocked_until"),
                    "refused",
                )
            },
        ),
    )

    def papers(self, row: SigningStreak) -> list[Table]:
        """Return her newest signings."""
        return [_attempts(CardAgreement.objects.filter(owner_ref=row.owner_ref))]


def _attempts(rows: QuerySet[CardAgreement]) -> Table:
    return table(
        _("Signings begun"),
        (_("agreement number"), _("owner"), _("status"), _("agreed from"), _("created")),
        (
            [
                link_to(card, card.agreement_no),
                card.owner_ref,
                card.get_status_display(),
                card.consent_ip or "",
                clock(card.created_at),
            ]
            for card in rows.order_by("-pk")[:_SHOWN]
        ),
    )
