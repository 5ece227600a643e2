"""Sales that come again by themselves: the next are made some days ahead, each exactly once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from mall.groupbuy.copying import Dates, copy_of
from mall.groupbuy.errors import NotReadyError
from mall.groupbuy.lifecycle import schedule
from mall.groupbuy.models import GroupBuy, SaleSchedule
from mall.groupbuy.recurring import openings
from payments.api import business_date, each, now, transact

log = structlog.get_logger(__name__)
_MOST_AT_ONCE: Final = 20


def next_dates(rhythm: SaleSchedule, *, most: int = 10) -> list[Dates]:
    """Return when the next sales of a schedule open, close and are collected; ValueError."""
    found = openings(rhythm.rule, starts_at=rhythm.starts_at, after=_last_moment(rhythm), most=most)
    return [dates_of(rhythm, opens_at) for opens_at in found]


def dates_of(rhythm: SaleSchedule, opens_at: datetime) -> Dates:
    """Return the dates of the sale that opens at an instant."""
    closes_at = opens_at + timedelta(minutes=rhythm.sells_minutes)
    days = timedelta(days=rhythm.pickup_after_days)
    return Dates(opens_at=opens_at, closes_at=closes_at, pickup_on=business_date(closes_at) + days)


def make_due(limit: int) -> dict[str, int]:
    """Make the sales whose opening is near enough; refused ones stay drafts and say why."""
    counts: Counter[str] = Counter(refused=0)

    def make(pk: int) -> int:
        made = [_make(pk, opens_at) for opens_at in _due(SaleSchedule.objects.get(pk=pk))]
        problems = [problem for problem in made if problem]
        counts["refused"] += len(problems)
        if made:
            _note(pk, " ".join(problems))
        return len(made) - made.count(None)

    rhythms = SaleSchedule.objects.filter(active=True).order_by("pk").values_list("pk", flat=True)
    counts.update(each(rhythms, make, limit=limit, done="made"))
    return dict(counts)


def _due(rhythm: SaleSchedule) -> list[datetime]:
    """Return the openings to make now; none of a rule that cannot be read any more."""
    until = now() + timedelta(days=rhythm.ahead_days)
    try:
        wanted = openings(
            rhythm.rule,
            starts_at=rhythm.starts_at,
            after=_last_moment(rhythm),
            until=until,
            most=_MOST_AT_ONCE,
        )
    except ValueError as wrong:
        _note(rhythm.pk, str(wrong))
        return []
    made = GroupBuy.objects.filter(schedule=rhythm, scheduled_for__in=wanted)
    known = set(made.values_list("scheduled_for", flat=True))
    return [opens_at for opens_at in wanted if opens_at not in known]


@transact()
def _make(rhythm_pk: int, opens_at: datetime) -> str | None:
    """Make one sale; None where somebody has, else what is wrong with it ("": nothing)."""
    rhythm = SaleSchedule.objects.select_for_update(no_key=True).get(pk=rhythm_pk)
    if GroupBuy.objects.filter(schedule=rhythm, scheduled_for=opens_at).exists():
        return None
    copy = copy_of(
        rhythm.template,
        dates=dates_of(rhythm, opens_at),
        schedule=rhythm,
        scheduled_for=opens_at,
    )
    problem = _let_it_wait(copy) if rhythm.schedules_them else ""
    log.info("groupbuy.made", code=copy.code, schedule_id=rhythm_pk, is_ready=not problem)
    return problem


def _let_it_wait(copy: GroupBuy) -> str:
    try:
        with transaction.atomic():
            schedule(group_buy_id=copy.pk)
    except NotReadyError as refusal:
        return str(refusal.user_message)
    return ""


def _note(rhythm_pk: int, problem: str) -> None:
    SaleSchedule.objects.filter(pk=rhythm_pk).update(last_problem=problem[:300])


def _last_moment(rhythm: SaleSchedule) -> datetime:
    """Return the instant before the first opening that may still be made."""
    return max(now(), rhythm.starts_at - timedelta(seconds=1))
