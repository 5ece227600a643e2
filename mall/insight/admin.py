"""The page of an offer's effect in the admin: for the mall's people and each bank's own."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from mall.banks.scope import owned_by, sees_every_unit, unit_of
from mall.insight.charts import day_chart
from mall.insight.models import Exposure
from mall.insight.outlets import visits_to_outlets
from mall.insight.papers.files import effect_pdf, effect_workbook
from mall.insight.periods import Period, last_days, last_month, this_month
from mall.insight.report import report_of
from mall.insight.uses import subject_of
from mall.promotions.models import BankOffer
from payments.api import business_date

# A year and a day is more than anybody compares.
_DAYS_MAX: Final = 367
_PAPERS: Final = {
    "pdf": (effect_pdf, "application/pdf"),
    "xlsx": (
        effect_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


def may_see_effect(user: Any) -> bool:
    """Tell whether she may look at offers' effect: the mall's people, and a bank's for its own."""
    is_of_the_mall = sees_every_unit(user) and user.has_perm("insight.view_exposure")
    return is_of_the_mall or unit_of(user) is not None


@admin.register(Exposure)
class EffectAdmin(ModelAdmin):
    """Exposures are rows nobody reads one by one; their page is what they tell together."""

    def has_module_permission(self, _request: HttpRequest) -> bool:
        """Keep the bare rows out of the list of models."""
        return False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: pages note them."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        page = self.admin_site.admin_view(self.effect_view)
        return [path("effect/", page, name="insight_effect"), *super().get_urls()]

    def effect_view(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """Show what an offer came to, or give it as a file."""
        if not may_see_effect(request.user):
            raise PermissionDenied
        offers = _offers(request.user)
        offer = _chosen(offers, request.GET.get("offer", ""))
        period = _period(request)
        if offer is None:
            return self._page(request, offers=offers, period=period)
        report = report_of(subject_of(offer), period)
        form = request.GET.get("export", "")
        if form in _PAPERS:
            write, kind = _PAPERS[form]
            name = f"effect-{offer.code}-{period.since:%Y%m%d}-{period.until:%Y%m%d}.{form}"
            return FileResponse(write(report), as_attachment=True, filename=name, content_type=kind)
        context = {"report": report, "offer": offer, "chart": day_chart(report.days)}
        return self._page(request, offers=offers, period=period, **context)

    def _page(
        self, request: HttpRequest, *, offers: list[BankOffer], period: Period, **context: Any
    ) -> HttpResponse:
        offer = context.get("offer")
        asked = {"offer": offer.code, "from": period.since, "until": period.until} if offer else {}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Effect of offers"),
            "offers": offers,
            "period": period,
            "presets": _presets(offer),
            "query": urlencode(asked),
            "outlets": visits_to_outlets(request.user),
            **context,
        }
        return TemplateResponse(request, "admin/insight/effect.html", context)


def _offers(user: Any) -> list[BankOffer]:
    """Return the newest version of each launched offer she may see."""
    rows = owned_by(BankOffer.objects.exclude(state=BankOffer.State.DRAFT), user)
    newest: dict[str, BankOffer] = {}
    for offer in rows.order_by("code", "version"):
        newest[offer.code] = offer
    return sorted(newest.values(), key=lambda one: (one.ends_at, one.code), reverse=True)


def _chosen(offers: list[BankOffer], code: str) -> BankOffer | None:
    if not code:
        return offers[0] if offers else None
    found = next((offer for offer in offers if offer.code == code), None)
    if found is None:
        raise PermissionDenied
    return found


def _period(request: HttpRequest) -> Period:
    since, until = _day(request.GET.get("from", "")), _day(request.GET.get("until", ""))
    if since is None or until is None or until < since or (until - since).days > _DAYS_MAX:
        return this_month()
    return Period(since, until)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _presets(offer: BankOffer | None) -> list[tuple[str, str]]:
    """Return the usual periods as links."""
    if offer is None:
        return []
    whole = Period(
        max(business_date(offer.starts_at), last_days(_DAYS_MAX).since),
        min(business_date(offer.ends_at), business_date()),
    )
    told = [
        (_("This month"), this_month()),
        (_("Last month"), last_month()),
        (_("7 days"), last_days(7)),
        (_("30 days"), last_days(30)),
        (_("Since it began"), whole),
    ]
    return [
        (word, urlencode({"offer": offer.code, "from": period.since, "until": period.until}))
        for word, period in told
        if period.since <= period.until
    ]
