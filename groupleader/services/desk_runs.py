"""Cutting and paying many: written down at once, done by the worker one by one, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.conf import settings
from django.db.models import Count

from groupleader.models import (
    DeskRun,
    DeskRunRow,
    Leader,
    Payout,
    SettlementStatement,
    SupplierAccount,
)
from groupleader.services.issuing import cut_statement
from groupleader.services.payouts import pay_statement
from groupleader.services.periods import period_now
from groupleader.services.split_payouts import open_split_payout
from payments.api import LinliError, each, now, transact

log = structlog.get_logger(__name__)
Kind = DeskRun.Kind
Outcome = DeskRunRow.Outcome
Thing = SettlementStatement | Leader | SupplierAccount
_CHUNK: Final = 500
_RUNS_SHOWN: Final = 5
_COLUMNS: Final[dict[type[Any], str]] = {
    SettlementStatement: "statement",
    Leader: "leader",
    SupplierAccount: "supplier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a run is, in rows."""

    run: DeskRun
    whole: int
    went_well: int
    refused: int

    @property
    def seen(self) -> int:
        """Return how many had their turn."""
        return self.went_well + self.refused

    @property
    def is_over(self) -> bool:
        """Tell whether all had their turn."""
        return self.seen >= self.whole

    @property
    def percent(self) -> int:
        """Return how much of it is done."""
        return 100 * self.seen // self.whole if self.whole else 100


@transact()
def start_run(*, kind: str, things: Sequence[Thing], by: Any) -> DeskRun | None:
    """Write down what somebody wants paid, or whom settled up to now.

    What waits for its turn in a run already is not taken twice. None where nothing is left.
    """
    run = DeskRun.objects.create(kind=kind, asked_by=by, asked_at=now())
    DeskRunRow.objects.bulk_create(
        (DeskRunRow(run=run, **{_COLUMNS[type(thing)]: thing}) for thing in things),
        batch_size=_CHUNK,
        ignore_conflicts=True,
    )
    if not run.rows.exists():
        run.delete()
        return None
    log.info("desk_run.started", run=run.pk, kind=kind, by=by.get_username(), rows=len(things))
    return run


def carry_out_runs(limit: int) -> Counter[str]:
    """Give rows of runs their turn, in the order they were asked for; a job. Network."""
    waiting = DeskRunRow.objects.filter(outcome=Outcome.WAITING).order_by("pk")
    return each(waiting.values_list("pk", flat=True), _take_turn, limit=limit, done="done")


def progress_of(run: DeskRun) -> RunProgress:
    """Count a run; one query."""
    counts = dict(run.rows.order_by().values_list("outcome").annotate(n=Count("pk")))
    return RunProgress(
        run=run,
        whole=sum(counts.values()),
        went_well=counts.get(Outcome.DONE, 0),
        refused=counts.get(Outcome.REFUSED, 0),
    )


def open_runs() -> list[RunProgress]:
    """Return the runs that are not over, the newest first."""
    waiting = DeskRunRow.objects.filter(outcome=Outcome.WAITING).values("run")
    rows = DeskRun.objects.filter(pk__in=waiting).select_related("asked_by")
    return [progress_of(run) for run in rows[:_RUNS_SHOWN]]


def pay_the_usual_way(statement: SettlementStatement, *, by: Any) -> Payout:
    """Pay a statement the way this installation pays. Raises what pay_statement() raises."""
    if settings.LINLI_FUNDS_MODE == "SPLIT":
        return open_split_payout(statement=statement, by=by)
    return pay_statement(statement=statement, by=by)


def _take_turn(key: int) -> str:
    row = DeskRunRow.objects.select_related("run__asked_by", "statement", "leader", "supplier")
    code = _refusal(row.get(pk=key))
    outcome = Outcome.REFUSED if code else Outcome.DONE
    moved = DeskRunRow.objects.filter(pk=key, outcome=Outcome.WAITING).update(
        outcome=outcome, code=code[:60], at=now()
    )
    return str(outcome) if moved else ""


def _refusal(row: DeskRunRow) -> str:
    """Do one; return why not, or nothing. Done before a worker died, it is not done again."""
    run, statement = row.run, row.statement
    try:
        if statement is None:
            period = period_now(run.asked_at)
            cut_statement(party=row.leader or row.supplier, period=period, by=run.asked_by)
        else:
            pay_the_usual_way(statement, by=run.asked_by)
    except LinliError as refusal:
        if statement is not None and _was_started(statement, run):
            return ""
        return refusal.code
    return ""


def _was_started(statement: SettlementStatement, run: DeskRun) -> bool:
    mine = statement.payouts.filter(started_by=run.asked_by, created_at__gte=run.asked_at)
    return mine.exists()
