"""The day's rounds in the admin: the board, each round's page, its papers, and sending it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar, Final

import structlog
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from oscar.apps.partner.models import Partner
from unfold.decorators import display

from mall.fulfilment.day_board import SHOWS, board_of
from mall.fulfilment.errors import PapersFirstError
from mall.fulfilment.models import Delivery
from mall.fulfilment.papers.rounds import day_paper, round_paper, supplier_paper
from mall.fulfilment.papers.tables import KINDS, Paper, write
from mall.fulfilment.planning import change_token, plan_day
from mall.fulfilment.rounds import ask_to_send, progress_of_rounds, send_asked
from mall.promotions.admin import LookUpOnly
from payments.api import LinliError, business_date

log = structlog.get_logger(__name__)
COLOURS: Final = {"planned": "warning", "dispatched": "info", "delivered": "success"}
# So many groups are sent while the page waits; the job does the rest and the board shows how far.
_AT_ONCE: Final = 4


@admin.register(Delivery)
class DeliveryAdmin(LookUpOnly):
    """Every round there was; planned by a job, sent from the board."""

    list_display = ("pickup_on", "route_shown", "status_label", "driver_name", "dispatched_at")
    list_filter = ("status", "pickup_on", "route")
    list_select_related = ("route",)
    search_fields = ("route__name", "driver_name", "stops__pickup_point__name")
    date_hierarchy = "pickup_on"
    actions = ("send_rounds",)

    class Media:
        """The look of the day's pages."""

        css: ClassVar = {"all": ("claims/claims.css", "fulfilment/day.css")}

    @display(description=_("route"), ordering="route__name")
    def route_shown(self, delivery: Delivery) -> str:
        """Show the route, or that there is none."""
        return str(delivery.route or _now("On no route"))

    @display(description=_("status"), ordering="status", label=COLOURS)
    def status_label(self, delivery: Delivery) -> tuple[str, str]:
        """Show the state in colour."""
        return delivery.status, delivery.get_status_display()

    @admin.action(description=_("Write the papers and send these rounds"), permissions=["send"])
    def send_rounds(self, request: HttpRequest, queryset: Any) -> None:
        """Send several rounds; a round whose papers cannot be written stays planned."""
        self._send(request, list(queryset.filter(status=Delivery.Status.PLANNED)))

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Let those send rounds who may dispatch."""
        return request.user.has_perm("fulfilment.dispatch_route")

    def get_urls(self) -> list[URLPattern]:
        """Add the board, the papers and the buttons."""
        guard = self.admin_site.admin_view
        return [
            path("board/", guard(self.board_view), name="fulfilment_board"),
            path("board/plan/", guard(require_POST(self.plan_view)), name="fulfilment_plan"),
            path("board/send/", guard(require_POST(self.send_view)), name="fulfilment_send"),
            path("board/paper.<str:form>", guard(self.day_paper_view), name="fulfilment_day_paper"),
            path("<int:pk>/paper.<str:form>", guard(self.paper_view), name="fulfilment_paper"),
            path("<int:pk>/link/", guard(require_POST(self.link_view)), name="fulfilment_link"),
            *super().get_urls(),
        ]

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Show the board of a day; the page's own request gets only what changes."""
        self._require_view(request)
        day = _day(request.GET.get("day", ""))
        show = request.GET.get("show", "")
        query = request.GET.get("q", "").replace("\x00", "").strip()[:60]
        board = board_of(day, show=show if show in SHOWS else "", query=query)
        asked = {"day": f"{day:%Y-%m-%d}", "show": show, "q": query}
        context = {
            **self.admin_site.each_context(request),
            "title": _now("The day's deliveries"),
            "board": board,
            "show": show,
            "q": query,
            "shows": _shows(),
            "query": urlencode({name: value for name, value in asked.items() if value}),
            "may_send": self.has_send_permission(request),
            "suppliers": Partner.objects.filter(
                group_order_lines__order__group_buy__pickup_on=day
            ).distinct(),
            "media": self.media,
        }
        is_part = request.headers.get("HX-Request") == "true"
        page = "board_now" if is_part else "board"
        return TemplateResponse(request, f"admin/fulfilment/{page}.html", context)

    def plan_view(self, request: HttpRequest) -> HttpResponse:
        """Plan a day's rounds anew from routes and goods."""
        self._require_send(request)
        day = _day(request.POST.get("day", ""))
        planned = plan_day(day)
        messages.success(request, _now("%(count)s rounds are planned.") % {"count": len(planned)})
        return _to_board(day)

    def send_view(self, request: HttpRequest) -> HttpResponse:
        """Send the rounds that were ticked, or all of the day."""
        self._require_send(request)
        day = _day(request.POST.get("day", ""))
        wanted = [int(pk) for pk in request.POST.getlist("round") if _is_number(pk)]
        rounds = Delivery.objects.filter(pickup_on=day, status=Delivery.Status.PLANNED)
        self._send(request, list(rounds.filter(pk__in=wanted) if wanted else rounds))
        return _to_board(day)

    def change_view(  # noqa: PLR0917 - Django calls it so
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one round: its stops, its papers, the driver's link."""
        del form_url
        self._require_view(request)
        delivery = self.get_object(request, object_id)
        if delivery is None:
            raise Http404
        link = reverse("storefront:driver", args=[delivery.token])
        context = {
            **self.admin_site.each_context(request),
            "title": str(delivery),
            "round": delivery,
            "colour": COLOURS[delivery.status],
            "stops": delivery.stops.select_related("pickup_point").order_by("position", "pk"),
            "progress": progress_of_rounds([delivery]).get(delivery.pk),
            "link": request.build_absolute_uri(link),
            "may_send": self.has_send_permission(request),
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/fulfilment/round.html", context)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a round a new driver's link."""
        self._require_send(request)
        delivery = self._found(pk)
        change_token(delivery)
        self.log_change(request, delivery, [_now("New driver's link")])
        messages.success(request, _now("The old link has ended; send the driver the new one."))
        return redirect("admin:fulfilment_delivery_change", pk)

    def paper_view(self, request: HttpRequest, pk: int, form: str) -> FileResponse:
        """Give a round's papers as a file; nothing is sent by it."""
        self._require_view(request)
        delivery = self._found(pk)
        name = f"delivery-{delivery.pickup_on:%Y%m%d}-{delivery.pk}"
        return _file(lambda: round_paper(delivery), form, name=name)

    def day_paper_view(self, request: HttpRequest, form: str) -> FileResponse:
        """Give a day's papers, or one supplier's sheets of it."""
        self._require_view(request)
        day = _day(request.GET.get("day", ""))
        supplier = request.GET.get("supplier", "")
        if not supplier:
            return _file(lambda: day_paper(day), form, name=f"deliveries-{day:%Y%m%d}")
        found = Partner.objects.filter(pk=int(supplier) if _is_number(supplier) else 0).first()
        if found is None:
            raise Http404
        name = f"supplier-{found.pk}-{day:%Y%m%d}"
        return _file(lambda: supplier_paper(day, found), form, name=name)

    def _send(self, request: HttpRequest, deliveries: list[Delivery]) -> None:
        """Write each round's papers, then have it sent: what cannot be printed does not leave."""
        ready = []
        for delivery in deliveries:
            try:
                _require_papers(delivery)
            except PapersFirstError as refusal:
                messages.error(request, f"{delivery}: {refusal.user_message}")
            else:
                ready.append(delivery.pk)
        asked = ask_to_send(ready, by=request.user)
        send_asked(_AT_ONCE)
        if asked:
            text = _now("%(count)s rounds are being sent.") % {"count": asked}
            messages.success(request, text)
        elif not deliveries:
            messages.warning(request, _now("Nothing is waiting to be sent."))

    def _found(self, pk: int) -> Delivery:
        found = Delivery.objects.filter(pk=pk).select_related("route").first()
        if found is None:
            raise Http404
        return found

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _require_send(self, request: HttpRequest) -> None:
        if not self.has_send_permission(request):
            raise PermissionDenied


def _require_papers(delivery: Delivery) -> None:
    """Write a round's papers; PapersFirstError where that fails, whatever the reason."""
    try:
        write(round_paper(delivery), "pdf").close()
    except LinliError:
        raise
    except Exception as error:
        log.exception("delivery.papers_failed", delivery_id=delivery.pk)
        raise PapersFirstError from error


def _file(paper: Callable[[], Paper], form: str, *, name: str) -> FileResponse:
    if form not in KINDS:
        raise Http404
    file = write(paper(), form)
    return FileResponse(
        file, as_attachment=form == "xlsx", filename=f"{name}.{form}", content_type=KINDS[form]
    )


def _to_board(day: date) -> HttpResponse:
    return redirect(f"{reverse('admin:fulfilment_board')}?day={day:%Y-%m-%d}")


def _shows() -> list[tuple[str, str]]:
    return [
        ("", _now("All")),
        ("unsent", _now("Not sent")),
        ("away", _now("Not counted in")),
        ("short", _now("Short")),
    ]


def _day(text: str) -> date:
    try:
        return parse_date(text[:10]) or business_date()
    except ValueError:
        return business_date()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
