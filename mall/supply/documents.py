"""What papers of the depot share: a number, whoever counted, pieces that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.supply.errors import CountError
from mall.supply.models import StockDocument
from payments.api import new_number, now

PREFIX: Final = "W"
COUNT_MAX: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many were counted, and of which batch where that is known."""

    pieces: int
    batch_id: int | None = None


def known_document(wish_key: str) -> StockDocument | None:
    """Return the document of a form that was sent before."""
    return StockDocument.objects.filter(wish_key=wish_key[:64]).first()


def new_document(
    kind: str, *, by: User | None, wish_key: str, photo: Any = None, reason: str = "", **values: Any
) -> StockDocument:
    """Write a document down; booked unless its state says otherwise."""
    return StockDocument.objects.create(
        document_no=new_number(PREFIX),
        kind=kind,
        wish_key=wish_key[:64],
        at=now(),
        counted_by=by,
        photo=photo or "",
        reason=reason.strip()[:200],
        **{"state": StockDocument.State.BOOKED, **values},
    )


def require_pieces(counts: Mapping[int, Counted]) -> None:
    """Raise CountError for a number of pieces nobody counts."""
    if any(not 0 <= count.pieces <= COUNT_MAX for count in counts.values()):
        raise CountError(_("Please enter a number of pieces from 0 to 1,000,000."))
