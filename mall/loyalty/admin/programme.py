"""The rules of points in the admin: drafts are written, fixed by two people, then only replaced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from mall.loyalty.admin.acting import each, who
from mall.loyalty.fixing import KIND
from mall.loyalty.models import PointsProgramme
from mall.loyalty.programme import draft_of, new_number, programme_on
from mall.promotions.approvals import Action, needs_two, open_proposals, propose, waive
from mall.promotions.wording import yuan
from payments.api import business_date

State = PointsProgramme.State


@admin.register(PointsProgramme)
class PointsProgrammeAdmin(ModelAdmin):  # type: ignore[misc]
    """Versions of the rules: a draft may be changed, a fixed one never; the next replaces it."""

    list_display = ("version_name", "state_label", "starts_on", "earns", "spends", "expiry_months")
    list_filter = ("state",)
    actions = ("propose_to_fix", "prepare_next")
    readonly_fields = ("version", "state", "fixed_at")
    fieldsets = (
        (None, {"fields": ("version", "state", "starts_on", "fixed_at")}),
        (_("Earning"), {"fields": ("paid_minor_per_point", "earns_on", "day_most")}),
        (_("Member day"), {"fields": ("member_days", "member_percent")}),
        (
            _("Spending"),
            {"fields": ("worth_minor_per_point", "most_percent", "most_points", "from_minor")},
        ),
        (_("Money"), {"fields": ("funding",)}),
        (_("Expiry and staff"), {"fields": ("expiry_months", "alone_most")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave nothing of a fixed version open to change."""
        is_open = obj is None or obj.state == State.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only drafts be thrown away, one by one."""
        is_draft = obj is not None and obj.state == State.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def save_model(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        obj: PointsProgramme,
        form: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Give a new version its number."""
        if not change:
            obj.version = new_number()
        super().save_model(request, obj, form, change)

    @display(description=_("version"), ordering="version")
    def version_name(self, programme: PointsProgramme) -> str:
        """Show the number, and which one is in force."""
        is_on = programme == programme_on()
        return f"v{programme.version}" + (" · " + gettext("in force") if is_on else "")

    @display(
        description=_("state"),
        ordering="state",
        label={State.DRAFT: "info", State.FIXED: "success"},
    )
    def state_label(self, programme: PointsProgramme) -> tuple[str, str]:
        """Show the state, and whether it waits for somebody."""
        word = str(programme.get_state_display())
        if programme.state == State.DRAFT and open_proposals(KIND, programme.pk):
            word = gettext("Waits for a second person")
        return programme.state, word

    @admin.display(description=_("earning"))
    def earns(self, programme: PointsProgramme) -> str:
        """Show what earns a point, and on which days more."""
        plain = f"{yuan(programme.paid_minor_per_point)} → 1"
        if not programme.member_days:
            return plain
        days = ", ".join(map(str, programme.member_days))
        return f"{plain} · {days}: × {programme.member_percent / 100:g}"

    @admin.display(description=_("spending"))
    def spends(self, programme: PointsProgramme) -> str:
        """Show what a point is worth, and on how much of an order."""
        return f"1 → {yuan(programme.worth_minor_per_point)}, ≤ {programme.most_percent} %"

    @admin.action(description=_("Propose to fix (for good, from its day)"), permissions=["change"])
    def propose_to_fix(self, request: HttpRequest, queryset: QuerySet[PointsProgramme]) -> None:
        """Ask a second person; where none is needed it is fixed at once."""
        act = propose if needs_two() else waive
        each(
            self,
            request,
            queryset,
            act=lambda row: act(Action.LAUNCH, kind=KIND, pk=row.pk, by=who(request), reason=""),
        )

    @admin.action(description=_("Prepare the next version"), permissions=["change"])
    def prepare_next(self, request: HttpRequest, queryset: QuerySet[PointsProgramme]) -> None:
        """Copy the rules into a draft that begins tomorrow, to be changed."""
        tomorrow = business_date() + timedelta(days=1)
        each(self, request, queryset, act=lambda row: draft_of(row, starts_on=tomorrow))
