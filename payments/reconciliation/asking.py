"""Before anything is called a difference: the acquirer is asked, and its bill has the last word.

A question's answer goes through the one way in, as always. Where it brings no clear answer, what
the bill says happened is believed (#26, and #18 for what we had closed); where the answer and the
bill contradict each other, a person decides.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import Any, Final

from django.db.models import F, Q

from payments.acquiring.contract import AcquirerError, Outcome
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import ChannelFact
from payments.reconciliation.matching import match_bill
from payments.reconciliation.models import Bill, Discrepancy, ReconciliationCase, RecordKind
from payments.reconciliation.pool import pool_or_open
from payments.reconciliation.questions import Answer, Question, question_about, statement_of
from payments.reconciliation.rules import ASKS_MAX, asks_per_minute
from payments.services.evidence import own_number
from payments.services.facts import apply_channel_fact

logger = logging.getLogger(__name__)

State = ReconciliationCase.State

_AGAIN_AFTER: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_CLEAR_NO: Final = frozenset(
    {Outcome.FAILED, Outcome.CLOSED, Outcome.ABNORMAL, Outcome.NOT_FOUND, Outcome.SUCCEEDED}
)


def ask_about_differences(limit: int = 60) -> dict[str, int]:
    """Ask about differences that are due, then compare again where all was asked. Network.

    Bounded by `limit` and, over all processes, by so many questions per account and minute.
    """
    refuse_inside_transaction()
    counts: Counter[str] = Counter()
    for case_no in _due(limit):
        counts[_ask(case_no)] += 1
    counts["compared_again"] = sum(_compare_again(pk) for pk in _asked_out())
    return dict(counts)


def ask_again(case_no: str, *, by: str = "") -> ReconciliationCase:
    """Ask about one case now, at a person's wish, and compare again. Network.

    Not inside a transaction. A case that agrees now is closed by itself.
    """
    refuse_inside_transaction()
    rows = ReconciliationCase.objects.filter(case_no=case_no)
    rows.update(next_ask_at=now())
    logger.info("case.asked_again case=%s by=%s", case_no, by)
    _ask(case_no)
    case = rows.get()
    rows.update(next_ask_at=None)
    match_bill(case.bill_id)
    case.refresh_from_db()
    if case.state == State.FOUND:
        pool_or_open(case)
    return case


def _due(limit: int) -> list[str]:
    due = ReconciliationCase.objects.filter(next_ask_at__lte=now()).order_by("next_ask_at")
    chosen: list[str] = []
    left: dict[str, int] = {}
    for case_no, code in due.values_list("case_no", "account_code")[:limit]:
        if code not in left:
            left[code] = asks_per_minute() - _asked_lately(code)
        if left[code] > 0:
            left[code] -= 1
            chosen.append(case_no)
    return chosen


def _asked_lately(account_code: str) -> int:
    since = now() - timedelta(minutes=1)
    return ReconciliationCase.objects.filter(
        account_code=account_code, asked_at__gte=since, asked_at__isnull=False
    ).count()


def _ask(case_no: str) -> str:
    case = ReconciliationCase.objects.select_related("bill__account", "line").get(case_no=case_no)
    if not _claim(case):
        return "skipped"
    question = question_about(case.record_kind, case.own_no) if case.own_no else None
    if question is None:
        _note(case, {"said": "no_row"}, is_clear=True)
        return "no_row"
    answer = _answer(question)
    if answer is not None:
        apply_channel_fact(source=ChannelFact.Source.QUERY, account=question.account, result=answer)
    outcome = Outcome.UNKNOWN if answer is None else answer.outcome
    is_last = case.asks >= ASKS_MAX
    if _is_for_the_bill(case, outcome, is_last=is_last):
        believe_line(case, question)
    _note(case, _noted(answer), is_clear=is_last or outcome != Outcome.UNKNOWN)
    return str(outcome)


@transact()
def _claim(case: ReconciliationCase) -> bool:
    rows = ReconciliationCase.objects.filter(pk=case.pk, next_ask_at__lte=now())
    wait = _AGAIN_AFTER[min(case.asks, len(_AGAIN_AFTER) - 1)]
    claimed = rows.update(asked_at=now(), asks=F("asks") + 1, next_ask_at=now() + wait) == 1
    case.refresh_from_db(fields=["asks"])
    return claimed


def _answer(question: Question) -> Answer | None:
    try:
        answer = question.ask()
    except AcquirerError as error:
        logger.warning("case.unanswered number=%s reason=%s", question.number, type(error).__name__)
        return None
    if own_number(answer) != question.number or answer.outcome == Outcome.UNKNOWN:
        return None
    return answer


def _is_for_the_bill(case: ReconciliationCase, outcome: Outcome, *, is_last: bool) -> bool:
    """Tell whether the bill decides: the acquirer says nothing clear, and the money agrees."""
    if case.line is None or case.line.outcome != Outcome.SUCCEEDED:
        return False
    if case.discrepancy == Discrepancy.DUP:
        return case.record_kind == RecordKind.PAY
    if case.discrepancy not in {Discrepancy.ACQ_ONLY, Discrepancy.STATUS}:
        return False
    agrees = case.bill_amount_minor == case.ours_amount_minor
    is_silent = outcome == Outcome.UNKNOWN
    return agrees and (is_last if is_silent else outcome not in _CLEAR_NO)


def believe_line(case: ReconciliationCase, question: Question) -> ChannelFact | None:
    """Let payments hear what the bill says of a record.

    None for kinds that only answers move, and for a line of a bill that counts no more.
    """
    is_true = case.line is not None and case.line.bill.is_current
    said = statement_of(case.line, question.account) if case.line and is_true else None
    if said is None:
        return None
    return apply_channel_fact(source=ChannelFact.Source.BILL, account=question.account, result=said)


def _noted(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"said": "nothing", "at": now().isoformat()}
    amount = getattr(answer, "amount", None)
    return {
        "said": str(answer.outcome),
        "amount_minor": amount.minor if amount else None,
        "at": now().isoformat(),
    }


def _note(case: ReconciliationCase, answer: dict[str, Any], *, is_clear: bool) -> None:
    changes: dict[str, Any] = {"answer": answer}
    if is_clear:
        changes["next_ask_at"] = None
    ReconciliationCase.objects.filter(pk=case.pk).update(**changes)


def _asked_out() -> list[int]:
    """Statements with differences that were asked about, and none that is due."""
    asked = ReconciliationCase.objects.filter(state=State.FOUND, next_ask_at__isnull=True)
    waiting = ReconciliationCase.objects.filter(state=State.FOUND, next_ask_at__lte=now())
    bills = set(asked.values_list("bill_id", flat=True).distinct())
    return sorted(bills - set(waiting.values_list("bill_id", flat=True).distinct()))


def _compare_again(bill_id: int) -> bool:
    bill = match_bill(bill_id)
    if bill.lease_until is not None:
        return False
    left = ReconciliationCase.objects.select_related("bill").filter(
        Q(bill_id=bill_id), state=State.FOUND, next_ask_at__isnull=True
    )
    for case in left.iterator(chunk_size=500):
        pool_or_open(case)
    return True


def asking_progress(bill: Bill) -> dict[str, int]:
    """Return how far the questions about a statement's differences are: found, asked, left."""
    cases = ReconciliationCase.objects.filter(bill=bill)
    found = cases.exclude(asked_at=None, next_ask_at=None).count()
    left = cases.filter(next_ask_at__isnull=False).count()
    return {"found": found, "asked": found - left, "left": left}
