"""A rain that falls, and people under it."""

from __future__ import annotations

import itertools
from datetime import timedelta

import time_machine

from mall.redpackets.chance import commitment
from mall.redpackets.drawing import Drawer, draw
from mall.redpackets.models import RainDraw, RainPrize, RainSession
from mall.redpackets.sessions import announce
from payments.api import now
from tests.mall.vouchers.batches import make_batch

_numbers = itertools.count(1)
# Half of all draws win: 1 yuan in 4,000 of 10,000, 10 yuan in 1,000.
PRIZES = ((100, 4000), (1000, 1000))
SEED = "11" * 32


def make_draft(*, prizes=PRIZES, **fields) -> RainSession:
    """A session about to be announced, its packets of a batch of their own."""
    batch = make_batch(
        kind="red_packet", threshold_minor=0, discount_minor=20_000, total_stock=1_000_000
    )
    defaults = {
        "code": f"rain-{next(_numbers)}",
        "title": "周三红包雨",
        "starts_at": now() + timedelta(minutes=5),
        "seconds": 600,
        "draws_each": 3,
        "budget_minor": 100_000,
        "batch_code": batch.code,
    }
    session = RainSession.objects.create(**{**defaults, **fields})
    for position, (amount, chances) in enumerate(prizes, 1):
        RainPrize.objects.create(
            session=session, position=position, amount_minor=amount, chances=chances
        )
    return session


def make_rain(*, seed: str = "", prizes=PRIZES, **fields) -> RainSession:
    """A rain that has begun; `seed` (hex) makes every draw of it known."""
    starts_at = fields.pop("starts_at", now() - timedelta(minutes=1))
    with time_machine.travel(starts_at - timedelta(minutes=5), tick=False):
        session = make_draft(prizes=prizes, starts_at=starts_at, **fields)
        if seed:
            RainSession.objects.filter(pk=session.pk).update(
                state="planned", seed=seed, seed_sha256=commitment(seed)
            )
        else:
            announce(session)
    session.refresh_from_db()
    return session


def one_draw(session: RainSession, resident, number: int = 1, *cards: str) -> RainDraw:
    """Let a resident draw."""
    drawer = Drawer(resident_id=resident.pk, fingerprints=cards)
    return draw(session_id=session.pk, drawer=drawer, number=number)
