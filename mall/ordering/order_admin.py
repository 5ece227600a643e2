"""What the admin shows and does of an order beyond looking it up: what went back, who, where to."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.calling_off import CallOff, call_off
from mall.ordering.models import LineBack, OrderFulfilment, OrderMove
from mall.ordering.moving import move_order
from mall.promotions.wording import yuan
from payments.api import LinliError, local

_LIVING = (State.OPEN, State.CLOSED, State.FORMED, State.ORDERED)
_MOST_GROUPS = 100


class OrderDesk(admin.ModelAdmin):
    """The part of the orders' admin that belongs to their room; OrderAdmin is made of it."""

    @admin.display(description=_("what went back, and why"))
    def went_back(self, order: OrderFulfilment) -> SafeString:
        """Show every part that went back with its reason and refund."""
        rows = LineBack.objects.filter(line__order=order).select_related("line")
        return _rows(_back_text(row) for row in rows)

    @admin.display(description=_("where it was moved"))
    def moved(self, order: OrderFulfilment) -> SafeString:
        """Show from where to where it moved, by whom and why."""
        rows = order.moves.select_related(
            "from_group__pickup_point", "to_group__pickup_point", "by"
        )
        return _rows(_move_text(row) for row in rows)

    @admin.action(description=_("Call off and refund…"), permissions=["handle"])
    def call_off_orders(
        self, request: HttpRequest, queryset: QuerySet[OrderFulfilment]
    ) -> HttpResponse | None:
        """Ask for the reason and how; then end the chosen orders one by one."""
        if "apply" not in request.POST:
            return self._ask(request, queryset)
        how = CallOff(
            by=request.user,
            reason=request.POST.get("reason", ""),
            is_told="tell" in request.POST,
            restocks="restock" in request.POST,
        )
        done = 0
        for order_no in queryset.order_by("pk").values_list("order_no", flat=True):
            try:
                call_off(order_no=order_no, how=how)
            except LinliError as refusal:
                messages.error(request, f"{order_no}: {refusal.user_message}")
            else:
                done += 1
        if done:
            text = ngettext("%(count)d order called off.", "%(count)d orders called off.", done)
            messages.success(request, text % {"count": done})
        return None

    @action(description=_("Move…"), url_path="move", permissions=["handle"], icon="moving")
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let staff choose another group, with a reason."""
        order = self.get_object(request, object_id)
        if order is None:
            raise PermissionDenied
        if request.method != "POST":
            return self._choose(request, order)
        try:
            move_order(
                order_no=order.order_no,
                to_group_id=_number(request.POST.get("group", "")),
                by=request.user,
                reason=request.POST.get("reason", ""),
            )
        except LinliError as refusal:
            messages.error(request, str(refusal.user_message))
            return self._choose(request, order)
        messages.success(request, _now("The order was moved."))
        return redirect(reverse("admin:ordering_orderfulfilment_change", args=[order.pk]))

    def _ask(self, request: HttpRequest, queryset: QuerySet[OrderFulfilment]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Call off and refund"),
            "orders": queryset.select_related("group__pickup_point"),
            "opts": self.model._meta,  # noqa: SLF001 - Django documents it
        }
        return TemplateResponse(request, "admin/ordering/call_off.html", context)

    def _choose(self, request: HttpRequest, order: OrderFulfilment) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Move order %(number)s") % {"number": order.order_no},
            "order": order,
            "groups": _groups(order),
            "chosen": request.POST.get("group", ""),
            "reason": request.POST.get("reason", ""),
            "opts": self.model._meta,  # noqa: SLF001 - Django documents it
        }
        return TemplateResponse(request, "admin/ordering/move.html", context)


def _groups(order: OrderFulfilment) -> list[LeaderGroup]:
    """Return where it might go: the same sale's other points first, then other open sales."""
    groups = LeaderGroup.objects.select_related("group_buy", "pickup_point", "leader")
    here = groups.filter(group_buy=order.group_buy_id, state__in=_LIVING).exclude(pk=order.group_id)
    products = order.lines.values("product")
    others = groups.filter(state=State.OPEN, group_buy__items__product__in=products)
    others = others.exclude(group_buy=order.group_buy_id).distinct()
    return [*here.order_by("pk"), *others.order_by("-pk")[:_MOST_GROUPS]]


def _number(text: str) -> int:
    """Read a group's key; 0, which no group has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _rows(texts: Iterable[str]) -> SafeString:
    found = format_html_join("", "<li>{}</li>", ((text,) for text in texts))
    return format_html("<ul>{}</ul>", found) if found else SafeString("–")


def _back_text(row: LineBack) -> str:
    title = f"{row.line.title} × {row.quantity}" if row.quantity else row.line.title
    money = _now("%(value)s, of it to the resident %(hers)s") % {
        "value": yuan(row.value_minor),
        "hers": yuan(row.payer_minor),
    }
    at = f"{local(row.at):%Y-%m-%d %H:%M}"
    return " · ".join([at, title, str(row.get_why_display()), money, row.refund_no])


def _move_text(row: OrderMove) -> str:
    text = _now("%(at)s · from %(from)s to %(to)s · by %(by)s") % {
        "at": f"{local(row.at):%Y-%m-%d %H:%M}",
        "from": row.from_group,
        "to": row.to_group,
        "by": row.by,
    }
    return f"{text} · {row.reason}" if row.reason else text
