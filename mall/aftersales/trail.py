"""What cases and recalls tell on the page of an order's money: what was wrong, who bears it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from mall.aftersales.models import AfterSalesCase, RecallLine
from payments.api import Chapter, Line


def of_order(order_no: str) -> Chapter | None:
    """Return the cases and recalls of an order; None where there are none."""
    lines = [*_cases(order_no), *_recalls(order_no)]
    return Chapter(title=gettext("After-sales"), lines=lines) if lines else None


def _cases(order_no: str) -> Iterator[Line]:
    rows = AfterSalesCase.objects.filter(order__order_no=order_no).order_by("pk")
    for case in rows.select_related("line", "reason"):
        url = reverse("admin:aftersales_aftersalescase_change", args=[case.pk])
        about = f"{case.line.title} · {case.reason} · {case.get_status_display()}"
        yield Line(
            what=case.case_no,
            detail=f"{about} · {case.get_bearer_display()}" if case.value_minor else about,
            minor=case.value_minor or None,
            url=url,
        )
        for given in case.compensations.all():
            what = gettext("Goodwill")
            yield Line(what=what, detail=given.reason, minor=given.value_minor, url=url)


def _recalls(order_no: str) -> Iterator[Line]:
    rows = RecallLine.objects.filter(order__order_no=order_no).order_by("pk")
    for row in rows.select_related("recall__batch", "line"):
        yield Line(
            what=gettext("Recall of batch %(number)s") % {"number": row.recall.batch.batch_no},
            detail=f"{row.line.title} · {row.get_state_display()}",
            minor=row.minor or None,
            url=reverse("admin:aftersales_recall_change", args=[row.recall_id]),
        )
