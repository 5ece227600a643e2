"""Scales that report weights by themselves: their keys, and what one of them may say."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError
from django.utils.crypto import constant_time_compare

from mall.accounts.models import User
from mall.fulfilment.asking import count_asking
from mall.fulfilment.errors import ScaleUnknownError, WishChangedError
from mall.fulfilment.models import ScaleDevice, Weighing
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.pickup.models import PickupPoint
from payments.api import now, transact

# A scale is given its new key by hand; until then the one before goes on.
_OLD_KEY_LIVES: Final = timedelta(hours=24)
REQUESTS_A_MINUTE: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A weight as a scale sent it, read and found sound; ``body_hash`` names the exact bytes."""

    weight: Weight
    key: str
    body_hash: str


@transact()
def create_scale(
    *, name: str, points: Iterable[PickupPoint], by: User, is_at_depot: bool = False
) -> tuple[ScaleDevice, str]:
    """Make a scale known; return it and its key, which is shown this once and kept as a hash."""
    secret = secrets.token_urlsafe(32)
    device = ScaleDevice.objects.create(
        device_no=f"SC{secrets.token_hex(6).upper()}",
        name=name,
        is_at_depot=is_at_depot,
        key_hash=_hash(secret),
        made_by=by,
        made_at=now(),
    )
    device.points.set(points)
    return device, f"{device.device_no}.{secret}"


@transact()
def rotate_key(*, device_id: int) -> str:
    """Give a scale a new key; the one before opens for another day. Return the new key."""
    secret = secrets.token_urlsafe(32)
    device = ScaleDevice.objects.select_for_update(no_key=True).get(pk=device_id)
    if device.revoked_at is not None:
        raise ScaleUnknownError
    ScaleDevice.objects.filter(pk=device_id).update(
        key_hash=_hash(secret),
        old_key_hash=device.key_hash,
        old_key_until=now() + _OLD_KEY_LIVES,
    )
    return f"{device.device_no}.{secret}"


def revoke(*, device_id: int) -> None:
    """Take a scale's keys away at once; twice is once."""
    ScaleDevice.objects.filter(pk=device_id, revoked_at=None).update(
        revoked_at=now(), old_key_hash="", old_key_until=None
    )


def scale_of(key: str) -> ScaleDevice:
    """Return the scale a key belongs to; ScaleUnknownError for a wrong, old or revoked one."""
    device_no, _dot, secret = key.partition(".")
    device = ScaleDevice.objects.filter(device_no=device_no[:20], revoked_at=None).first()
    # The same work whether the number exists or not.
    hashed = _hash(secret)
    known = device.key_hash if device else _hash("nobody")
    if device and constant_time_compare(hashed, known):
        return device
    is_old = device and device.old_key_until and device.old_key_until > now()
    if device and is_old and constant_time_compare(hashed, device.old_key_hash):
        return device
    raise ScaleUnknownError


def hear(device: ScaleDevice) -> None:
    """Note that a scale speaks; AskedTooOftenError where it does so too often."""
    count_asking(f"scale:{device.pk}", most=REQUESTS_A_MINUTE)
    ScaleDevice.objects.filter(pk=device.pk).update(last_seen_at=now())


def weigh_by_scale(device: ScaleDevice, reading: Reading) -> Weighing:
    """Take a scale's weight; the same key and bytes again return the first weighing.

    WishChangedError for the same key with other bytes, and what record_weighing() raises; what was
    refused leaves its key free.
    """
    key = f"scale:{device.pk}:{reading.key}"
    done = Weighing.objects.filter(key=key).first()
    if done is None:
        try:
            done = record_weighing(
                reading.weight,
                weigher=Weigher(device=device),
                key=key,
                body_hash=reading.body_hash,
            )
        except IntegrityError:
            # The same key for two lines at the same moment: one of them was first.
            done = Weighing.objects.get(key=key)
    if done.body_hash != reading.body_hash:
        raise WishChangedError
    return done


def answer_of(weighing: Weighing) -> dict[str, Any]:
    """Return what the scale is told, the same each time; no resident is named."""
    line = weighing.line
    return {
        "weighing": weighing.pk,
        "title": line.title,
        "piece": weighing.piece,
        "pieces": weighing.pieces,
        "grams": weighing.grams,
        "line_grams": weighing.line_grams,
        "estimated_grams": weighing.pieces * (line.piece_grams or 0),
        "off_minor": weighing.off_minor,
        "at": weighing.at.isoformat(),
    }


def _hash(secret: str) -> str:
    """Hash a key; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
