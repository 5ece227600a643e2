"""Why something of an order's lines went back: rows for her page, parts for the facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mall.ordering.backs import Back
from mall.ordering.facts import LinePart
from mall.ordering.models import LineBack
from payments.api import now, part_of_share, spread


def parts_told(backs: Sequence[Back], why: str) -> Iterator[LinePart]:
    """Say per line what she gets back; what she forfeits of other goods is taken off it.

    What is forfeited with a line may be more than what of it is gone was worth: then the others
    bear the rest.
    """
    gone = [back for back in backs if back.value_minor]
    before = [max(0, back.value_minor - back.share_minor) for back in gone]
    payer_minor = sum(back.value_minor - back.share_minor for back in backs)
    for back, minor in zip(gone, spread(payer_minor, before), strict=True):
        yield LinePart(
            line=back.line,
            quantity=back.quantity,
            value_minor=back.value_minor,
            payer_minor=minor,
            why=str((back.why if back.quantity else back.off_why) or why),
        )


def part_of_all(back: Back, why: str) -> LinePart:
    """Say what she gets back of all that is left of a line."""
    return LinePart(
        line=back.line,
        quantity=back.quantity,
        value_minor=back.value_minor,
        payer_minor=back.value_minor - back.share_minor,
        why=str(why),
    )


def write_backs(
    parts: Sequence[LinePart], backs: Sequence[Back], *, key: str, why: str, refund_no: str
) -> None:
    """Keep per line what went back and why: her page and the supplier's figures tell it."""
    by_line = {back.line.pk: back for back in backs}
    at = now()
    LineBack.objects.bulk_create(
        LineBack(line=part.line, key=key, refund_no=refund_no, at=at, **row)
        for part in parts
        for row in _reasons(part, by_line[part.line.pk], why)
    )


def _reasons(part: LinePart, back: Back, why: str) -> Iterator[dict[str, Any]]:
    """Divide what went back of a line by reason: its pieces, and fen off those that stay."""
    reason, off_reason = back.why or why, back.off_why or back.why or why
    off_minor = back.off_minor if back.quantity and reason != off_reason else 0
    if not part.value_minor:
        yield {
            "why": reason,
            "quantity": part.quantity,
            "value_minor": 0,
            "payer_minor": 0,
            "cost_minor": back.cost_minor,
        }
        return
    payer_minor = part_of_share(
        part.payer_minor, done=0, now=part.value_minor - off_minor, whole=part.value_minor
    )
    yield {
        "why": reason if back.quantity else off_reason,
        "quantity": part.quantity,
        "value_minor": part.value_minor - off_minor,
        "payer_minor": payer_minor,
        "cost_minor": back.cost_minor,
    }
    if off_minor:
        yield {
            "why": off_reason,
            "value_minor": off_minor,
            "payer_minor": part.payer_minor - payer_minor,
        }
