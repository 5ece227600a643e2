"""Dry runs in the admin: asked for, watched while they run, read and taken along."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.offerdesk.admin.offer_page import offer_context
from mall.offerdesk.admin.showing import site_context, who
from mall.offerdesk.models import Rehearsal
from mall.offerdesk.rehearsal.running import ask
from mall.offerdesk.watching import reason_word
from mall.offerdesk.words import KINDS, issuer_names, major, yuan
from mall.promotions.models import BankOffer
from payments.admin.spreadsheets import spreadsheet
from payments.api import business_date

logger = logging.getLogger(__name__)
_SHOWN: Final = 8
_DAYS_MAX: Final = 366
_FORECAST_DAYS: Final = 30
REFRESH_SECONDS: Final = 2


class DayInput(forms.DateInput):
    """A day by the browser's own picker, which reads it in one form in every language."""

    def __init__(self) -> None:
        """Write days as the picker reads them."""
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysForm(forms.Form):
    """The past days whose orders are tried."""

    first = forms.DateField(label=gettext_lazy("orders from"), widget=DayInput)
    last = forms.DateField(label=gettext_lazy("until"), widget=DayInput)

    def clean(self) -> dict[str, Any]:
        """Take days in their order, at most a year of them."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        elif first and last and (last - first).days >= _DAYS_MAX:
            self.add_error("first", _("At most a year at once."))
        return data


def rehearsal_page(
    model_admin: Any, request: HttpRequest, offer: BankOffer
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """Ask for a dry run, or show the one that is asked for, by default the newest."""
    form = DaysForm(request.POST or None, initial=_last_month())
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        run = ask(offer, first=said["first"], last=said["last"], by=who(request))
        page = reverse("admin:promotions_bankoffer_rehearsal", args=[offer.pk])
        return redirect(f"{page}?run={run.pk}")
    runs = list(Rehearsal.objects.filter(offer=offer)[:_SHOWN])
    chosen = _chosen(request, offer, runs)
    if chosen and chosen.state == Rehearsal.State.DONE and request.GET.get("export"):
        logger.info("offer_rehearsal.exported by=%s run=%s", who(request), chosen.pk)
        return _export(request.GET["export"], chosen)
    context = site_context(
        model_admin,
        request,
        title=str(offer),
        form=form,
        runs=runs,
        run=chosen,
        refresh_seconds=REFRESH_SECONDS,
        **offer_context(model_admin, request, offer),
        **(_result(chosen) if chosen and chosen.state == Rehearsal.State.DONE else {}),
    )
    is_part = request.headers.get("HX-Request") == "true"
    page = "rehearsal_run" if is_part else "rehearsal"
    return TemplateResponse(request, f"admin/offers/{page}.html", context)


def _last_month() -> dict[str, date]:
    today = business_date()
    return {"first": today - timedelta(days=_FORECAST_DAYS), "last": today}


def _chosen(request: HttpRequest, offer: BankOffer, runs: list[Rehearsal]) -> Rehearsal | None:
    number = request.GET.get("run", "")
    if number.isdecimal():
        return Rehearsal.objects.filter(offer=offer, pk=int(number)).first()
    return runs[0] if runs else None


def _result(run: Rehearsal) -> dict[str, Any]:
    result, offer = run.result, run.offer
    whole, days = result["whole"], max(result["calendar_days"], 1)
    a_day = whole["discount_minor"] / days
    forecast = round(a_day * _FORECAST_DAYS)
    share = 100 * whole["uses"] / whole["orders"] if whole["orders"] else 0
    return {
        "figures": [
            (_("Orders looked at"), f"{whole['orders']:,}", ""),
            (_("Would have got it"), f"{whole['uses']:,}", f"{share:.1f} %"),
            (_("Discount in all"), yuan(whole["discount_minor"]), ""),
            (
                _("Forecast for 30 days"),
                yuan(forecast),
                _("%(amount)s a day") % {"amount": yuan(round(a_day))},
            ),
            (_("Average order with it"), yuan(_mean(whole, "goods_minor")), ""),
            (_("Budget"), _budget(offer, result, a_day), ""),
        ],
        "days_chart": json.dumps(_chart(result["days"])),
        "days_table": {
            "headers": [_("Day"), _("Orders"), _("Would have got it"), _("Discount")],
            "rows": [
                [day, row["orders"], row["uses"], yuan(row["discount_minor"])]
                for day, row in reversed(result["days"].items())
            ],
        },
        "cards_table": {
            "headers": [_("Card"), _("Orders"), _("Would have got it"), _("Discount")],
            "rows": [
                [_card(card), row["orders"], row["uses"], yuan(row["discount_minor"])]
                for card, row in result["cards"].items()
            ],
        },
        "refusals": [(reason_word(reason), times) for reason, times in result["refusals"].items()],
        "unknowns": _unknowns(offer, result),
    }


def _mean(whole: dict[str, int], key: str) -> int:
    return whole[key] // whole["uses"] if whole["uses"] else 0


def _budget(offer: BankOffer, result: dict[str, Any], a_day: float) -> str:
    if result["gone_on"]:
        return _("gone on %(day)s") % {"day": result["gone_on"]}
    runs = (offer.ends_at - offer.starts_at).days
    if offer.budget_minor is None or not a_day or offer.budget_minor / a_day >= runs:
        return _("lasts to its end")
    return _("lasts about %(days)d days") % {"days": int(offer.budget_minor / a_day)}


def _unknowns(offer: BankOffer, result: dict[str, Any]) -> list[str]:
    """Say plainly what a look at the past cannot tell."""
    told = [
        _("Whether residents would have bought more or waited for it."),
        _("What would have come back: refunds give a part of the discount back."),
    ]
    if result["unknown_cards"]:
        told.append(
            _("%(count)d orders were paid without a tied card: nobody knows with which card.")
            % {"count": result["unknown_cards"]}
        )
    if result["with_another_offer"]:
        text = _("%(count)d of these orders had another bank offer then; two never stack.")
        told.append(text % {"count": result["with_another_offer"]})
    if any((offer.device_day_limit, offer.device_month_limit, offer.device_total_limit)):
        told.append(_("With which device an order was placed: limits per device are left out."))
    if offer.benefit_kind == BankOffer.BenefitKind.RANDOM:
        told.append(_("What would have been drawn: every draw is counted as the mean."))
    return told


def _chart(days: dict[str, dict[str, int]]) -> dict[str, Any]:
    return {
        "labels": [day[5:] for day in days],
        "datasets": [
            {
                "label": _("Discount (yuan)"),
                "data": [row["discount_minor"] / 100 for row in days.values()],
                "backgroundColor": "var(--color-primary-600)",
            }
        ],
    }


def _card(card: str) -> str:
    issuer, _colon, kind = card.partition(":")
    if not kind:
        return reason_word(card)
    return f"{issuer_names([issuer])[0]} {KINDS.get(kind, kind)}"


def _export(form: str, run: Rehearsal) -> HttpResponse | StreamingHttpResponse | FileResponse:
    headers = [_("what"), _("which"), _("orders"), _("would have got it"), _("discount (yuan)")]
    name = f"dry-run-{run.pk}"
    return spreadsheet(form, name=name, headers=headers, rows=_rows(run))


def _rows(run: Rehearsal) -> Iterator[list[Any]]:
    parts = (
        (_("in all"), {"": run.result["whole"]}),
        (_("day"), run.result["days"]),
        (_("card"), {_card(card): row for card, row in run.result["cards"].items()}),
    )
    for what, rows in parts:
        for which, row in rows.items():
            yield [what, which, row["orders"], row["uses"], major(row["discount_minor"])]
    for reason, times in run.result["refusals"].items():
        yield [_("not given"), reason_word(reason), times, 0, major(0)]
