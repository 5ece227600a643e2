"""Signing and checking on the bank's side; the merchant's is written from the protocol alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEAL_ALGORITHM: Final = "AEAD_AES_256_GCM"


def text_to_sign(*lines: str, body: bytes) -> bytes:
    """Join the lines and the body's SHA-256 (hex), each followed by a line feed."""
    return digest_to_sign(*lines, body_sha256=hashlib.sha256(body).hexdigest())


def digest_to_sign(*lines: str, body_sha256: str) -> bytes:
    """Do the same for a body too long to hold: only its digest (hex) is at hand."""
    return "".join(f"{part}\n" for part in (*lines, body_sha256)).encode()


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """Sign with RSASSA-PKCS1-v1_5 and SHA-256, as base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Tell whether the signature is the key owner's."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def spoiled(signature: str) -> str:
    """Change a signature so that it proves nothing and still looks like one."""
    raw = bytearray(base64.b64decode(signature))
    raw[len(raw) // 2] ^= 0x01
    return base64.b64encode(bytes(raw)).decode()


def sealed(key: bytes, content: bytes, *, associated: str) -> dict[str, str]:
    """Seal a notification's content with AES-256-GCM, as the protocol writes it."""
    nonce = secrets.token_bytes(12)
    ciphertext = AESGCM(key).encrypt(nonce, content, associated.encode())
    return {
        "algorithm": SEAL_ALGORITHM,
        "nonce": base64.b64encode(nonce).decode(),
        "associated_data": associated,
        "ciphertext": base64.b64encode(ciphertext).decode(),
    }


def as_json(data: object) -> bytes:
    """Write JSON the way this bank does: UTF-8, no spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
