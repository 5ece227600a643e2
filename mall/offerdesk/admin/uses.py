"""Uses of offers: found and taken along as a file, each unit's own; nothing is changed by hand."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from mall.banks.filters import UnitFilter
from mall.banks.scope import owned_by
from mall.offerdesk.admin.showing import USE_COLOURS
from mall.offerdesk.words import major, yuan
from mall.promotions.admin import LookUpOnly
from mall.promotions.models import BankOffer, OfferReservation
from payments.admin.spreadsheets import spreadsheet
from payments.api import local

logger = logging.getLogger(__name__)
Table = HttpResponse | StreamingHttpResponse | FileResponse


class UseOwnerFilter(UnitFilter):
    """Uses of a unit's offers."""

    through = "offer__owner"


class OfferFilter(admin.SimpleListFilter):
    """Uses of one offer, of those she may see."""

    title = _("bank offer")
    parameter_name = "offer"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Offer the launched ones she may see, the newest first."""
        offers = owned_by(BankOffer.objects.exclude(state=BankOffer.State.DRAFT), request.user)
        return [(str(offer.pk), str(offer)) for offer in offers.order_by("-pk")[:200]]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep its uses; the list is hers already."""
        value = self.value() or ""
        if not value:
            return queryset
        return queryset.filter(offer_id=int(value)) if value.isdecimal() else queryset.none()


@admin.register(OfferReservation)
class OfferReservationAdmin(LookUpOnly):
    """Uses of offers: which order had how much off when, and what went back."""

    list_display = (
        "order_no",
        "offer",
        "state_label",
        "business_date",
        "saved",
        "given_back",
        "reserved_at",
    )
    list_filter = (
        OfferFilter,
        UseOwnerFilter,
        ("state", ChoicesDropdownFilter),
        ("business_date", RangeDateFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    search_fields = ("order_no", "offer__name", "offer__code")
    list_select_related = ("offer", "offer__owner")
    date_hierarchy = "business_date"
    actions = ("as_csv", "as_workbook")
    fields = ("order_no", "offer", "state", "business_date", "saved", "given_back", "reserved_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfferReservation]:
        """Show the uses of her unit's offers and those below."""
        return owned_by(super().get_queryset(request), request.user, through="offer__owner")

    @display(description=_("state"), ordering="state", label=USE_COLOURS)
    def state_label(self, use: OfferReservation) -> tuple[str, str]:
        """Show the state in colour."""
        return use.state, use.get_state_display()

    @display(description=_("discount"), ordering="discount_minor")
    def saved(self, use: OfferReservation) -> str:
        """Show the discount."""
        return yuan(use.discount_minor)

    @display(description=_("given back"), ordering="clawed_back_minor")
    def given_back(self, use: OfferReservation) -> str:
        """Show what went back to the bank."""
        return yuan(use.clawed_back_minor)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def as_csv(self, request: HttpRequest, queryset: QuerySet[OfferReservation]) -> Table:
        """Give the chosen uses as a file."""
        return _table(request, "csv", uses=queryset)

    @admin.action(description=_("Export as Excel"), permissions=["view"])
    def as_workbook(self, request: HttpRequest, queryset: QuerySet[OfferReservation]) -> Table:
        """Give the chosen uses as a workbook."""
        return _table(request, "xlsx", uses=queryset)


def _table(request: HttpRequest, form: str, *, uses: QuerySet[OfferReservation]) -> Table:
    logger.info("offer_uses.exported by=%s form=%s", request.user.get_username(), form)
    headers = [
        gettext("order number"),
        gettext("code"),
        gettext("version"),
        gettext("bank offer"),
        gettext("bank unit"),
        gettext("state"),
        gettext("day it counts for"),
        gettext("discount (yuan)"),
        gettext("given back (yuan)"),
        gettext("reserved at"),
    ]
    return spreadsheet(form, name="offer-uses", headers=headers, rows=_rows(uses))


def _rows(uses: QuerySet[OfferReservation]) -> Iterator[list[Any]]:
    rows = uses.select_related("offer__owner").order_by("pk")
    for use in rows.iterator(chunk_size=2000):
        offer = use.offer
        yield [
            use.order_no,
            offer.code,
            offer.version,
            offer.name,
            offer.owner.name if offer.owner else "",
            use.get_state_display(),
            use.business_date,
            major(use.discount_minor),
            major(use.clawed_back_minor),
            f"{local(use.reserved_at):%Y-%m-%d %H:%M:%S}",
        ]
