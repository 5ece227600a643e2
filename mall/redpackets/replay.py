"""A rain drawn again from its seed: every roll, every prize, every turn, and the budget."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db.models import F

from mall.redpackets.chance import commitment, person_of, prize_at, roll
from mall.redpackets.models import RainDraw, RainSession, RainTurn

Outcome = RainDraw.Outcome
COLUMNS: Final = (
    "draw_no",
    "at",
    "person",
    "number",
    "roll",
    "prize_fen",
    "outcome",
    "won_fen",
    "given_by_then_fen",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What drawing a rain again found."""

    draws: int
    wins: int
    spent_minor: int
    wrong: tuple[str, ...]


class _Writer(Protocol):
    """What a file or a response can do."""

    def write(self, text: str, /) -> Any:
        """Take a text."""


def replay(session: RainSession) -> Replay:
    """Draw every draw of a rain again and compare; nothing is changed.

    Sound only while nobody draws: inside one_moment(), or once the rain is over.
    """
    draws = list(session.draws.select_related("prize").order_by("pk"))
    wins = [draw for draw in draws if draw.outcome == Outcome.WON]
    wrong = [*_seed(session), *_rolls(session, draws), *_budget(session, draws)]
    wrong += _turns(session)
    return Replay(
        draws=len(draws),
        wins=len(wins),
        spent_minor=sum(draw.amount_minor for draw in wins),
        wrong=tuple(wrong),
    )


def write_record(session: RainSession, file: _Writer) -> None:
    """Write every draw as a line of a table, by the names residents have in this record.

    Neither resident nor voucher is in it: it is published.
    """
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for draw in session.draws.select_related("prize").order_by("pk").iterator():
        writer.writerow(
            [
                draw.draw_no,
                draw.at.isoformat(),
                draw.person,
                draw.number,
                draw.roll,
                draw.prize.amount_minor if draw.prize else 0,
                draw.outcome,
                draw.amount_minor,
                "" if draw.spent_minor is None else draw.spent_minor,
            ]
        )


def _seed(session: RainSession) -> Iterator[str]:
    if session.seed and commitment(session.seed) != session.seed_sha256:
        yield "the seed is not the one that was announced"


def _rolls(session: RainSession, draws: list[RainDraw]) -> Iterator[str]:
    prizes = list(session.prizes.order_by("position"))
    for draw in draws:
        person = person_of(session.code, draw.resident_id)
        rolled = roll(
            secret=session.seed, session_code=session.code, person=person, number=draw.number
        )
        index = prize_at(prizes, rolled)
        due = None if index is None else prizes[index].pk
        if (draw.person, draw.roll, draw.prize_id) != (person, rolled, due):
            yield f"{draw.draw_no}: rolled {draw.roll}, the seed says {rolled}"
        elif draw.outcome == Outcome.WON and draw.amount_minor != prizes[index or 0].amount_minor:
            yield f"{draw.draw_no}: won {draw.amount_minor} fen, not what fell"


def _budget(session: RainSession, draws: list[RainDraw]) -> Iterator[str]:
    """Replay what was given in the order it left the budget."""
    given = 0
    wins = [draw for draw in draws if draw.outcome == Outcome.WON]
    for draw in sorted(wins, key=lambda draw: draw.spent_minor or 0):
        given += draw.amount_minor
        if draw.spent_minor != given:
            yield f"{draw.draw_no}: {draw.spent_minor} fen given by then, not {given}"
    if given != session.spent_minor or given > session.budget_minor:
        yield f"{session.spent_minor} fen counted, {given} won, of {session.budget_minor}"
    for draw in draws:
        if draw.outcome != Outcome.EMPTY or draw.prize is None:
            continue
        if (draw.spent_minor or 0) + draw.prize.amount_minor <= session.budget_minor:
            yield f"{draw.draw_no}: there was room for {draw.prize.amount_minor} fen"


def _turns(session: RainSession) -> Iterator[str]:
    own = RainTurn.objects.filter(session=session, subject__startswith="resident:")
    drawn = {
        (f"resident:{resident}", number)
        for resident, number in session.draws.values_list("resident_id", "number")
    }
    taken = set(own.values_list("subject", "number"))
    for subject, number in sorted(drawn ^ taken):
        yield f"{subject}: turn {number} without its draw, or a draw without its turn"
    for turn in RainTurn.objects.filter(session=session, number__gt=F("most")):
        yield f"{turn.subject}: turn {turn.number} of {turn.most}"
