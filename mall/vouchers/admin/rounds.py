"""Claim rounds in the admin: how fast they go, and calling one off."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from mall.banks.scope import owned_by
from mall.vouchers.admin.showing import Scoped, do_each
from mall.vouchers.lifecycle import call_off
from mall.vouchers.models import ClaimRound, VoucherBatch
from mall.vouchers.selectors import CurvePoint, claim_curve
from payments.api import now

_WIDTH, _HEIGHT = 640, 180


@admin.register(ClaimRound)
class ClaimRoundAdmin(Scoped):
    """Rounds by their opening; until the first claim they can be changed."""

    through = "batch__owner"
    list_display = ("batch", "opens_at", "closes_at", "claimed_of", "person_limit", "where")
    list_filter = (("opens_at", RangeDateTimeFilter),)
    list_filter_submit = True
    list_select_related = ("batch",)
    search_fields = ("batch__name", "batch__code")
    date_hierarchy = "opens_at"
    fields = ("batch", "opens_at", "closes_at", ("stock", "person_limit"), "claimed_of")
    readonly_fields = ("claimed_of",)
    actions = ("call_off",)
    change_form_template = "admin/vouchers/round.html"

    def get_readonly_fields(self, request: HttpRequest, obj: ClaimRound | None = None) -> Any:
        """Leave nothing of a round open to change once somebody claimed, or it opened."""
        if obj is None or (not obj.claimed_count and obj.opens_at > now()):
            return self.readonly_fields
        return ("batch", "opens_at", "closes_at", "stock", "person_limit", "claimed_of")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody delete what residents may have seen: it is called off instead."""
        is_draft = obj is not None and obj.batch.state == VoucherBatch.State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the batches she may see that can still be claimed."""
        if db_field.name == "batch":
            running = VoucherBatch.objects.exclude(state=VoucherBatch.State.ENDED)
            kwargs["queryset"] = owned_by(running, request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a round with its curve."""
        claim_round = self.get_object(request, object_id)
        curve = claim_curve(claim_round) if claim_round else []
        context = _drawn(curve) | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("claimed"), ordering="claimed_count")
    def claimed_of(self, claim_round: ClaimRound) -> str:
        """Show how many of how many."""
        return f"{claim_round.claimed_count} / {claim_round.stock}"

    @display(
        description=_("state"),
        label={"coming": "info", "open": "success", "over": "", "gone": "warning", "off": "danger"},
    )
    def where(self, claim_round: ClaimRound) -> tuple[str, Any]:
        """Say where the round is by the clock."""
        at = now()
        states = (
            ("off", _("Called off"), claim_round.cancelled_at is not None),
            ("over", _("Over"), at >= claim_round.closes_at),
            ("coming", _("Coming"), at < claim_round.opens_at),
            ("gone", _("All gone"), not claim_round.left),
        )
        return next(((code, word) for code, word, is_so in states if is_so), ("open", _("Open")))

    @admin.action(description=_("Call off"), permissions=["change"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[ClaimRound]) -> None:
        """Call rounds off; what was claimed in them stays good."""
        do_each(request, queryset.select_related("batch"), call_off)


def _drawn(curve: list[CurvePoint]) -> dict[str, Any]:
    """Return the curve as the points of a line in a box, with its ends."""
    if not curve:
        return {"curve": ""}
    last, most = curve[-1].second or 1, curve[-1].claimed or 1
    points = [
        f"{_WIDTH * point.second / last:.1f},{_HEIGHT - _HEIGHT * point.claimed / most:.1f}"
        for point in curve
    ]
    half = next(point.second for point in curve if 2 * point.claimed >= most)
    return {
        "curve": " ".join(points),
        "width": _WIDTH,
        "height": _HEIGHT,
        "claimed": most,
        "seconds": curve[-1].second,
        "half_seconds": half,
    }
