"""Account numbers under seal: stored encrypted, opened only to be sent to the bank."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"groupleader.payee").derive(
        secret.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))


def _seals() -> MultiFernet:
    """The present key first; those it replaced still open what they closed."""
    return MultiFernet([_key(s) for s in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def seal(text: str) -> str:
    """Encrypt a text (Fernet: AES-CBC with HMAC) under a key derived from the site's secret."""
    return _seals().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made; cryptography.fernet.InvalidToken if it was changed."""
    return _seals().decrypt(sealed.encode()).decode()


def seal_bytes(content: bytes) -> bytes:
    """Encrypt a file as `seal` does a text."""
    return _seals().encrypt(content)


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt what `seal_bytes` made; cryptography.fernet.InvalidToken if it was changed."""
    return _seals().decrypt(sealed)
