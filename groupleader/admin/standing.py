"""A leader's standing in the admin: what runs under her name, suspending, handing a point over."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from groupleader import selectors
from groupleader.admin.reading import yuan
from groupleader.models import CommissionAccrual, Leader, LeaderEvent
from groupleader.services.key_giving import give_point
from groupleader.services.standing import history_of, reinstate, suspend
from mall.api import (
    call_off_handover,
    end_stand_ins,
    open_handover,
    points_kept,
    preview_handover,
    stand_in,
    stand_ins_at,
    tenures_of,
    what_waits,
)
from payments.api import LinliError

_PAGE: Final = "admin:groupleader_leader_standing"


class SuspendForm(forms.Form):
    """Why, in words she reads."""

    reason = forms.ChoiceField(label=gettext_lazy("reason"), choices=LeaderEvent.Reason.choices)
    note = forms.CharField(
        label=gettext_lazy("what the leader is told"), max_length=300, required=False
    )


class HandoverForm(forms.Form):
    """To whom, when, and which keys."""

    to_leader = forms.ModelChoiceField(
        label=gettext_lazy("new leader"), queryset=Leader.objects.none(), required=True
    )
    on_day = forms.DateField(
        label=gettext_lazy("on the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: at once."),
    )
    keys = forms.CharField(
        label=gettext_lazy("keys and other things handed over"), max_length=200, required=False
    )

    def __init__(self, *args: Any, leader: Leader, **kwargs: Any) -> None:
        """Offer every other active leader."""
        super().__init__(*args, **kwargs)
        active = Leader.objects.filter(status=Leader.Status.ACTIVE).exclude(pk=leader.pk)
        self.fields["to_leader"].queryset = active


class StandingPages(ModelAdmin):
    """The page of a leader's standing, added to the admin of leaders."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page and what is done on it."""
        wrap, name = self.admin_site.admin_view, "groupleader_leader"
        return [
            path("<int:pk>/standing/", wrap(self.standing_view), name=f"{name}_standing"),
            path(
                "<int:pk>/standing/do/<slug:what>/",
                wrap(self.standing_act),
                name=f"{name}_standing_act",
            ),
            path(
                "<int:pk>/points/<int:point_id>/",
                wrap(self.handover_view),
                name=f"{name}_handover",
            ),
            *super().get_urls(),
        ]

    def standing_link(self, leader: Leader) -> str:
        """Lead to what runs under her name."""
        url = reverse(_PAGE, args=[leader.pk])
        return format_html('<a href="{}">{}</a>', url, _("Standing and points"))

    standing_link.short_description = gettext_lazy("standing")  # type: ignore[attr-defined]

    def standing_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what runs under a leader's name, her points and her history."""
        return self._standing(request, self._leader(request, pk))

    def standing_act(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Suspend with a reason, or reinstate."""
        leader = self._leader(request, pk)
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        if what == "suspend":
            form = SuspendForm(request.POST)
            if not form.is_valid():
                return self._standing(request, leader, form=form)
            self._do(request, leader, act=suspend, **form.cleaned_data)
        elif what == "reinstate":
            self._do(request, leader, act=reinstate)
        elif what in {"stand-in", "stand-down"}:
            self._stand(request, leader, is_in=what == "stand-in")
        else:
            raise PermissionDenied
        return redirect(_PAGE, leader.pk)

    def handover_view(self, request: HttpRequest, pk: int, point_id: int) -> HttpResponse:
        """Show what follows a point to another leader; posted, hand it over or call that off."""
        leader = self._leader(request, pk)
        preview = preview_handover(point_id)
        if preview is None or preview.from_leader_id != leader.user_id:
            return redirect(_PAGE, leader.pk)
        form = HandoverForm(request.POST or None, leader=leader)
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            done = self._hand_over(request, leader, point_id=point_id, form=form)
            if done is not None:
                return done
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hand over %(point)s") % {"point": preview.point_name},
            "leader": leader,
            "preview": preview,
            "estimated": yuan(_estimated(preview.order_nos)),
            "form": form,
            "plan": open_handover(point_id),
            "tenures": tenures_of(point_id),
        }
        return TemplateResponse(request, "admin/groupleader/handover.html", context)

    def _hand_over(
        self, request: HttpRequest, leader: Leader, *, point_id: int, form: HandoverForm
    ) -> HttpResponse | None:
        page = redirect(_PAGE, leader.pk)
        if "call_off" in request.POST:
            plan = open_handover(point_id)
            if plan is not None and call_off_handover(handover_id=plan.pk):
                messages.success(request, _("Called off; nothing changes hands."))
            return page
        if not form.is_valid():
            return None
        to_leader = form.cleaned_data["to_leader"]
        try:
            plan = give_point(
                point_id=point_id,
                to_leader=to_leader,
                by=request.user,
                on_day=form.cleaned_data["on_day"],
                keys=form.cleaned_data["keys"],
            )
        except LinliError as refusal:
            form.add_error(None, str(refusal.user_message))
            return None
        self.log_change(request, leader, f"point {point_id} goes to leader {to_leader.pk}")
        text = _("%(point)s goes to %(leader)s on %(day)s; %(orders)d orders have followed.")
        messages.success(
            request,
            text
            % {
                "point": plan.point.name,
                "leader": to_leader,
                "day": plan.on_day.isoformat(),
                "orders": plan.orders_moved,
            },
        )
        return page

    def _do(self, request: HttpRequest, leader: Leader, *, act: Any, **said: Any) -> None:
        try:
            act(leader=leader, by=request.user, **said)
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        else:
            self.log_change(request, leader, act.__name__)
            messages.success(request, _("Done; she was told."))

    def _stand(self, request: HttpRequest, leader: Leader, *, is_in: bool) -> None:
        """Let whoever asks stand at a suspended leader's counter, or let nobody of staff."""
        user: Any = request.user
        try:
            if is_in:
                text = _("You can receive and hand over at %(points)s now: open the counter below.")
                points = stand_in(leader_id=leader.user_id, by=user)
                messages.success(request, text % {"points": ", ".join(points)})
            else:
                end_stand_ins(leader_id=leader.user_id, by=user)
                messages.success(request, _("Nobody of the mall stands at her counter now."))
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
        else:
            self.log_change(request, leader, "stood in" if is_in else "stood down")

    def _leader(self, request: HttpRequest, pk: int) -> Leader:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("user"), pk=pk)

    def _standing(
        self, request: HttpRequest, leader: Leader, *, form: SuspendForm | None = None
    ) -> HttpResponse:
        sums = [
            {"label": each.label, "amount": yuan(each.amount_minor)}
            for each in selectors.sums_by_state(leader)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": str(leader),
            "leader": leader,
            "waits": what_waits(leader.user_id),
            "sums": sums,
            "points": [
                {"point": point, "plan": open_handover(point.pk)}
                for point in points_kept(leader.user)
            ],
            "stand_ins": stand_ins_at(leader.user_id),
            "events": history_of(leader)[:50],
            "form": form or SuspendForm(),
            "may_change": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/groupleader/standing.html", context)


def _estimated(order_nos: tuple[str, ...]) -> int:
    """Return what is not earned yet of these orders (fen): it follows to whoever hands them out."""
    rows = CommissionAccrual.objects.filter(
        terms__order_no__in=order_nos, status=CommissionAccrual.Status.ESTIMATED
    )
    return rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0
