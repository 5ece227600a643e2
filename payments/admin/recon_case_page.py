"""One difference as a cashier reads it: the bill on the left, our books on the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.recon_links import OUR_ROWS
from payments.admin.related import facts_table, journal_table
from payments.admin.showing import NOTHING, Table, anchor, clock, link_to, table, yuan
from payments.reconciliation.models import BillLine, ReconciliationCase, RecordKind
from payments.reconciliation.selectors import CasePaper
from payments.reconciliation.settling import BANK, LINES

Action = ReconciliationCase.Action
# What each decision writes, in words; the figures follow from the case's surplus.
BOOKS: Final = {
    Action.BELIEVE_BILL: _("Our record becomes what the bill says, with its usual journals."),
    Action.ACCEPT_BILL: _("%(amount)s between clearing (1101) and approved differences (6499)."),
    Action.HANG_UP: _("%(amount)s between clearing (1101) and %(hook)s until it is clear."),
    Action.RETURN_MONEY: _(
        "%(amount)s from money without an order (2901) back to clearing (1101)."
    ),
    Action.FOUND_LATER: _("%(amount)s from missing money (1901) back to clearing (1101)."),
    Action.WRITE_OFF: _("%(amount)s from what hangs to approved differences (6499)."),
    Action.IGNORE_KNOWN: _("Nothing is booked."),
    Action.REVERSE: _("Every journal of the earlier decision, the other way round."),
}


_COMPARED_WITH: Final = {
    LINES: _("compared with the lines of its day"),
    BANK: _("compared with our bank account"),
}
_SILENT: Final = {
    "nothing": _("nothing that could be trusted"),
    "no_row": _("we have no such record to ask about"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One property on both sides."""

    word: str
    bill: Any
    ours: Any
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to end the case, and what it books."""

    value: str
    word: str
    books: str


def case_context(paper: CasePaper, user: Any) -> dict[str, Any]:
    """Return what the page of a case shows, and what this person may do there."""
    case = paper.case
    by = user.get_username()
    may_decide = user.has_perm("reconciliation.decide_reconciliationcase")
    is_proposed = case.state == ReconciliationCase.State.PROPOSED
    return {
        "case": case,
        "paper": paper,
        "rows": _rows(paper),
        "surplus": yuan(abs(case.surplus_minor), case.currency) if case.surplus_minor else "",
        "choices": [_choice(case, value) for value in paper.actions],
        "may_change": user.has_perm("reconciliation.change_reconciliationcase"),
        "may_approve": is_proposed and may_decide and case.proposed_by != by,
        "is_own_proposal": is_proposed and case.proposed_by == by,
        "proposal": _choice(case, case.action) if is_proposed else None,
        "steps": paper.steps,
        "papers": _papers(paper),
        "answer": _answer(case),
    }


def _rows(paper: CasePaper) -> list[Row]:
    case, line = paper.case, paper.line
    own = _own_row(case)
    amounts = (case.bill_amount_minor, case.ours_amount_minor)
    is_two_sided = None not in amounts
    rows = [
        Row(word=gettext("number"), bill=_text(line and line.own_no), ours=_own_link(case, own)),
        Row(
            word=gettext("acquirer's number"),
            bill=_text(line and line.acquirer_no),
            ours=_text(getattr(own, "acquirer_no", "")),
        ),
        Row(
            word=gettext("amount"),
            bill=yuan(case.bill_amount_minor, case.currency),
            ours=yuan(case.ours_amount_minor, case.currency),
            differs=amounts[0] != amounts[1],
        ),
        Row(
            word=gettext("fee"),
            bill=yuan(case.bill_fee_minor, case.currency),
            ours=yuan(case.ours_fee_minor, case.currency),
            differs=is_two_sided and case.bill_fee_minor != case.ours_fee_minor,
        ),
        Row(
            word=gettext("outcome"),
            bill=_outcome(case.bill_outcome),
            ours=_status(own, case),
            differs=case.discrepancy in {"status", "acq_only", "ours_only", "orphan"},
        ),
        Row(word=gettext("at"), bill=clock(line.at) if line else NOTHING, ours=clock(_when(own))),
        Row(
            word=gettext("belongs to"),
            bill=_related(case),
            ours=_text(getattr(own, "reference", "")),
        ),
        Row(word=gettext("line"), bill=_line_link(case, line), ours=""),
        Row(word=gettext("batch"), bill=link_to(paper.batch), ours=""),
    ]
    return [row for row in rows if row.differs or {row.bill, row.ours} - {NOTHING, ""}]


def _related(case: ReconciliationCase) -> str:
    if case.record_kind == RecordKind.SETTLEMENT:
        return str(_COMPARED_WITH.get(case.related_no, case.related_no))
    return _text(case.related_no)


def _text(value: Any) -> str:
    return str(value) if value else NOTHING


def _outcome(word: str) -> str:
    return str(dict(BillLine.Result.choices).get(word, word)) or NOTHING


def _status(own: Any, case: ReconciliationCase) -> str:
    if own is not None and hasattr(own, "get_status_display"):
        return str(own.get_status_display())
    return case.ours_status or NOTHING


def _own_row(case: ReconciliationCase) -> Any:
    known = OUR_ROWS.get(case.record_kind)
    if known is None or not case.own_no:
        return None
    model, column = known
    return model._default_manager.filter(**{column: case.own_no}).first()  # noqa: SLF001


def _own_link(case: ReconciliationCase, own: Any) -> Any:
    if own is not None:
        return link_to(own, case.own_no)
    # A number only the bill has is none of ours.
    return NOTHING if case.line_id is not None else _text(case.own_no)


def _when(own: Any) -> Any:
    return getattr(own, "succeeded_at", None) or getattr(own, "done_at", None)


def _line_link(case: ReconciliationCase, line: BillLine | None) -> Any:
    url = reverse("admin:reconciliation_bill_lines", args=[case.bill_id])
    if line is None:
        return anchor(url, str(case.bill))
    text = gettext("line %(number)d of %(bill)s") % {"number": line.line_no, "bill": case.bill}
    return anchor(f"{url}?{urlencode({'q': line.own_no})}" if line.own_no else url, text)


def _choice(case: ReconciliationCase, value: str) -> Choice:
    action = Action(value)
    hook = gettext("money without an order (2901)")
    if case.surplus_minor < 0:
        hook = gettext("missing money (1901)")
    minor = case.hung_minor or case.surplus_minor
    figures = {"amount": yuan(abs(minor), case.currency), "hook": hook}
    return Choice(value=value, word=str(action.label), books=str(BOOKS[action]) % figures)


def _answer(case: ReconciliationCase) -> str:
    if not case.answer:
        return ""
    said = str(case.answer.get("said", ""))
    said = str(_SILENT.get(said) or _outcome(said))
    amount = case.answer.get("amount_minor")
    return f"{said} {yuan(amount, case.currency)}" if amount is not None else said


def _papers(paper: CasePaper) -> list[Table]:
    related = table(
        _("Other cases of the same number"),
        (_("case"), _("difference"), _("state"), _("acquirer's day")),
        [
            [link_to(one), one.get_discrepancy_display(), one.get_state_display(), str(one.day)]
            for one in paper.related
        ],
    )
    return [
        journal_table([journal.ref for journal in paper.journals]),
        facts_table(paper.facts),
        related,
    ]
