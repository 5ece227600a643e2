"""The cashier's day: every statement of it, what adds up, what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from payments.admin.paper import BLUE, GREEN, ORANGE, RED
from payments.admin.recon_links import cases_url, day_url
from payments.admin.recon_sentences import Sentence, sentences_of
from payments.admin.showing import yuan
from payments.admin.spreadsheets import spreadsheet
from payments.kernel.clock import business_date, now
from payments.models import Incident
from payments.reconciliation.exporting import (
    CASE_HEADERS,
    EQUATION_HEADERS,
    case_rows,
    equation_rows,
)
from payments.reconciliation.models import Bill
from payments.reconciliation.selectors import BillRow, day_paper, days, hung_balances

__all__ = ["BILL_COLOURS", "day_page", "day_url"]

FORMS: Final = ("csv", "xlsx")
STRIP_DAYS: Final = 14
REFRESH_SECONDS: Final = 4
# Counting a bigger statement anew takes seconds: only at a person's wish.
LIVE_LINES_MAX: Final = 200_000
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
_COMPARED: Final = frozenset({"matched", "closed"})
_ALARMS: Final = (Incident.Kind.NO_BILL, Incident.Kind.BAD_BILL, Incident.Kind.BILL_REISSUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One statement on the page."""

    row: BillRow
    colour: str
    sentences: Sequence[Sentence]
    receivers: Sequence[Sentence]
    is_under_way: bool
    is_too_big: bool
    links: Mapping[str, str]

    @property
    def is_compared(self) -> bool:
        """Tell whether there is an equation to show."""
        return self.row.bill.state in _COMPARED

    @property
    def waiting(self) -> int:
        """How many cases wait for a person; what the acquirer is asked about waits for nobody."""
        return self.row.open - self.row.found

    @property
    def may_close(self) -> bool:
        """Tell whether a person may close it: compared, and nothing waits for anybody."""
        is_waited_for = self.row.open or self.row.pooled
        return self.row.bill.state == Bill.State.MATCHED and not is_waited_for

    @property
    def is_quiet(self) -> bool:
        """Tell whether it is closed, and nothing was in it."""
        return self.row.bill.state == Bill.State.CLOSED and not self.sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The day in one sentence: what a cashier reads first."""

    colour: str
    words: str
    url: str = ""


def day_page(request: HttpRequest, *, site: Any) -> Any:
    """Show one of the acquirers' days: yesterday, unless another is asked for."""
    today = business_date()
    day = _asked_day(request) or today - timedelta(days=1)
    form = request.GET.get("export", "")
    if form in FORMS:
        return _export(form, day)
    paper = day_paper(day)
    wanted = request.GET.get("equation", "")
    cards = sorted((_card(row, wanted) for row in _shown(paper.bills)), key=_urgency)
    context = {
        **site.each_context(request),
        "title": gettext("Reconciliation"),
        "day": day,
        "strip": _strip(day, today),
        "before": day - timedelta(days=1) if day > date.min else None,
        "after": day + timedelta(days=1) if day < today else None,
        "is_over": day < today,
        "verdict": _verdict(cards, day),
        "cards": [card for card in cards if not card.is_quiet],
        "quiet": [card for card in cards if card.is_quiet],
        "incidents": paper.incidents,
        "hung": [(code, yuan(minor)) for code, minor in hung_balances().items() if minor],
        "refresh_seconds": REFRESH_SECONDS if _is_any_under_way(cards) else 0,
        "may_change": request.user.has_perm("reconciliation.change_bill"),
    }
    return TemplateResponse(request, "admin/payments/recon_day.html", context)


def _export(form: str, day: date) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """Give the day as a table: the equations first, then its cases."""
    cases = chain([[], [str(header) for header in CASE_HEADERS]], case_rows(day))
    return spreadsheet(
        form,
        name=f"reconciliation-{day:%Y%m%d}",
        headers=[str(header) for header in EQUATION_HEADERS],
        rows=chain(equation_rows(day), cases),
    )


def _asked_day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def _shown(rows: Sequence[BillRow]) -> list[BillRow]:
    """Leave bad versions out once a later one could be read."""
    read = {
        (row.bill.account_code, row.bill.merchant, row.bill.kind)
        for row in rows
        if row.bill.is_current
    }
    return [
        row
        for row in rows
        if row.bill.state != Bill.State.BAD
        or (row.bill.account_code, row.bill.merchant, row.bill.kind) not in read
    ]


