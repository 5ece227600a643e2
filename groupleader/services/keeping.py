"""Agreements with keepers of sub-pickup points: begun and ended, one keeper at a time."""

from __future__ import annotations

from decimal import Decimal

import structlog
from django.utils.translation import gettext_lazy as _

from groupleader.models import KeeperShare, Leader
from payments.api import LinliError, now, transact

log = structlog.get_logger(__name__)


class ShareRefusedError(LinliError):
    """A share is more than nothing and at most all of the leader's commission."""

    code = "share_refused"
    http_status = 422
    message = _("A share is more than 0 and at most 100 percent of the leader's commission.")


class NotKeptError(LinliError):
    """It was ended already."""

    code = "not_kept"
    message = _("This agreement is over already.")


@transact()
def agree_with_keeper(
    *, point_ref: str, point_name: str, keeper: Leader, share: Decimal, note: str = ""
) -> KeeperShare:
    """Let a leader keep a point from now on for a share (0.1 is 10 %); the one before ends.

    Orders placed before keep what was agreed then. ShareRefusedError.
    """
    if not 0 < share <= 1:
        raise ShareRefusedError
    at = now()
    open_ones = KeeperShare.objects.filter(point_ref=point_ref, until__isnull=True)
    open_ones.filter(since__lt=at).update(until=at)
    agreed = KeeperShare.objects.create(
        point_ref=point_ref,
        point_name=point_name[:120],
        keeper=keeper,
        share=share,
        since=at,
        note=note[:200],
    )
    log.info("keeper.agreed", point=point_ref, keeper=keeper.pk, share=str(share))
    return agreed


@transact()
def end_keeping(*, agreement: KeeperShare) -> None:
    """End an agreement now; orders placed before keep it. NotKeptError where it is over."""
    row = KeeperShare.objects.filter(pk=agreement.pk, until__isnull=True)
    if not row.update(until=now()):
        raise NotKeptError
    agreement.refresh_from_db()
