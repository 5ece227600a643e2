"""The settlement calendar of a month: what is cut when, who is waited for, what has to be paid."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from groupleader.models import CommissionAccrual, Leader, SettlementPeriod, SettlementStatement
from groupleader.services.periods import last_period
from payments.api import business_date, day_bounds

Status = SettlementStatement.Status
_A_DAY: Final = timedelta(days=1)
_DAYS_A_WEEK: Final = 7
# The tax office wants withheld tax and its declaration by the 15th of the next month, and the
# platform's report about people and income within the month after a quarter.
TAX_DAY: Final = 15
QUARTERS: Final = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something that happens on a day: its kind, words, and where to look."""

    kind: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of the month's sheet and what is due on it."""

    day: date
    is_of_month: bool
    is_today: bool
    due: Sequence[Due]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many statements are where on their way, and their money (fen)."""

    status: str
    word: str
    count: int
    net_minor: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """The next cut of one kind of period: when, how many leaders, how much so far (fen)."""

    kind: str
    word: str
    day: date
    leaders: int
    available_minor: int


STAGES: Final = (
    (Status.ISSUED, gettext_lazy("Wait for the leader")),
    (Status.DISPUTED, gettext_lazy("Disputed")),
    (Status.CONFIRMED, gettext_lazy("To approve")),
    (Status.APPROVED, gettext_lazy("To pay")),
    (Status.PAYING, pgettext_lazy("payout", "On its way")),
    (Status.FAILED, gettext_lazy("Failed")),
)


def stages() -> list[Stage]:
    """Return where unpaid statements of leaders are; one query."""
    rows = SettlementStatement.objects.filter(leader__isnull=False).order_by().values("status")
    found = {row["status"]: row for row in rows.annotate(n=Count("pk"), net=Sum("net_minor"))}
    return [
        Stage(
            status=status.value,
            word=str(word),
            count=found.get(status, {}).get("n", 0),
            net_minor=found.get(status, {}).get("net") or 0,
            url=_list(status__exact=status.value),
        )
        for status, word in STAGES
    ]


def upcoming() -> list[Upcoming]:
    """Return the next cut of each kind of period that some leader has; two queries."""
    available: Counter[str] = Counter()
    rows = CommissionAccrual.objects.filter(status=CommissionAccrual.Status.AVAILABLE)
    sums = rows.order_by().values_list("leader__settlement_period").annotate(Sum("amount_minor"))
    for kind, minor in sums:
        available[kind or settings.LINLI_SETTLEMENT_PERIOD] += minor
    people: Counter[str] = Counter()
    leaders = Leader.objects.exclude(status=Leader.Status.APPLIED).order_by()
    for kind, count in leaders.values_list("settlement_period").annotate(Count("pk")):
        people[kind or settings.LINLI_SETTLEMENT_PERIOD] += count
    words = dict(SettlementPeriod.choices)
    return [
        Upcoming(
            kind=kind,
            word=str(words.get(kind, kind)),
            day=next(cut_days(kind, business_date() + _A_DAY)),
            leaders=count,
            available_minor=available[kind],
        )
        for kind, count in sorted(people.items())
    ]


def month_of(first: date) -> list[CalendarDay]:
    """Return the sheet of a month, whole weeks from Monday on; four queries."""
    start = first - timedelta(days=first.weekday())
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    end = after + timedelta(days=-after.weekday() % _DAYS_A_WEEK)
    due: defaultdict[date, list[Due]] = defaultdict(list)
    for day, one in (
        *_cuts(start, end),
        *_answers(start, end),
        *_paid(start, end),
        *_taxes(start, end),
    ):
        due[day].append(one)
    today = business_date()
    days = [start + timedelta(days=nth) for nth in range((end - start).days)]
    return [
        CalendarDay(
            day=day,
            is_of_month=first <= day < after,
            is_today=day == today,
            due=due.get(day, []),
        )
        for day in days
    ]


def cut_days(kind: str, since: date) -> Iterator[date]:
    """Yield the days on which a kind of period is cut, from a day on; KeyError: no such kind."""
    day = since
    while True:
        if last_period(kind, day_bounds(day)[0]).until == day_bounds(day)[0]:
            yield day
        day += _A_DAY


def _cuts(start: date, end: date) -> Iterator[tuple[date, Due]]:
    """Tell when statements will be cut, for the days that are still to come."""
    today = business_date()
    for one in upcoming():
        text = _("%(kind)s: statements of %(count)d leaders")
        for day in cut_days(one.kind, max(start, today)):
            if day >= end:
                break
            said = text % {"kind": one.word, "count": one.leaders}
            yield day, Due(kind="cut", text=said)


def _answers(start: date, end: date) -> Iterator[tuple[date, Due]]:
    """Tell until when leaders may answer before silence counts as yes."""
    wait = timedelta(days=settings.LINLI_SETTLEMENT_SILENCE_DAYS)
    rows = SettlementStatement.objects.filter(
        status__in=SettlementStatement.ASKED,
        asked_at__gte=day_bounds(start)[0] - wait,
        asked_at__lt=day_bounds(end)[0] - wait,
    )
    counted: Counter[date] = Counter(
        business_date(at + wait) for at in rows.values_list("asked_at", flat=True)
    )
    for day, count in counted.items():
        text = _("Silence counts as yes: %(count)d statements") % {"count": count}
        yield day, Due(kind="answer", text=text, url=_list(status__exact=Status.ISSUED))


def _paid(start: date, end: date) -> Iterator[tuple[date, Due]]:
    """Tell what was paid out on which day."""
    rows = SettlementStatement.objects.filter(
        status=Status.PAID, paid_at__gte=day_bounds(start)[0], paid_at__lt=day_bounds(end)[0]
    )
    sums: Counter[date] = Counter()
    counts: Counter[date] = Counter()
    for at, net in rows.values_list("paid_at", "net_minor"):
        sums[business_date(at)] += net or 0
        counts[business_date(at)] += 1
    for day, count in counts.items():
        words = {"count": count, "amount": f"¥{sums[day] / 100:,.2f}"}
        text = _("Paid: %(count)d statements, %(amount)s") % words
        yield day, Due(kind="paid", text=text, url=_list(status__exact=Status.PAID))


def _taxes(start: date, end: date) -> Iterator[tuple[date, Due]]:
    """Tell what the tax office wants by when."""
    month = start.replace(day=1)
    while month < end:
        day = month.replace(day=TAX_DAY)
        if start <= day < end:
            text = _("Last day to declare and pay the tax withheld last month")
            yield day, Due(kind="tax", text=text)
        following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
        last = following - _A_DAY
        if month.month in QUARTERS and start <= last < end:
            text = _("Last day to report people and income of the quarter that ended")
            yield last, Due(kind="tax", text=text)
        month = following


def _list(**filters: str) -> str:
    page = reverse("admin:groupleader_settlementstatement_changelist")
    return f"{page}?{urlencode(filters)}"
