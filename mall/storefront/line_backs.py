"""What went back of an order's lines and why, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.ordering.models import LineBack

Why = LineBack.Why


@dataclass(frozen=True, slots=True, kw_only=True)
class BackShown:
    """One part of a line that went back, with what of it was hers (fen)."""

    text: str
    payer_minor: int
    at: datetime


def backs_shown(backs: Iterable[LineBack]) -> list[BackShown]:
    """Say each part of a line that went back, the earliest first."""
    return [BackShown(text=_text(back), payer_minor=back.payer_minor, at=back.at) for back in backs]


def _text(back: LineBack) -> str:
    """Say why; with the pieces where pieces are gone."""
    n = back.quantity
    counted = {
        Why.RESIDENT: ngettext("%(n)d taken off by you", "%(n)d taken off by you", n),
        Why.STAFF: ngettext("%(n)d taken off by the mall", "%(n)d taken off by the mall", n),
        Why.NOT_FORMED: ngettext(
            "Too few ordered it: %(n)d not bought", "Too few ordered it: %(n)d not bought", n
        ),
        Why.LOT: ngettext("%(n)d found no full case", "%(n)d found no full case", n),
        Why.SHORTAGE: ngettext("%(n)d did not come", "%(n)d did not come", n),
        Why.CASE: ngettext("After-sales for %(n)d", "After-sales for %(n)d", n),
        Why.OVERDUE: ngettext("%(n)d not collected in time", "%(n)d not collected in time", n),
        Why.RECALL: ngettext("%(n)d called back by the mall", "%(n)d called back by the mall", n),
    }
    off = {
        Why.TIER: _("Enough was ordered: the price came down for everybody"),
        Why.WEIGHT: _("It was lighter than estimated"),
        Why.MOVED: _("It costs less where you collect it now"),
        Why.CASE: _("After-sales"),
    }
    why = Why(back.why)
    if n and why in counted:
        return counted[why] % {"n": n}
    return off.get(why) or str(why.label)
