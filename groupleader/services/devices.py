"""Telephones at a counter: made known once, taken off the list, and what they signed checked."""

from __future__ import annotations

import base64
import binascii
import secrets
from importlib import import_module
from typing import Any, Final

import structlog
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet

from groupleader.errors import DeviceKeyError, TooManyDevicesError
from groupleader.models import DeviceKey
from payments.api import now, transact

log = structlog.get_logger(__name__)
DEVICES_MAX: Final = 10
_NAME_MAX: Final = 80
_KEY_MAX: Final = 400
_HALF: Final = 32


def register_device(*, user: Any, public_key: str, name: str) -> DeviceKey:
    """Make a telephone known by its public key (P-256, SPKI in base64); the same key once.

    DeviceKeyError for anything else or a key that was taken off the list, TooManyDevicesError
    above ten telephones of one person.
    """
    key = _canonical(public_key)
    known = DeviceKey.objects.filter(user=user, public_key=key).first()
    if known is None:
        known = _write(user=user, key=key, name=_plain(name))
    if known.revoked_at is not None:
        raise DeviceKeyError
    return known


def revoke_device(*, device: DeviceKey, by: Any) -> bool:
    """Take a telephone off the list: nothing it tells is taken any more; say whether it was on.

    It is signed out as well: whoever found it opens nothing of hers.
    """
    rows = DeviceKey.objects.filter(pk=device.pk, revoked_at=None)
    done = rows.update(revoked_at=now(), revoked_by=by)
    if done:
        if device.session_key:
            import_module(settings.SESSION_ENGINE).SessionStore(device.session_key).delete()
        log.info("counter.device_revoked", device=device.ref, by=by.pk)
    return bool(done)


def seen(device: DeviceKey, *, session_key: str) -> None:
    """Remember when and under which sign-in a telephone was here last."""
    DeviceKey.objects.filter(pk=device.pk, revoked_at=None).update(
        seen_at=now(), session_key=session_key
    )


def devices_of(user_id: int) -> QuerySet[DeviceKey]:
    """Return a person's telephones, the newest first."""
    return DeviceKey.objects.filter(user=user_id)


def is_signed(device: DeviceKey, *, text: str, signature: str) -> bool:
    """Tell whether the telephone's key signed this text (r and s as 64 bytes, base64)."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * _HALF:
        return False
    r, s = (int.from_bytes(part, "big") for part in (raw[:_HALF], raw[_HALF:]))
    key = serialization.load_der_public_key(base64.b64decode(device.public_key))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _write(*, user: Any, key: str, name: str) -> DeviceKey:
    try:
        return _create(user=user, key=key, name=name)
    except IntegrityError:
        return DeviceKey.objects.get(user=user, public_key=key)


@transact()
def _create(*, user: Any, key: str, name: str) -> DeviceKey:
    if DeviceKey.objects.filter(user=user, revoked_at=None).count() >= DEVICES_MAX:
        raise TooManyDevicesError(most=DEVICES_MAX)
    at = now()
    return DeviceKey.objects.create(
        user=user,
        ref=secrets.token_hex(16),
        name=name,
        public_key=key,
        created_at=at,
        seen_at=at,
    )


def _canonical(public_key: str) -> str:
    """Return the key as we keep it; DeviceKeyError unless it is a point of P-256."""
    try:
        raw = base64.b64decode(public_key[:_KEY_MAX], validate=True)
        key = serialization.load_der_public_key(raw)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DeviceKeyError from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DeviceKeyError
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def _plain(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())[:_NAME_MAX]
