"""How a line's commission base came about: the price, what came off it, and who paid for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.ordering.models import LineDiscount, LineFulfilment
from payments.api import Funder


@dataclass(frozen=True, slots=True, kw_only=True)
class CameOff:
    """One discount's part on a line: its name, who pays for it, how much (fen).

    What a bank or an authority pays does not lower the base: it is their money, not a lower price.
    """

    name: str
    funder: str
    minor: int
    lowers_base: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMoney:
    """One line as it was ordered (fen), and how long its order's after-sales window goes on."""

    quantity: int
    unit_minor: int
    value_minor: int
    off: Sequence[CameOff]
    collected_at: datetime | None
    window_ends_at: datetime | None
    has_open_case: bool

    @property
    def base_minor(self) -> int:
        """Return the value after what lowers the base."""
        return self.value_minor - sum(one.minor for one in self.off if one.lowers_base)


def line_money(line_ids: Sequence[str]) -> dict[str, LineMoney]:
    """Return what is known of each line by its number; unknown ones are left out. Two queries."""
    pks = [int(line_id) for line_id in line_ids if line_id.isascii() and line_id.isdigit()]
    off: defaultdict[int, list[CameOff]] = defaultdict(list)
    parts = LineDiscount.objects.filter(line__in=pks).select_related("discount").order_by("pk")
    for part in parts:
        off[part.line_id].append(
            CameOff(
                name=part.discount.name,
                funder=str(part.get_funder_display()),
                minor=part.minor,
                lowers_base=part.funder not in {Funder.BANK, Funder.GOVERNMENT},
            )
        )
    lines = LineFulfilment.objects.filter(pk__in=pks).select_related("order")
    return {
        str(line.pk): LineMoney(
            quantity=line.quantity,
            unit_minor=line.unit_minor,
            value_minor=line.value_minor,
            off=off[line.pk],
            collected_at=line.order.collected_at,
            window_ends_at=line.order.window_ends_at,
            has_open_case=line.order.window_held,
        )
        for line in lines
    }
