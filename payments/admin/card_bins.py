"""The table of card prefixes in the admin: looked up, exported, brought in from a file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from payments.admin.bin_page import import_page
from payments.admin.card_words import bank_name
from payments.admin.paper import GREEN, ORANGE, PaperAdmin
from payments.models import BinImport, CardBin
from payments.services.bin_import import BinTableMovedError, remove_bins
from payments.services.card_bins import issuers


class BankFilter(admin.SimpleListFilter):
    """Prefixes by bank."""

    title = _("issuer")
    parameter_name = "bank"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the banks of the table."""
        return [(issuer.code, f"{bank_name(issuer.code)} ({issuer.code})") for issuer in issuers()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to what was asked."""
        return queryset.filter(issuer_code=self.value()) if self.value() else queryset


@admin.register(CardBin)
class CardBinAdmin(PaperAdmin):
    """Which first digits are whose. Changed by importing a file, so that every change has one."""

    list_display = (
        "prefix",
        "issuer_code",
        "bank_shown",
        "kind",
        "mark_shown",
        "length",
        "doubt_label",
        "source",
    )
    list_filter = (
        BankFilter,
        ("kind", ChoicesDropdownFilter),
        ("mark", ChoicesDropdownFilter),
        "is_doubtful",
    )
    search_fields = ("^prefix", "issuer_code", "issuer_name", "issuer_name_en")
    search_help_text = _("First digits, or a bank's code or name")
    actions = (*PaperAdmin.actions, "withdraw")
    actions_list = ("bring_in",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("prefix", "length"),
                    ("issuer_code", "issuer_name"),
                    ("issuer_name_en", "kind"),
                    ("mark", "is_doubtful"),
                    ("source", "updated_at"),
                    "note",
                )
            },
        ),
    )

    @display(description=_("issuer's name"), ordering="issuer_name")
    def bank_shown(self, row: CardBin) -> str:
        """Name the bank in the reader's language."""
        return bank_name(row.issuer_code, row.issuer_name)

    @display(description=_("mark"), ordering="mark")
    def mark_shown(self, row: CardBin) -> Any:
        """Say the mark in short."""
        is_single = row.mark == CardBin.Mark.SINGLE
        return pgettext("card", "single") if is_single else pgettext("card", "dual or brand")

    @display(
        description=_("doubtful"),
        ordering="is_doubtful",
        label={"yes": ORANGE, "no": GREEN},
    )
    def doubt_label(self, row: CardBin) -> tuple[str, Any]:
        """Show whether published tables disagree."""
        return ("yes", _("doubtful")) if row.is_doubtful else ("no", _("sure"))

    def get_urls(self) -> list[URLPattern]:
        """Add the page that brings a file in."""
        page = self.admin_site.admin_view(self.bring_view)
        return [path("bring/", page, name="payments_cardbin_bring"), *super().get_urls()]

    def has_bring_permission(self, request: HttpRequest) -> bool:
        """Let those change the table who may add to it and change it."""
        return request.user.has_perms(("payments.add_cardbin", "payments.change_cardbin"))

    @action(description=_("Import prefixes"), permissions=["bring"], icon="upload")
    def bring_in(self, _request: HttpRequest) -> HttpResponse:
        """Go to the form."""
        return redirect("admin:payments_cardbin_bring")

    def bring_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a file would change, then change it."""
        if not self.has_bring_permission(request):
            raise PermissionDenied
        return import_page(request, site=self.admin_site)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Let those take prefixes out who may delete them."""
        return request.user.has_perm("payments.delete_cardbin")

    @admin.action(description=_("Take out of the table"), permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[CardBin]) -> None:
        """Take wrong prefixes out; cards that are tied stay as they are."""
        prefixes = list(queryset.values_list("prefix", flat=True))
        try:
            count = remove_bins(prefixes, by=request.user.get_username())
        except BinTableMovedError as error:
            messages.error(request, str(error.user_message))
            return
        text = ngettext("%(count)d prefix taken out.", "%(count)d prefixes taken out.", count)
        messages.success(request, text % {"count": count})


@admin.register(BinImport)
class BinImportAdmin(PaperAdmin):
    """Every change of the table: which file, by whom, how many rows."""

    list_display = ("id", "at", "by", "file_name", "added", "changed", "unchanged", "removed")
    search_fields = ("file_name", "by", "sha256")
    search_help_text = _("File, person or digest")
    date_hierarchy = "at"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("at", "by"),
                    ("file_name", "sha256"),
                    ("added", "changed"),
                    ("unchanged", "removed"),
                )
            },
        ),
    )
