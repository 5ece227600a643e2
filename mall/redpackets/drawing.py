"""A draw: decided here and nowhere else, within the budget, a person's turns and the odds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from mall.redpackets.chance import person_of, prize_at, roll
from mall.redpackets.errors import CardNeededError, NoDrawsLeftError, RainNotOnError
from mall.redpackets.models import RainDraw, RainPrize, RainSession, RainTurn
from mall.vouchers.granting import grant
from payments.api import new_number, now, transact

State = RainSession.State
Outcome = RainDraw.Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """Who draws: a resident, and the fingerprints of the cards she has tied."""

    resident_id: int
    fingerprints: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """Return what her own draws are counted under."""
        return f"resident:{self.resident_id}"

    @property
    def cards(self) -> list[str]:
        """Return what draws of her cards are counted under, whoever tied them."""
        return sorted({f"card:{fingerprint}" for fingerprint in self.fingerprints})


@transact()
def draw(*, session_id: int, drawer: Drawer, number: int) -> RainDraw:
    """Make a resident's how manieth draw of a rain; the same number again returns the first.

    RainNotOnError before, after and once stopped; CardNeededError; NoDrawsLeftError.
    """
    session = RainSession.objects.get(pk=session_id)
    before = _drawn(session, drawer, number)
    if before is not None:
        return before
    _require_on(session)
    if session.needs_card and not drawer.fingerprints:
        raise CardNeededError
    if not 1 <= number <= session.draws_each:
        raise NoDrawsLeftError
    draw_no = new_number("R")
    if not _take_turn(session, drawer.subject, number, draw_no=draw_no):
        # The same click, a moment earlier.
        return RainDraw.objects.get(session=session, resident_id=drawer.resident_id, number=number)
    for card in drawer.cards:
        _take_any_turn(session, card, draw_no=draw_no)
    return _decide(session, drawer, number, draw_no=draw_no)


def _drawn(session: RainSession, drawer: Drawer, number: int) -> RainDraw | None:
    return RainDraw.objects.filter(
        session=session, resident_id=drawer.resident_id, number=number
    ).first()


def _require_on(session: RainSession) -> None:
    if session.state != State.PLANNED or not session.starts_at <= now() < session.ends_at:
        raise RainNotOnError(state=session.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """What became of a packet that fell, and what the rain had given by then (fen)."""

    outcome: str = Outcome.NOTHING
    won_minor: int = 0
    given_minor: int | None = None
    voucher_no: str = ""


def _decide(session: RainSession, drawer: Drawer, number: int, *, draw_no: str) -> RainDraw:
    """Roll, take the prize out of the budget if there is room, make it a voucher, write it down."""
    person = person_of(session.code, drawer.resident_id)
    rolled = roll(secret=session.seed, session_code=session.code, person=person, number=number)
    prizes = list(session.prizes.order_by("position"))
    index = prize_at(prizes, rolled)
    prize = None if index is None else prizes[index]
    fate = _Fate() if prize is None else _give(session, drawer, prize, draw_no=draw_no)
    return RainDraw.objects.create(
        draw_no=draw_no,
        session=session,
        resident_id=drawer.resident_id,
        person=person,
        number=number,
        roll=rolled,
        prize=prize,
        outcome=fate.outcome,
        amount_minor=fate.won_minor,
        spent_minor=fate.given_minor,
        voucher_no=fate.voucher_no,
        at=now(),
    )


def _give(session: RainSession, drawer: Drawer, prize: RainPrize, *, draw_no: str) -> _Fate:
    is_given = _take_budget(session.pk, prize.amount_minor)
    given = RainSession.objects.values_list("spent_minor", flat=True).get(pk=session.pk)
    if not is_given:
        return _Fate(outcome=Outcome.EMPTY, given_minor=given)
    voucher_no = grant(
        batch_code=session.batch_code,
        resident_id=drawer.resident_id,
        key=f"rain:{draw_no}",
        denomination_minor=prize.amount_minor,
    )
    return _Fate(
        outcome=Outcome.WON,
        won_minor=prize.amount_minor,
        given_minor=given,
        voucher_no=voucher_no,
    )


def _take_budget(session_id: int, amount_minor: int) -> bool:
    """Take a prize (fen) out of the budget by one conditional update; RainNotOnError if stopped."""
    sessions = RainSession.objects.filter(pk=session_id, state=State.PLANNED)
    room = sessions.filter(budget_minor__gte=F("spent_minor") + amount_minor)
    if room.update(spent_minor=F("spent_minor") + amount_minor):
        return True
    if not sessions.exists():
        raise RainNotOnError(state=State.STOPPED)
    return False


def _take_turn(session: RainSession, subject: str, number: int, *, draw_no: str) -> bool:
    """Take one turn by inserting it; say whether it was free.

    A turn being taken by a transaction still open makes the insert wait for its end.
    """
    turn = RainTurn(
        session=session, subject=subject, number=number, most=session.draws_each, draw_no=draw_no
    )
    RainTurn.objects.bulk_create([turn], ignore_conflicts=True)
    return RainTurn.objects.filter(
        session=session, subject=subject, number=number, draw_no=draw_no
    ).exists()


def _take_any_turn(session: RainSession, subject: str, *, draw_no: str) -> None:
    taken = _taken(session, subject)
    while len(taken) < session.draws_each:
        number = next(n for n in range(1, session.draws_each + 1) if n not in taken)
        if _take_turn(session, subject, number, draw_no=draw_no):
            return
        taken = _taken(session, subject)
    raise NoDrawsLeftError


def _taken(session: RainSession, subject: str) -> set[int]:
    turns: Iterable[int] = RainTurn.objects.filter(session=session, subject=subject).values_list(
        "number", flat=True
    )
    return set(turns)
