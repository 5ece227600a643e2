"""Signatures and seals: what is accepted, and that one changed bit is not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from payments.acquiring.errors import ConfigError
from payments.acquiring.signing import (
    SealBrokenError,
    is_signed_rsa_sha256,
    load_private_key,
    load_public_key,
    open_seal,
    read_key_file,
    seal,
    sign_rsa_sha256,
)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SEAL_KEY = bytes(range(32))


@given(st.binary(max_size=200), st.integers(0, 255))
def test_a_signature_fits_its_message_and_no_other(message, place):
    signature = sign_rsa_sha256(KEY, message)

    assert is_signed_rsa_sha256(KEY.public_key(), message, signature)
    assert not is_signed_rsa_sha256(KEY.public_key(), message + bytes([place]), signature)


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA", "é"])
def test_nonsense_is_no_signature(signature):
    assert not is_signed_rsa_sha256(KEY.public_key(), b"x", signature)


@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_a_seal_opens_only_unbroken(plain, place):
    nonce, sealed = seal(SEAL_KEY, plain, associated=b"EV1")
    broken = bytearray(sealed)
    broken[place % len(broken)] ^= 1

    assert open_seal(SEAL_KEY, sealed, nonce=nonce, associated=b"EV1") == plain
    with pytest.raises(SealBrokenError):
        open_seal(SEAL_KEY, bytes(broken), nonce=nonce, associated=b"EV1")
    with pytest.raises(SealBrokenError):
        open_seal(SEAL_KEY, sealed, nonce=nonce, associated=b"EV2")


def test_an_empty_nonce_is_a_broken_seal():
    with pytest.raises(SealBrokenError):
        open_seal(SEAL_KEY, b"x" * 20, nonce=b"", associated=b"")


def test_only_rsa_keys_are_loaded(tmp_path):
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    for load in (load_private_key, load_public_key):
        with pytest.raises(ConfigError):
            load(b"no key")
    with pytest.raises(ConfigError):
        load_private_key(pem)
    with pytest.raises(ConfigError):
        read_key_file(tmp_path / "missing.pem")
