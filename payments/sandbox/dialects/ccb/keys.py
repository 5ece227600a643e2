"""The keys of a counter: a 1024-bit pair with the exponent 17, and two passwords."""

from __future__ import annotations

import math
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from payments.sandbox.keys import write_secret

_EXPONENT: Final = 17
_BITS: Final = 1024


def counter_key(path: Path) -> rsa.RSAPrivateKey:
    """Read the bank's private key of a counter, or make one."""
    if not path.exists():
        made = _made().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_secret(path, made)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is not an RSA key")
    return key


def _made() -> rsa.RSAPrivateKey:
    """Make a pair like the real ones: the library makes none with 17, so we change exponents."""
    while True:
        primes = rsa.generate_private_key(65537, _BITS).private_numbers()
        p, q = primes.p, primes.q
        phi = (p - 1) * (q - 1)
        if math.gcd(_EXPONENT, phi) == 1:
            d = pow(_EXPONENT, -1, phi)
            return rsa.RSAPrivateNumbers(
                p=p,
                q=q,
                d=d,
                dmp1=rsa.rsa_crt_dmp1(d, p),
                dmq1=rsa.rsa_crt_dmq1(d, q),
                iqmp=rsa.rsa_crt_iqmp(p, q),
                public_numbers=rsa.RSAPublicNumbers(_EXPONENT, p * q),
            ).private_key()


def public_hex(key: rsa.RSAPrivateKey) -> str:
    """Write the public half as the merchants' portal shows it."""
    public = key.public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()


def signed(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """Sign as this bank does: RSA over MD5, in hex."""
    return key.sign(text, PKCS1v15(), hashes.MD5()).hex()  # noqa: S303 - the bank's way


def password(path: Path) -> str:
    """Read a password, or choose one."""
    if not path.exists():
        write_secret(path, secrets.token_hex(8).encode())
    return path.read_text(encoding="ascii").strip()
