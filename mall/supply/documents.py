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


def known_document(wish_key: str, **of: Any) -> StockDocument | None:
    """Return the document of a form that was sent before; CountError where it was another form's.

    A form without a key is a mistake of ours or of somebody who plays with it: CountError.
    """
    if not wish_key:
        raise CountError(_("Please reload the page and enter the figures again."))
    known = StockDocument.objects.filter(wish_key=wish_key[:64]).first()
    if known is not None and any(getattr(known, name) != value for name, value in of.items()):
        raise CountError(_("Please reload the page and enter the figures again."))
    return known


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
