"""What pages show of rains: when, with which odds, what she drew, and what fell altogether."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncMinute
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from mall.promotions.wording import yuan
from mall.redpackets.drawing import Drawer
from mall.redpackets.models import RainDraw, RainSession, RainTurn
from mall.redpackets.models.sessions import WHOLE
from payments.api import now

State = RainSession.State
Outcome = RainDraw.Outcome
# How long before it begins a rain is spoken of on other pages.
_ANNOUNCED_BEFORE: Final = timedelta(hours=24)
_MINUTES_SHOWN: Final = 60


class Phase(StrEnum):
    """Where a rain is by the clock and by its state."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """A prize (fen; nothing is zero) and in how many of 10,000 draws it falls."""

    amount_minor: int
    chances: int

    @property
    def percent(self) -> str:
        """Return the chances as a percentage, exactly: 12.5, 0.01."""
        return f"{self.chances / (WHOLE / 100):.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a resident did in a rain: her draws, and whether she has more."""

    draws: tuple[RainDraw, ...] = ()
    left: int = 0
    # the number a form sends for her next draw
    next_number: int = 0

    @property
    def won_minor(self) -> int:
        """Return what she won (fen)."""
        return sum(draw.amount_minor for draw in self.draws)


@dataclass(frozen=True, slots=True, kw_only=True)
class RainNote:
    """One line about a rain for another page."""

    title: str
    text: str
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A rain as staff watch it; amounts in fen."""

    draws: int
    persons: int
    wins: int
    empty: int
    given_minor: int
    left_minor: int
    by_prize: tuple[tuple[Odds, int], ...]
    by_minute: tuple[tuple[datetime, int, int], ...]


def phase_of(session: RainSession, at: datetime | None = None) -> Phase:
    """Tell whether a rain is still to come, falls, or is over."""
    at = at or now()
    if session.is_closed or at >= session.ends_at:
        return Phase.AFTER
    return Phase.DURING if at >= session.starts_at else Phase.BEFORE


def shown_sessions(limit: int = 20) -> list[RainSession]:
    """Return the rains residents may know of, the newest first."""
    shown = RainSession.objects.exclude(state=State.DRAFT).prefetch_related("prizes")
    return list(shown.order_by("-starts_at")[:limit])


def shown_session(code: str) -> RainSession:
    """Return a rain residents may know of; RainSession.DoesNotExist."""
    return RainSession.objects.exclude(state=State.DRAFT).get(code=code)


def odds_of(session: RainSession) -> list[Odds]:
    """Return every prize with its chances, the largest first, and nothing last."""
    prizes = [
        Odds(amount_minor=prize.amount_minor, chances=prize.chances)
        for prize in session.prizes.all()
    ]
    nothing = Odds(amount_minor=0, chances=WHOLE - sum(prize.chances for prize in prizes))
    return [*sorted(prizes, key=lambda each: -each.amount_minor), nothing]


def share_of(session: RainSession, drawer: Drawer | None) -> Share:
    """Return what a resident drew and how many draws she has left; two queries."""
    if drawer is None:
        return Share()
    draws = tuple(
        RainDraw.objects.filter(session=session, resident_id=drawer.resident_id).order_by("number")
    )
    subjects = [drawer.subject, *drawer.cards]
    taken = RainTurn.objects.filter(session=session, subject__in=subjects)
    counts = dict(taken.order_by().values_list("subject").annotate(n=Count("pk")))
    left = session.draws_each - max(counts.values(), default=0)
    drawn = {draw.number for draw in draws}
    number = next(n for n in range(1, len(drawn) + 2) if n not in drawn)
    return Share(draws=draws, left=max(0, left), next_number=number)


def rain_to_announce(at: datetime | None = None) -> RainNote | None:
    """Return the rain that falls now or begins within a day, for the home page. One query."""
    at = at or now()
    near = RainSession.objects.filter(
        state=State.PLANNED, starts_at__lte=at + _ANNOUNCED_BEFORE
    ).order_by("starts_at")
    session = next((each for each in near if each.ends_at > at), None)
    if session is None:
        return None
    is_on = at >= session.starts_at
    text = _("Now, until %(time)s") if is_on else _("Begins at %(time)s")
    moment = session.ends_at if is_on else session.starts_at
    return RainNote(
        title=session.title,
        text=text % {"time": clock_text(moment)},
        url=reverse("storefront:rain", args=[session.code]),
        is_on=is_on,
    )


def clock_text(at: datetime) -> str:
    """Write a moment as people say it: the day and the time of the Shanghai clock."""
    here = localtime(at)
    return f"{date_format(here, 'MONTH_DAY_FORMAT')} {here:%H:%M}"


def prize_text(amount_minor: int) -> str:
    """Write a prize as people say it."""
    return yuan(amount_minor) if amount_minor else _("Nothing")


def fallen(session: RainSession) -> list[tuple[Odds, int]]:
    """Count how often each prize was won, and how often nothing."""
    draws = RainDraw.objects.filter(session=session).order_by()
    won = draws.filter(outcome=Outcome.WON)
    fell = Counter(dict(won.values_list("amount_minor").annotate(n=Count("pk"))))
    fell[0] = draws.count() - fell.total()
    return [(odds, fell[odds.amount_minor]) for odds in odds_of(session)]


def figures_of(session: RainSession) -> Figures:
    """Count a rain for those who watch it."""
    draws = RainDraw.objects.filter(session=session).order_by()
    won = Q(outcome=Outcome.WON)
    sums = draws.aggregate(
        draws=Count("pk"),
        persons=Count("resident", distinct=True),
        wins=Count("pk", filter=won),
        empty=Count("pk", filter=Q(outcome=Outcome.EMPTY)),
    )
    return Figures(
        **sums,
        given_minor=session.spent_minor,
        left_minor=session.budget_minor - session.spent_minor,
        by_prize=tuple(fallen(session)),
        by_minute=_by_minute(session),
    )


def _by_minute(session: RainSession) -> tuple[tuple[datetime, int, int], ...]:
    """Return minute, draws, packets of the last hour there was anything."""
    draws = RainDraw.objects.filter(session=session).order_by()
    last = draws.aggregate(last=Max("at"))["last"]
    if last is None:
        return ()
    rows: Sequence[tuple[datetime, int, int]] = list(
        draws.filter(at__gt=last - timedelta(minutes=_MINUTES_SHOWN))
        .annotate(minute=TruncMinute("at"))
        .values_list("minute")
        .annotate(n=Count("pk"), wins=Count("pk", filter=Q(outcome=Outcome.WON)))
        .order_by("minute")
    )
    return tuple(rows)
