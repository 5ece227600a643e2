"""What is to be paid now, with its sums, and what keeps the rest from being paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.db.models import Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from groupleader.admin.reading import yuan
from groupleader.models import SettlementStatement
from groupleader.services.batch_layouts import layouts
from groupleader.services.batches import sort_out
from groupleader.services.desk_runs import open_runs
from groupleader.services.payouts import PAYABLE
from payments.api import available_minor

MAKE: Final = "make"
PAY: Final = "pay"
SHOWN_MAX: Final = 500
# As many as the largest layout takes; the rest is in the next file.
TAKEN_MAX: Final = 5_000


def waiting() -> Any:
    """Return statements that are approved, or whose payment failed, oldest approval first."""
    rows = SettlementStatement.objects.filter(status__in=PAYABLE, net_minor__gt=0)
    return rows.select_related("leader", "supplier").order_by("approved_at", "pk")


def queue_context() -> dict[str, Any]:
    """Return the page: what can be paid, what cannot and why, and what account 1001 holds."""
    good, bad = sort_out(waiting()[:TAKEN_MAX])
    there = available_minor()
    total = sum(statement.net_minor or 0 for statement in good)
    reasons: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for each in bad:
        reasons[str(each.why)] += 1
        sums[str(each.why)] += each.statement.net_minor or 0
    return {
        "rows": [{"statement": row, "amount": yuan(row.net_minor)} for row in good[:SHOWN_MAX]],
        "count": len(good),
        "more": max(len(good) - SHOWN_MAX, 0),
        "total": yuan(total),
        "there": yuan(there),
        "is_short": settings.LINLI_PAYOUTS_WITHIN_FUNDS and total > there,
        "kept": [
            {"why": why, "count": count, "sum": yuan(sums[why])}
            for why, count in reasons.most_common()
        ],
        "kept_rows": [
            {
                "statement": each.statement,
                "why": each.why,
                "amount": yuan(each.statement.net_minor),
            }
            for each in bad[:SHOWN_MAX]
        ],
        "on_their_way": _on_their_way(),
        "runs": open_runs(),
        "layouts": _layouts(),
        "is_split": settings.LINLI_FUNDS_MODE == "SPLIT",
    }


def _on_their_way() -> Mapping[str, Any]:
    rows = SettlementStatement.objects.filter(status=SettlementStatement.Status.PAYING)
    found = rows.aggregate(sum=Sum("net_minor"))
    return {"count": rows.count(), "sum": yuan(found["sum"] or 0)}


def _layouts() -> list[dict[str, Any]]:
    names = {"csv_gbk": _("CSV in GBK"), "csv_utf8": _("CSV in UTF-8"), "xlsx": _("Excel workbook")}
    return [
        {
            "code": code,
            "name": layout.name,
            "forms": [{"code": form, "name": names[form]} for form in layout.forms],
        }
        for code, layout in layouts().items()
    ]


def chosen_statements(post: QueryDict) -> list[SettlementStatement]:
    """Return the statements a form chose: those ticked, or all that can be paid now."""
    if post.get("all") == "1":
        good, _bad = sort_out(waiting()[:TAKEN_MAX])
        return good
    numbers = [number[:20] for number in post.getlist("statement")[:TAKEN_MAX] if number.isalnum()]
    return list(waiting().filter(statement_no__in=numbers))
