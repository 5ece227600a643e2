"""The door of suppliers' pages: a link instead of an account, the same page for all dead ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from mall.storefront.visitor import client_ip
from mall.supply.errors import LinkDeadError, TooOftenError
from mall.supply.links import count_write, open_link
from mall.supply.models import PurchaseOrder, SupplierLink
from payments.api import now

LinkView = Callable[..., HttpResponseBase]
Status = PurchaseOrder.Status
_RECENT: Final = timedelta(days=62)


def by_link(view: LinkView) -> LinkView:
    """Call `view(request, link, ...)` for a link that opens; the same page for all others."""

    @never_cache
    @wraps(view)
    def enter(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            link = open_link(token, ip=client_ip(request))
            if request.method == "POST":
                count_write(link)
        except (LinkDeadError, TooOftenError) as refusal:
            context = {"text": refusal.user_message}
            response = render(request, "supplier/dead.html", context, status=refusal.http_status)
            wait_seconds = refusal.data.get("wait_seconds")
            if wait_seconds:
                response["Retry-After"] = str(wait_seconds)
            return response
        setattr(request, "supplier_token", token)  # noqa: B010 - for the links on the page
        shown = view(request, link, *args, **kwargs)
        shown.headers["X-Robots-Tag"] = "noindex, nofollow"
        return shown

    return enter


def own_orders(link: SupplierLink) -> Any:
    """Return what went out to this supplier lately; drafts are the mall's own business."""
    rows = PurchaseOrder.objects.filter(supplier=link.supplier_id, sent_at__gt=now() - _RECENT)
    return rows.exclude(status__in=[Status.DRAFT, Status.VOID]).order_by("-pk")


def own_order(link: SupplierLink, purchase_no: str) -> PurchaseOrder:
    """Return one of them; 404 for everybody else's."""
    rows = own_orders(link).select_related("group_buy", "supplier__profile", "supplements")
    found: PurchaseOrder | None = rows.filter(purchase_no=purchase_no).first()
    if found is None:
        raise Http404
    return found


def page(
    request: HttpRequest, link: SupplierLink, name: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Render one of the supplier's pages."""
    shown = {"supplier": link.supplier, "token": token_of(request), **context}
    return render(request, f"supplier/{name}", shown, status=status)


def token_of(request: HttpRequest) -> str:
    """Return the token the page was opened with, for the links on it."""
    return str(getattr(request, "supplier_token", ""))
