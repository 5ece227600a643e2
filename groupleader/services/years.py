"""A person's year with us: what was earned and withheld before, regime by regime."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet, Sum

from groupleader.models import Leader, SettlementStatement
from groupleader.services.taxes import IncomeSoFar, TaxRegime, months_in_a_row


def income_so_far(leader: Leader, *, regime: TaxRegime, day: date) -> IncomeSoFar:
    """Return what a leader's statements of the year gave and withheld so far.

    The months include this one, and end where one before it had no statement. For labour
    remuneration only this month counts. What was settled under another regime has been taxed by
    itself and counts here as nothing.
    """
    so_far = SettlementStatement.objects.filter(leader=leader, gross_minor__isnull=False)
    return sum_up(so_far, regime=regime, day=day)


def sum_up(
    statements: QuerySet[SettlementStatement], *, regime: TaxRegime, day: date
) -> IncomeSoFar:
    """Return what statements of one person count for the tax of a day; see income_so_far()."""
    counted = statements.filter(tax_regime=regime, tax_date__year=day.year).order_by()
    if regime is TaxRegime.PER_PAYMENT:
        counted = counted.filter(tax_date__month=day.month)
    sums = counted.aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"))
    earlier = set(counted.values_list("tax_date__month", flat=True).distinct())
    return IncomeSoFar(
        gross_minor=sums["gross"] or 0,
        withheld_minor=sums["tax"] or 0,
        months=months_in_a_row(day.month, earlier),
    )
