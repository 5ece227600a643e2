"""Signatures and seals: how we prove a message is ours and how we know one is theirs.

RSA-SHA256 is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), AEAD is AES-256-GCM (NIST SP 800-38D).
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from payments.acquiring.errors import ConfigError

SEAL_KEY_BYTES: Final = 32
SEAL_NONCE_BYTES: Final = 12


class SealBrokenError(ValueError):
    """A sealed text was changed, or was sealed with another key."""


def read_key_file(path: str | Path) -> bytes:
    """Read a key from its file; ConfigError when it is not there."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"key file {path} cannot be read: {error.strerror}") from error


def load_private_key(pem: bytes, password: bytes | None = None) -> RSAPrivateKey:
    """Load an RSA private key from PEM; ConfigError for anything else."""
    try:
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError) as error:
        raise ConfigError("the private key is not readable PEM") from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("the private key is not RSA")
    return key


def load_public_key(pem: bytes) -> RSAPublicKey:
    """Load an RSA public key from PEM; ConfigError for anything else."""
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise ConfigError("the public key is not readable PEM") from error
    if not isinstance(key, RSAPublicKey):
        raise ConfigError("the public key is not RSA")
    return key


def sign_rsa_sha256(key: RSAPrivateKey, message: bytes) -> str:
    """Sign, as base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), hashes.SHA256())).decode()


def is_signed_rsa_sha256(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether a base64 signature over the message was made with the key's private half."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def seal(key: bytes, plaintext: bytes, *, associated: bytes) -> tuple[bytes, bytes]:
    """Encrypt and authenticate with a fresh nonce; return (nonce, ciphertext with tag)."""
    nonce = os.urandom(SEAL_NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, plaintext, associated)


def open_seal(key: bytes, ciphertext: bytes, *, nonce: bytes, associated: bytes) -> bytes:
    """Decrypt; SealBrokenError when text, nonce or associated data is not as it was sealed."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except (InvalidTag, ValueError, OverflowError) as error:
        raise SealBrokenError("the sealed text cannot be opened") from error
