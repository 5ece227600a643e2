"""Suppliers bring less than was ordered: shared out and paid back before the van leaves."""

from __future__ import annotations

from dataclasses import dataclass

from mall.accounts.models import User
from mall.fulfilment.errors import NothingToShareError
from mall.fulfilment.previews import Preview, preview
from mall.fulfilment.shortages import Settled, decide, settle
from mall.supply.selectors import OpenShortage, mark_shared, open_shortages
from payments.api import transact


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToShare:
    """A supplier's shortage with who would go short."""

    shortage: OpenShortage
    preview: Preview


def to_share() -> list[OpenToShare]:
    """Return what suppliers announced not to bring, each with what sharing it out would do."""
    return [
        OpenToShare(shortage=each, preview=preview({each.item_id: each.available}))
        for each in open_shortages()
    ]


def share_out(*, item_id: int, available: int, by: User) -> Settled:
    """Share out an announced shortage as it was shown; the residents get their money at once.

    NothingToShareError where nobody announced one (any more), or another one than was shown.
    """
    source = _decide(item_id=item_id, available=available, by=by)
    return settle(source=source)


@transact()
def _decide(*, item_id: int, available: int, by: User) -> str:
    found = next((each for each in open_shortages() if each.item_id == item_id), None)
    if found is None or found.available != available:
        raise NothingToShareError(item_id=item_id)
    source = f"supplier:{min(found.line_ids)}-{max(found.line_ids)}:{available}"
    decide(source=source, available={item_id: available}, group_id=None, by=by)
    mark_shared(item_id=item_id, by=by.get_username())
    return source