def _verdict(cards: Sequence[Card], day: date) -> Verdict | None:
    """Say the day in one sentence; None where nothing is expected of it."""
    waiting = sum(card.waiting for card in cards)
    if waiting:
        text = ngettext(
            "%(count)d case waits for somebody", "%(count)d cases wait for somebody", waiting
        )
        url = cases_url(day_from=str(day), day_to=str(day), waiting="1")
        return Verdict(colour=RED, words=text % {"count": waiting}, url=url)
    states = {card.row.bill.state for card in cards}
    told = (
        (Bill.State.BAD in states, RED, _("A bill is not what it says it is.")),
        (_is_any_under_way(cards), BLUE, _("Being worked on. Nobody has to do anything.")),
        (states & {*Bill.WANTED}, ORANGE, _("Not all bills of this day are here yet.")),
        (states == {Bill.State.CLOSED}, GREEN, _("All bills of this day are closed.")),
        (any(card.row.pooled for card in cards), ORANGE, _("Waiting for the next days' bills.")),
        (cards, ORANGE, _("Everything is compared; not closed yet.")),
    )
    return next(
        (Verdict(colour=colour, words=str(words)) for is_so, colour, words in told if is_so), None
    )


def _urgency(card: Card) -> tuple[Any, ...]:
    """Work first, then as money goes: taken, settled, shared, paid out."""
    bill = card.row.bill
    is_work = bool(card.waiting) or bill.state == Bill.State.BAD
    return not is_work, bill.account_code, list(Bill.Kind.values).index(bill.kind), -bill.version


def _is_any_under_way(cards: Sequence[Card]) -> bool:
    return any(card.is_under_way for card in cards)


def _strip(day: date, today: date) -> list[dict[str, Any]]:
    """Return the last days with their colour: closed, somebody's work, under way, nothing."""
    known = {row["day"]: row for row in days(count=STRIP_DAYS + 1)}
    alarms = _alarmed_days()
    return [
        _chip(known.get(one), one, is_chosen=one == day, is_alarmed=str(one) in alarms)
        for one in (today - timedelta(days=back) for back in range(STRIP_DAYS, 0, -1))
    ]


def _alarmed_days() -> set[str]:
    """Days about whose bills somebody was called and has not settled it yet."""
    rows = Incident.objects.filter(kind__in=_ALARMS, resolved_at__isnull=True)
    keys = rows.order_by("-pk").values_list("key", flat=True)[:200]
    return {part for key in keys for part in key.split(":") if part.count("-") == 2}


def _chip(
    row: Mapping[str, Any] | None, day: date, *, is_chosen: bool, is_alarmed: bool
) -> dict[str, Any]:
    state, words = "none", gettext("no bills")
    if row is not None:
        is_closed = row["bills"] == row["closed"]
        state = "closed" if is_closed else "under-way"
        words = pgettext("bill", "closed") if is_closed else gettext("not closed yet")
    if row is not None and row["open"]:
        state, words = "open", gettext("open cases: %(count)d") % {"count": row["open"]}
    elif is_alarmed:
        state, words = "open", gettext("something is wrong with a bill")
    return {"day": day, "state": state, "words": words, "is_chosen": is_chosen}


def _card(row: BillRow, wanted: str) -> Card:
    bill = row.bill
    is_too_big = (
        bill.state == Bill.State.MATCHED
        and bill.line_count > LIVE_LINES_MAX
        and wanted != str(bill.pk)
    )
    sentences = [] if is_too_big else sentences_of(bill)
    return Card(
        row=row,
        colour=BILL_COLOURS[bill.state],
        sentences=[one for one in sentences if not one.receiver],
        receivers=[one for one in sentences if one.receiver],
        is_under_way=_is_under_way(row),
        is_too_big=is_too_big,
        links=_links(bill),
    )


def _is_under_way(row: BillRow) -> bool:
    bill = row.bill
    is_due = bill.next_try_at is not None and bill.next_try_at <= now()
    return bill.state in _UNDER_WAY or bool(row.progress.get("left")) or is_due


def _links(bill: Bill) -> dict[str, str]:
    """Return the lists of a statement's cases, by what is asked."""
    day = bill.day.isoformat()
    common = {
        "day_from": day,
        "day_to": day,
        "bill__kind__exact": bill.kind,
        "account_code": bill.account_code,
    }
    asked = {
        "waiting": {"waiting": "1"},
        "found": {"state__exact": "found"},
        "pooled": {"state__exact": "pooled"},
        "hung": {"state__exact": "hung"},
        "closed": {"state__exact": "closed"},
    }
    return {name: cases_url(**common, **more) for name, more in asked.items()}
