"""How often cards may be tried: counted in the database, so that no race gets one more.

Somebody who tests stolen numbers begins many signings and ends few. So signings are counted per
person and day (the numbered tries of the agreements themselves), per address and per browser; and
whoever fails several times in a row has to wait. An address of this machine is nobody's address.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from payments.incidents import report_incident
from payments.kernel.clock import business_date, now
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import Incident, SigningStreak, TyingAllowance

logger = logging.getLogger(__name__)

HOUR: Final = 3600
DAY: Final = 86_400
TRIES_A_DAY: Final = 10
# (window in seconds, most in it). An address may be a whole compound behind one router.
LIMITS: Final = {
    TyingAllowance.Subject.IP: ((HOUR, 30), (DAY, 100)),
    TyingAllowance.Subject.DEVICE: ((HOUR, 6), (DAY, 15)),
}
FAILURES_IN_A_ROW: Final = 5
# An address is personal: it is kept as long as somebody may have to look into it.
_KEPT_FOR: Final = timedelta(days=30)
_FIRST_PAUSE: Final = timedelta(minutes=30)
_LONGEST_PAUSE: Final = timedelta(days=1)


class TooManyCardsTriedError(LinliError):
    """Somebody has started to tie cards too often; which limit it was is not told."""

    code = "too_many_cards_tried"
    http_status = 429
    message = _("You have tried to tie cards too often today. Please try again tomorrow.")


class TyingPausedError(TooManyCardsTriedError):
    """Several signings in a row failed; `data` has the seconds to wait."""

    code = "tying_paused"
    message = _("Several cards in a row were not tied. Please try again later.")


class _UsedUpError(Exception):
    """An allowance is used up."""

    def __init__(self, kind: str, subject: str, window_seconds: int) -> None:
        super().__init__(kind)
        self.kind, self.subject, self.window_seconds = kind, subject, window_seconds


def take_allowances(*, owner_ref: str, ip: str, device: str) -> None:
    """Count one signing against every limit; a refused one counts nowhere, and staff are told.

    TyingPausedError after failures in a row; TooManyCardsTriedError where a limit is used up.
    """
    at = now()
    _refuse_in_a_pause(owner_ref, at)
    try:
        _take_all(ip=ip, device=device, at=at)
    except _UsedUpError as used_up:
        _note_refused(used_up, at)
        raise TooManyCardsTriedError from used_up


@transact()
def _take_all(*, ip: str, device: str, at: datetime) -> None:
    for kind, subject in _subjects(ip=ip, device=device):
        for window_seconds, most in LIMITS[kind]:
            _take(kind, subject, window=(window_seconds, most), at=at)


def _subjects(*, ip: str, device: str) -> Iterator[tuple[TyingAllowance.Subject, str]]:
    if ip and not _is_own(ip):
        yield TyingAllowance.Subject.IP, ip[:80]
    if device:
        yield TyingAllowance.Subject.DEVICE, device[:80]


def _is_own(ip: str) -> bool:
    """Tell whether an address is this machine's: behind an unnamed proxy it would be everybody."""
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return True


def _take(kind: str, subject: str, *, window: tuple[int, int], at: datetime) -> None:
    window_seconds, most = window
    rows = TyingAllowance.objects.filter(
        subject_kind=kind, subject=subject, window_seconds=window_seconds
    )
    fresh = at - timedelta(seconds=window_seconds)
    free = rows.filter(started_at__gt=fresh, taken__lt=F("most"))
    if free.update(taken=F("taken") + 1):
        return
    if rows.filter(started_at__lte=fresh).update(started_at=at, taken=1, most=most):
        return
    new = TyingAllowance(
        subject_kind=kind,
        subject=subject,
        window_seconds=window_seconds,
        started_at=at,
        most=most,
    )
    TyingAllowance.objects.bulk_create([new], ignore_conflicts=True)
    if not free.update(taken=F("taken") + 1):
        raise _UsedUpError(kind, subject, window_seconds)


@transact()
def _note_refused(used_up: _UsedUpError, at: datetime) -> None:
    TyingAllowance.objects.filter(
        subject_kind=used_up.kind,
        subject=used_up.subject,
        window_seconds=used_up.window_seconds,
    ).update(refused=F("refused") + 1, last_refused_at=at)
    report_card_testing(used_up.kind, used_up.subject)


@transact()
def report_card_testing(kind: str, subject: str) -> None:
    """Tell staff, once per subject and day, that a limit of tying cards was reached."""
    report_incident(
        Incident.Kind.CARD_TESTING,
        key=f"{kind}:{subject}:{business_date()}",
        subject_no=subject[:64],
        limit=kind,
    )


def forget_allowances(limit: int) -> int:
    """Delete counters of addresses and browsers whose window ended long ago; return how many."""
    old = TyingAllowance.objects.filter(started_at__lt=now() - _KEPT_FOR)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:limit])
    return TyingAllowance.objects.filter(pk__in=keys).delete()[0]


def _refuse_in_a_pause(owner_ref: str, at: datetime) -> None:
    rows = SigningStreak.objects.filter(owner_ref=owner_ref, blocked_until__gt=at)
    if not rows.update(refused=F("refused") + 1):
        return
    until = rows.values_list("blocked_until", flat=True).first() or at
    raise TyingPausedError(wait_seconds=max(1, round((until - at).total_seconds())))


def note_failure(owner_ref: str) -> None:
    """Count a signing that ended without a card; from the fifth in a row on she has to wait.

    In the transaction that ended it: each ends once.
    """
    at = now()
    SigningStreak.objects.bulk_create([SigningStreak(owner_ref=owner_ref)], ignore_conflicts=True)
    rows = SigningStreak.objects.filter(owner_ref=owner_ref)
    rows.update(failures=F("failures") + 1, last_failed_at=at)
    failures = rows.values_list("failures", flat=True).get()
    if failures < FAILURES_IN_A_ROW:
        return
    doubled = min(failures - FAILURES_IN_A_ROW, 10)
    rows.update(blocked_until=at + min(_FIRST_PAUSE * 2**doubled, _LONGEST_PAUSE))
    report_card_testing("owner", owner_ref)


def note_success(owner_ref: str) -> None:
    """End the row of failures: a card was tied. In the transaction that tied it."""
    SigningStreak.objects.filter(owner_ref=owner_ref).update(failures=0, blocked_until=None)
