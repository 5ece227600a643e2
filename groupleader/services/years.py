"""A person's year with us: what was earned and withheld before, regime by regime."""

from __future__ import annotations

from django.db.models import Sum

from groupleader.models import Leader, SettlementStatement
from groupleader.services.taxes import IncomeSoFar, TaxRegime, months_in_a_row


def income_so_far(leader: Leader, *, year: int, month: int) -> IncomeSoFar:
    """Return what a leader's cumulative statements of the year gave and withheld so far.

    The months include this one, and end where one before it had no statement.

    What was settled under another regime has been taxed by itself and counts here as nothing.
    """
    year_so_far = SettlementStatement.objects.filter(
        leader=leader,
        tax_regime=TaxRegime.PLATFORM_CUMULATIVE,
        tax_date__year=year,
        gross_minor__isnull=False,
    ).order_by()
    sums = year_so_far.aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"))
    earlier = set(year_so_far.values_list("tax_date__month", flat=True).distinct())
    return IncomeSoFar(
        gross_minor=sums["gross"] or 0,
        withheld_minor=sums["tax"] or 0,
        months=months_in_a_row(month, earlier),
    )
