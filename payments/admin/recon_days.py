"""The cashier's day: every statement of it, what adds up, what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.paper import BLUE, GREEN, ORANGE, RED
from payments.admin.showing import clock, yuan
from payments.kernel.clock import business_date
from payments.reconciliation.equation import Side, equation_of
from payments.reconciliation.models import Bill, RecordKind
from payments.reconciliation.selectors import BillRow, day_paper, days, hung_balances

STRIP_DAYS: Final = 14
REFRESH_SECONDS: Final = 4
BILL_COLOURS: Final = {
    "expected": BLUE,
    "not_yet": BLUE,
    "fetched": BLUE,
    "imported": BLUE,
    "empty": BLUE,
    "matched": ORANGE,
    "closed": GREEN,
    "bad": RED,
    "replaced": BLUE,
}
# The runner is at work on these: the page looks again by itself.
_UNDER_WAY: Final = frozenset({"fetched", "imported", "empty"})
_PARTS: Final[tuple[tuple[str, Promise], ...]] = (
    ("matched", _("agreed")),
    ("elsewhere", _("in a bill of another day")),
    ("decided", _("decided")),
    ("hung", _("hung up")),
    ("pooled", _("waiting for the next bills")),
    ("open", _("open cases")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One direction of the equation as a cashier reads it: the whole, and its parts."""

    about: str
    is_ours: bool
    whole: str
    parts: Sequence[tuple[str, str, str]]
    left: str

    @property
    def holds(self) -> bool:
        """Tell whether nothing is left over."""
        return not self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One statement on the page."""

    row: BillRow
    colour: str
    sentences: Sequence[Sentence]
    is_under_way: bool
    cases_url: str

    @property
    def holds(self) -> bool:
        """Tell whether every sentence of it is true."""
        return bool(self.sentences) and all(sentence.holds for sentence in self.sentences)


def day_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Show one of the acquirers' days: yesterday, unless another is asked for."""
    today = business_date()
    day = _asked_day(request) or today - timedelta(days=1)
    paper = day_paper(day)
    cards = [_card(row) for row in paper.bills]
    context = {
        **site.each_context(request),
        "title": gettext("Reconciliation"),
        "day": day,
        "strip": _strip(day, today),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "cards": cards,
        "incidents": paper.incidents,
        "hung": [(code, yuan(minor)) for code, minor in hung_balances().items() if minor],
        "refresh_seconds": REFRESH_SECONDS if any(card.is_under_way for card in cards) else 0,
        "may_change": request.user.has_perm("reconciliation.change_bill"),
    }
    return TemplateResponse(request, "admin/payments/recon_day.html", context)


def day_url(day: date) -> str:
    """Return the address of a day's page."""
    return f"{reverse('admin:reconciliation_day')}?{urlencode({'day': day.isoformat()})}"


def _asked_day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def _strip(day: date, today: date) -> list[dict[str, Any]]:
    """Return the last days with their colour: closed, somebody's work, under way, nothing."""
    known = {row["day"]: row for row in days(count=STRIP_DAYS + 1)}
    return [
        _chip(known.get(one), one, is_chosen=one == day)
        for one in (today - timedelta(days=back) for back in range(STRIP_DAYS, 0, -1))
    ]


def _chip(row: Mapping[str, Any] | None, day: date, *, is_chosen: bool) -> dict[str, Any]:
    state, words = "none", gettext("no bills")
    if row is not None:
        is_closed = row["bills"] == row["closed"]
        state = "open" if row["open"] else "closed" if is_closed else "under-way"
        words = {
            "open": gettext("open cases: %(count)d") % {"count": row["open"]},
            "closed": gettext("closed"),
            "under-way": gettext("not closed yet"),
        }[state]
    return {"day": day, "state": state, "words": words, "is_chosen": is_chosen}


def _card(row: BillRow) -> Card:
    bill = row.bill
    query = urlencode(
        {"day": bill.day.isoformat(), "bill__kind": bill.kind, "account_code": bill.account_code}
    )
    return Card(
        row=row,
        colour=BILL_COLOURS[bill.state],
        sentences=_sentences(bill),
        is_under_way=bill.state in _UNDER_WAY or bool(row.progress.get("left")),
        cases_url=f"{reverse('admin:reconciliation_reconciliationcase_changelist')}?{query}",
    )


def _sentences(bill: Bill) -> list[Sentence]:
    if bill.state not in {Bill.State.MATCHED, Bill.State.CLOSED} or not bill.is_current:
        return []
    equation = equation_of(bill)
    sides = [(kind, False, side) for kind, side in equation.bill.items()]
    sides += [(kind, True, side) for kind, side in equation.ours.items()]
    told = [_sentence(*side) for side in sides if side[2] != Side()]
    return sorted(told, key=lambda sentence: sentence.about)


def _sentence(kind: str, is_ours: bool, side: Side) -> Sentence:  # noqa: FBT001
    parts = [
        (str(word), *_sum(getattr(side, name)))
        for name, word in _PARTS
        if getattr(side, name) != (0, 0)
    ]
    left = "" if side.holds else " · ".join(_sum(side.left))
    return Sentence(
        about=str(RecordKind(kind).label),
        is_ours=is_ours,
        whole=" · ".join(_sum(side.whole)),
        parts=parts,
        left=left,
    )


def _sum(figures: tuple[int, int]) -> tuple[str, str]:
    count, minor = figures
    return yuan(minor), gettext("%(count)d records") % {"count": count}


def when(bill: Bill) -> str:
    """Say in a few words where a statement stands and when that was."""
    at = bill.closed_at or bill.matched_at or bill.imported_at or bill.fetched_at
    return clock(at or bill.next_try_at)
