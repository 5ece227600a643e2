"""Suppliers' links: made, opened, revoked; and how often somebody may try one that is dead."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from mall.accounts.allowances import DAY, HOUR, MINUTE, count_within
from mall.supply.errors import LinkDeadError, TooOftenError
from mall.supply.models import PurchaseOrder, SupplierLink
from payments.api import now, transact

_BYTES: Final = 32
_TOKEN_MAX: Final = 64
PATH: Final = "/supplier/{token}/"
# Tries of links that open nothing, per address; and what one link's holder may send.
_WRONG: Final[Sequence[tuple[int, int]]] = ((MINUTE, 20), (HOUR, 100))
_WRITES: Final[Sequence[tuple[int, int]]] = ((MINUTE, 30), (DAY, 600))


@transact()
def make_link(
    *, supplier_id: int, by: str, purchase: PurchaseOrder | None = None
) -> tuple[SupplierLink, str]:
    """Make a key to a supplier's pages; return it and its path, which is shown only now.

    It opens for LINLI_SUPPLIER_LINK_DAYS days, of an order counted from its delivery.
    """
    token = secrets.token_urlsafe(_BYTES)
    at = now()
    start = max(at, purchase.deliver_until) if purchase else at
    link = SupplierLink.objects.create(
        supplier_id=supplier_id,
        purchase=purchase,
        token_sha256=_digest(token),
        made_at=at,
        made_by=by[:150],
        expires_at=start + timedelta(days=settings.LINLI_SUPPLIER_LINK_DAYS),
    )
    return link, PATH.format(token=token)


def open_link(token: str, *, ip: str) -> SupplierLink:
    """Return the link a token opens.

    LinkDeadError, the same for forged, expired and revoked ones; TooOftenError for an address that
    tried too many of those. A link that opens is never counted.
    """
    link = _found(token)
    if link is not None:
        if link.opened_at is None:
            SupplierLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now())
        return link
    _count(f"supplier-link:{ip}", _WRONG)
    raise LinkDeadError


def count_write(link: SupplierLink) -> None:
    """Count something sent through a link. TooOftenError beyond 30 a minute or 600 a day."""
    _count(f"supplier-write:{link.pk}", _WRITES)


def revoke_links(*, purchase: PurchaseOrder, by: str) -> int:
    """Let no link of an order open anything from now on; return how many did."""
    rows = SupplierLink.objects.filter(purchase=purchase, revoked_at=None)
    return rows.update(revoked_at=now(), revoked_by=by[:150])


def revoke_all(*, supplier_id: int, by: str) -> int:
    """Let no link of a supplier open anything from now on; return how many did."""
    rows = SupplierLink.objects.filter(supplier=supplier_id, revoked_at=None)
    return rows.update(revoked_at=now(), revoked_by=by[:150])


def forget_old(*, before: datetime, limit: int) -> int:
    """Delete links that ended before an instant; return how many."""
    keys = list(
        SupplierLink.objects.filter(expires_at__lt=before).values_list("pk", flat=True)[:limit]
    )
    return SupplierLink.objects.filter(pk__in=keys).delete()[0]


def _found(token: str) -> SupplierLink | None:
    if not 0 < len(token) <= _TOKEN_MAX:
        return None
    live = SupplierLink.objects.filter(
        token_sha256=_digest(token), revoked_at=None, expires_at__gt=now()
    )
    return live.select_related("supplier__profile", "purchase").first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _count(subject: str, limits: Sequence[tuple[int, int]]) -> None:
    wait_seconds = count_within(subject=subject, limits=limits, at=now())
    if wait_seconds:
        raise TooOftenError(wait_seconds=wait_seconds)
