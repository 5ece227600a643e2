"""A person's year with us: what was earned and withheld before, regime by regime."""

from __future__ import annotations

from django.db.models import Min, Sum

from groupleader.models import Leader, SettlementStatement
from groupleader.services.taxes import IncomeSoFar, TaxRegime


def income_so_far(leader: Leader, *, year: int, month: int) -> IncomeSoFar:
    """Return what a leader's cumulative statements of the year gave and withheld so far.

    The months include this one.

    What was settled under another regime has been taxed by itself and counts here as nothing.
    """
    year_so_far = SettlementStatement.objects.filter(
        leader=leader,
        tax_regime=TaxRegime.PLATFORM_CUMULATIVE,
        tax_date__year=year,
        gross_minor__isnull=False,
    ).aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"), first=Min("tax_date"))
    first = year_so_far["first"]
    return IncomeSoFar(
        gross_minor=year_so_far["gross"] or 0,
        withheld_minor=year_so_far["tax"] or 0,
        months=month - first.month + 1 if first else 1,
    )
