"""Group leaders in the admin: let lead, how they are settled, cut a statement now.

Where money goes is not theirs to type here: two people set it (groupleader.admin.payees and
receivers).
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from groupleader.admin.reading import do_each, yuan
from groupleader.admin.runs import do_or_start
from groupleader.admin.standing import StandingPages
from groupleader.models import DeskRun, Leader
from groupleader.services.issuing import cut_statement
from groupleader.services.leaders import activate_leader
from groupleader.services.periods import period_now
from payments.api import now


@admin.register(Leader)
class LeaderAdmin(StandingPages):
    """Who leads, how far the application is, where the money goes."""

    fields = (
        "user",
        "name",
        "status",
        "tier",
        "earns_commission",
        "invited_by",
        "tax_regime",
        "settlement_period",
        "payee_masked",
        "payee_changed_at",
        "split_receiver",
        "created_at",
    )
    list_display = (
        "name",
        "user",
        "status",
        "standing_link",
        "tier",
        "tax_regime",
        "payee_masked",
        "available",
        "created_at",
    )
    list_filter = ("status", "tier", "tax_regime")
    search_fields = ("name", "user__display_name", "user__phone", "payee_last4")
    list_select_related = ("user",)
    autocomplete_fields = ("user", "invited_by")
    readonly_fields = (
        "status",
        "payee_masked",
        "payee_changed_at",
        "split_receiver",
        "created_at",
    )
    actions = ("activate", "cut_now")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Leader]:
        """Bring along what each may be paid next; one query for the list."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                available_minor=Sum(
                    "accruals__amount_minor", filter=Q(accruals__status="available")
                )
            )
        )

    def get_readonly_fields(self, _request: HttpRequest, obj: Leader | None = None) -> Any:
        """Let a leader's person be chosen once."""
        return self.readonly_fields if obj is None else ("user", *self.readonly_fields)

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: a leader is suspended."""
        return False

    @admin.display(description=_("account"))
    def payee_masked(self, leader: Leader) -> str:
        """Show bank and last four digits."""
        return leader.payee_masked or "–"

    @admin.display(description=_("available"))
    def available(self, leader: Any) -> str:
        """Show what the next statement would take."""
        return yuan(leader.available_minor or 0)

    @admin.action(description=_("Approve: let them lead"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Leader]) -> None:
        """Let verified people lead."""
        do_each(
            request,
            queryset,
            lambda leader: activate_leader(leader=leader, by=request.user),
            then=lambda leader: self.log_change(request, leader, "activated"),
        )

    @admin.action(description=_("Cut a statement now"), permissions=["change"])
    def cut_now(self, request: HttpRequest, queryset: QuerySet[Leader]) -> HttpResponse | None:
        """Settle what is available up to this moment."""
        period = period_now(now())
        return do_or_start(
            request,
            DeskRun.Kind.CUT,
            queryset,
            lambda leader: cut_statement(party=leader, period=period, by=request.user),
        )
