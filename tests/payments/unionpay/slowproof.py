"""UnionPay's proof written a second time, slowly, from the published rule alone.

RSA by hand (RFC 8017, 8.2.2), the DER prefix of SHA-256 written out, the text put together with
loops: no line is shared with the adapter or the sandbox.
"""

from __future__ import annotations

import base64
import hashlib

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def text_of(fields: dict[str, str]) -> str:
    """Names in order of their bytes, blank ones and the signature left out, k=v&k=v."""
    parts = []
    for name in sorted(fields, key=lambda name: name.encode()):
        if name == "signature" or fields[name].strip() == "":
            continue
        parts.append(name + "=" + fields[name])
    text = ""
    for part in parts:
        text = part if text == "" else text + "&" + part
    return text


def encoded(fields: dict[str, str], length: int) -> int:
    """The number a signature must give when it is opened: padding, prefix, digest of the digest."""
    first = hashlib.sha256(text_of(fields).encode()).digest()
    letters = "".join("0123456789abcdef"[half] for byte in first for half in divmod(byte, 16))
    second = SHA256_PREFIX + hashlib.sha256(letters.encode()).digest()
    padding = b"\x00\x01" + b"\xff" * (length - len(second) - 3) + b"\x00"
    return int.from_bytes(padding + second)


def is_proven(fields: dict[str, str], *, n: int, e: int) -> bool:
    """Open the signature with the public numbers and compare."""
    raw = base64.b64decode(fields["signature"])
    length = (n.bit_length() + 7) // 8
    return len(raw) == length and pow(int.from_bytes(raw), e, n) == encoded(fields, length)


def signature_of(fields: dict[str, str], *, n: int, d: int) -> str:
    """Sign with the private number."""
    length = (n.bit_length() + 7) // 8
    return base64.b64encode(pow(encoded(fields, length), d, n).to_bytes(length)).decode()
