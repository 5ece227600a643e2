"""Rules of errands: every step is in its table, and held money goes back as it was decided."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Model, OuterRef, QuerySet, Subquery

from payments.kernel.checking import CheckResult, result_of
from payments.models import ChannelFact, Decision, ErrandStep, Refund, Split, SplitReturn, Transfer
from payments.services.errand_machines import TABLES


def errand_steps_follow_their_tables() -> CheckResult:
    """P7: every step of a refund, transfer, split or return is a row of its table."""
    allowed = {
        (edge.no, source, edge.to)
        for table in TABLES.values()
        for edge in table.edges
        for source in edge.sources
        if edge.to is not None
    }
    kinds = (
        ErrandStep.objects.order_by()
        .values("edge", "from_status", "to_status")
        .annotate(n=Count("pk"))
    )
    return result_of(
        "P7 every errand's step is in its table",
        rows=ErrandStep.objects.count(),
        wrong=(
            (k["edge"], f"{k['from_status']} -> {k['to_status']} ({k['n']} times)")
            for k in kinds
            if (k["edge"], k["from_status"], k["to_status"]) not in allowed
        ),
    )


def errand_steps_lead_to_the_present() -> CheckResult:
    """P7: the last step of every errand leads to the state it is in."""
    kinds: tuple[tuple[QuerySet[Model], str], ...] = (
        (Refund.objects.all(), "refund_no"),
        (Transfer.objects.all(), "transfer_no"),
        (Split.objects.all(), "split_no"),
        (SplitReturn.objects.all(), "return_no"),
    )

    def wrong() -> Iterator[tuple[str, str]]:
        for rows, number in kinds:
            last = ErrandStep.objects.filter(errand_no=OuterRef(number)).order_by("-pk")
            told = rows.annotate(told=Subquery(last.values("to_status")[:1]))
            elsewhere = told.filter(told__isnull=False).exclude(told=F("status"))
            for found, status, said in elsewhere.values_list(number, "status", "told"):
                yield found, f"is {status}, its steps say {said}"

    return result_of(
        "P7 errands' steps lead to the present state",
        rows=ErrandStep.objects.count(),
        wrong=wrong(),
    )


def held_money_goes_back_as_decided() -> CheckResult:
    """R6: held money goes back to the transaction it came with, as two people decided."""
    held = Refund.objects.filter(stage=Refund.Stage.HELD)
    decided = Decision.objects.filter(
        kind=Decision.Kind.HELD_RETURN,
        status=Decision.Status.CARRIED_OUT,
        subject_no=OuterRef("payment__payment_no"),
        acquirer_no=OuterRef("of_acquirer_no"),
        amount_minor=OuterRef("resident_minor"),
    )
    heard = ChannelFact.objects.filter(
        payment=OuterRef("payment"),
        acquirer_no=OuterRef("of_acquirer_no"),
        amount_minor=OuterRef("resident_minor"),
    )
    wrong = held.exclude(Exists(decided) & Exists(heard))
    return result_of(
        "R6 held money goes back to where it came from",
        rows=held.count(),
        wrong=((r.refund_no, f"to {r.of_acquirer_no}, not as decided") for r in wrong.iterator()),
    )


ERRAND_RULES = (
    errand_steps_follow_their_tables,
    errand_steps_lead_to_the_present,
    held_money_goes_back_as_decided,
)
