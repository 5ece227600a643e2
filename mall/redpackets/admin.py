"""Rains in the admin: written as drafts, announced by two people, watched, stopped, exported."""

from __future__ import annotations

import csv
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from mall.banks.filters import OwnerFilter
from mall.banks.scope import owned_by, units_for
from mall.promotions.admin import LookUpOnly
from mall.promotions.approvals import Action, needs_two, open_proposals, propose, waive
from mall.promotions.wording import yuan
from mall.redpackets import sessions
from mall.redpackets.announcing import KIND
from mall.redpackets.forms import RainPrizeForm, RainSessionForm
from mall.redpackets.models import RainDraw, RainPrize, RainSession
from mall.redpackets.replay import replay
from mall.redpackets.selectors import Phase, figures_of, phase_of
from payments.api import LinliError, local, now, one_moment

State = RainSession.State
_COLOURS = {State.DRAFT: "info", State.PLANNED: "success", State.STOPPED: "danger"}


class RainPrizeInline(TabularInline):  # type: ignore[misc]
    """What falls; only a draft's prizes may be changed."""

    model = RainPrize
    form = RainPrizeForm
    extra = 0
    ordering = ("position",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let drafts get prizes."""
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let drafts' prizes change."""
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let drafts lose prizes."""
        return _is_open(obj) and super().has_delete_permission(request, obj)


@admin.register(RainSession)
class RainSessionAdmin(ModelAdmin):  # type: ignore[misc]
    """Each unit's own rains, and the mall's."""

    form = RainSessionForm
    inlines: ClassVar = [RainPrizeInline]
    list_display = ("title", "code", "state_label", "owner", "starts_at", "money", "seconds")
    list_filter = ("state", OwnerFilter)
    search_fields = ("title", "code")
    list_select_related = ("owner",)
    actions = ("propose_to_announce",)
    actions_detail: ClassVar = ("watch", "download_draws")
    readonly_fields = ("state", "money", "seed_sha256", "shown_seed")
    fieldsets = (
        (None, {"fields": ("title", "code", "owner", "terms")}),
        (_("When"), {"fields": ("starts_at", "seconds")}),
        (_("Who"), {"fields": ("draws_each", "needs_card")}),
        (_("What"), {"fields": ("batch_code", "budget_minor", "money")}),
        (_("Proof"), {"fields": ("state", "seed_sha256", "shown_seed")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RainSession]:
        """Show the rains of her unit and those below; the mall's people see all."""
        return owned_by(super().get_queryset(request), request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave nothing of an announced rain open to change."""
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only drafts be thrown away, one by one."""
        is_draft = obj is not None and _is_open(obj)
        return is_draft and super().has_delete_permission(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Tell the form who writes."""
        form = super().get_form(request, obj, **kwargs)
        form.person = request.user
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the units she may act for."""
        if db_field.name == "owner":
            kwargs["queryset"] = units_for(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the live page, its middle part and the stop button."""
        pages = {"live": self._live, "now": self._now, "stop": require_POST(self._stop)}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"redpackets_rainsession_{name}",
            )
            for name, view in pages.items()
        ]
        return own + super().get_urls()

    @display(description=_("state"), ordering="state", label=_COLOURS)
    def state_label(self, session: RainSession) -> tuple[str, str]:
        """Show the state, and whether it rains or waits for somebody."""
        word = str(session.get_state_display())
        if session.state == State.PLANNED and phase_of(session) == Phase.DURING:
            word = gettext("It is raining")
        if session.state == State.DRAFT and open_proposals(KIND, session.pk):
            word = gettext("Waits for a second person")
        return session.state, word

    @admin.display(description=_("given of"))
    def money(self, session: RainSession) -> str:
        """Show how much of the budget is gone."""
        return f"{yuan(session.spent_minor)} / {yuan(session.budget_minor or 0)}"

    @admin.display(description=_("seed"))
    def shown_seed(self, session: RainSession) -> str:
        """Show the seed once the rain is over, to nobody before."""
        return session.seed if session.is_closed else gettext("Secret until the rain is over")

    @admin.action(description=_("Propose to announce"), permissions=["change"])
    def propose_to_announce(self, request: HttpRequest, queryset: QuerySet[RainSession]) -> None:
        """Ask a second person; where none is needed it is announced at once."""
        act = propose if needs_two() else waive
        for session in queryset:
            try:
                act(Action.LAUNCH, kind=KIND, pk=session.pk, by=_who(request), reason="")
            except LinliError as refusal:
                self.message_user(request, f"{session}: {refusal.user_message}", messages.ERROR)
            else:
                self.message_user(request, str(session), messages.SUCCESS)

    @action(description=_("Watch"), url_path="watch", permissions=["view"])
    def watch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the live page."""
        session = self._found(request, object_id)
        return redirect("admin:redpackets_rainsession_live", session.pk)

    @action(description=_("All draws (CSV)"), url_path="draws", permissions=["view"])
    def download_draws(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Hand out every draw with resident and voucher, for auditors."""
        session = self._found(request, object_id)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="draws-{session.code}.csv"'
        response.write("\N{ZERO WIDTH NO-BREAK SPACE}")
        names = [field.attname for field in RainDraw._meta.concrete_fields]  # noqa: SLF001
        writer = csv.writer(response)
        writer.writerow(names)
        writer.writerows(session.draws.order_by("pk").values_list(*names).iterator())
        return response

    def _live(self, request: HttpRequest, pk: int) -> HttpResponse:
        session = self._found(request, pk)
        context = {**self.admin_site.each_context(request), **self._seen(request, session)}
        context |= {"title": str(session), "opts": self.opts}
        return TemplateResponse(request, "admin/rain/live.html", context)

    def _now(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = self._seen(request, self._found(request, pk))
        return TemplateResponse(request, "admin/rain/now.html", context)

    def _stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        session = self._found(request, pk)
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            sessions.stop(session)
        except LinliError as refusal:
            self.message_user(request, str(refusal.user_message), messages.ERROR)
        else:
            self.log_change(request, session, gettext("Stopped"))
        return redirect("admin:redpackets_rainsession_live", session.pk)

    def _seen(self, request: HttpRequest, session: RainSession) -> dict[str, Any]:
        with one_moment():
            figures = figures_of(session)
            found = replay(session) if session.is_closed else None
        busiest = max((draws for _minute, draws, _wins in figures.by_minute), default=1)
        return {
            "session": session,
            "phase": phase_of(session),
            "at": now(),
            "figures": figures,
            "minutes": [
                (local(m), n, wins, 100 * n // busiest) for m, n, wins in figures.by_minute
            ],
            "replay": found,
            "may_stop": session.state == State.PLANNED and self.has_change_permission(request),
            "stop_url": reverse("admin:redpackets_rainsession_stop", args=[session.pk]),
            "now_url": reverse("admin:redpackets_rainsession_now", args=[session.pk]),
        }

    def _found(self, request: HttpRequest, pk: int | str) -> RainSession:
        session = self.get_object(request, str(pk))
        if session is None or not self.has_view_permission(request, session):
            raise Http404
        return session


@admin.register(RainDraw)
class RainDrawAdmin(LookUpOnly):
    """Draws, to look up: nothing here is changed by hand."""

    list_display = ("draw_no", "session", "resident", "number", "roll", "outcome", "won", "at")
    list_filter = ("outcome", ("session", admin.RelatedOnlyFieldListFilter))
    search_fields = ("draw_no", "voucher_no", "person")
    list_select_related = ("session", "resident")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RainDraw]:
        """Show the draws of rains she may see."""
        return owned_by(super().get_queryset(request), request.user, through="session__owner")

    @admin.display(description=_("won"))
    def won(self, draw: RainDraw) -> str:
        """Show what was won."""
        return yuan(draw.amount_minor) if draw.amount_minor else ""


def _is_open(session: RainSession | None) -> bool:
    return session is None or session.state == State.DRAFT


def _who(request: HttpRequest) -> str:
    return request.user.get_username()
