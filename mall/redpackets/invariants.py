"""What must always be true of red-packet rains, checked against all rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from mall.redpackets.models import RainDraw, RainSession
from mall.redpackets.replay import replay
from mall.vouchers.models import Voucher
from payments.api import CheckResult, now, result_of

Wrong = Iterator[tuple[str, str]]
# The nightly check draws again what fell since; `manage.py check_rain` draws any rain again.
_DAYS: Final = 35


def check() -> list[CheckResult]:
    """Check every rule of red-packet rain (RP)."""
    return [rule() for rule in RULES]


def drawn_as_the_seed_says() -> CheckResult:
    """RP1: every draw of the last weeks is what seed, odds, turns and budget say."""
    recent = RainSession.objects.exclude(state=RainSession.State.DRAFT).filter(
        starts_at__gte=now() - timedelta(days=_DAYS)
    )

    def wrong() -> Wrong:
        for session in recent.order_by("pk"):
            for sentence in replay(session).wrong:
                yield session.code, sentence

    rows = RainDraw.objects.filter(session__in=recent).count()
    return result_of("RP1 rains drawn as their seeds say", rows=rows, wrong=wrong())


def wins_are_vouchers() -> CheckResult:
    """RP2: every packet won is one voucher of hers, worth what was won; none fell elsewhere."""
    wins = RainDraw.objects.filter(outcome=RainDraw.Outcome.WON)
    vouchers = {
        voucher.voucher_no: voucher
        for voucher in Voucher.objects.filter(source=Voucher.Source.RAIN).iterator()
    }

    def wrong() -> Wrong:
        seen = set()
        for draw in wins.order_by("pk").iterator():
            seen.add(draw.voucher_no)
            voucher = vouchers.get(draw.voucher_no)
            due = (draw.resident_id, draw.amount_minor)
            if voucher is None or (voucher.resident_id, voucher.worth_minor) != due:
                yield draw.draw_no, f"won {draw.amount_minor} fen, voucher {draw.voucher_no!r}"
        for voucher_no in sorted(set(vouchers) - seen):
            yield voucher_no, "a red packet that nobody drew"

    return result_of("RP2 packets are vouchers", rows=wins.count(), wrong=wrong())


RULES = (drawn_as_the_seed_says, wins_are_vouchers)
