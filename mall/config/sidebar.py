"""The admin's sidebar: what staff work with, grouped as they speak of it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mall.config.sidebar_models import BOOKS, CLAIMS, LEADERS, ORDERS, RECONCILIATION, SIDEBAR
from mall.insight.admin import may_see_effect

LEADERS_PAGE = "groupleader_dashboard"
CALENDAR_PAGE = "groupleader_calendar"
TESTER_PAGE = "groupleader_rule_tester"
BALANCE_PAGE = "payments_trial_balance"
EFFECT_PAGE = "insight_effect"
MONEY_PAGE = "payments_money_search"
BOARD_PAGE = "fulfilment_board"
SHARE_PAGE = "fulfilment_share"
DAY_PAGE = "reconciliation_day"
_LEADERS_PAGES = (LEADERS_PAGE, CALENDAR_PAGE, TESTER_PAGE)
_PAGES = (*_LEADERS_PAGES, EFFECT_PAGE, BALANCE_PAGE, MONEY_PAGE, DAY_PAGE, BOARD_PAGE, SHARE_PAGE)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar of this person: only what is registered and what she may view."""
    groups = []
    for number, (title, entries) in enumerate(SIDEBAR):
        items = [item for label, icon in entries if (item := _item(request, label, icon))]
        if title is ORDERS:
            items = _day_pages(request) + items
        if title is RECONCILIATION and _may_see_days(request):
            items.insert(0, _page(request, _("Day by day"), icon="today", name=DAY_PAGE))
        if title is LEADERS and request.user.has_perm("groupleader.view_leader"):
            items = _leaders_pages(request) + items
        if title is CLAIMS and may_see_effect(request.user):
            items += [_page(request, _("Effect of offers"), icon="insights", name=EFFECT_PAGE)]
        if title is BOOKS and items:
            items += [_page(request, _("Trial balance"), icon="balance", name=BALANCE_PAGE)]
            items += [_page(request, _("One order's money"), icon="account_tree", name=MONEY_PAGE)]
        if items:
            groups.append(
                {"title": title, "separator": number > 0, "collapsible": True, "items": items}
            )
    return groups


def _day_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages of the day's work she may use."""
    pages = []
    if request.user.has_perm("fulfilment.view_delivery"):
        pages += [_page(request, _("The day's deliveries"), icon="dashboard", name=BOARD_PAGE)]
    if request.user.has_perm("fulfilment.share_shortage"):
        title = _("Shortages announced by suppliers")
        pages += [_page(request, title, icon="call_split", name=SHARE_PAGE)]
    return pages


def _leaders_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the pages about all leaders."""
    return [
        _page(request, _("How leaders do"), icon="leaderboard", name=LEADERS_PAGE),
        _page(request, _("Settlement calendar"), icon="calendar_month", name=CALENDAR_PAGE),
        _page(request, _("Which rule decides"), icon="rule_settings", name=TESTER_PAGE),
    ]


def _may_see_days(request: HttpRequest) -> bool:
    return request.user.has_perm("reconciliation.view_bill")


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    model_admin = admin.site._registry.get(model)  # noqa: SLF001 - no other way to look
    if model_admin is None or not model_admin.has_view_permission(request):
        return None
    meta = model_admin.opts
    link = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    is_here = request.path.startswith(link) and not _is_page_of_its_own(request.path)
    return {"title": meta.verbose_name_plural, "icon": icon, "link": link, "active": is_here}


def _page(request: HttpRequest, title: Promise, *, icon: str, name: str) -> dict[str, Any]:
    link = reverse(f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "active": request.path.startswith(link)}


def _is_page_of_its_own(path: str) -> bool:
    return any(path.startswith(reverse(f"admin:{name}")) for name in _PAGES)
