"""The vectors others have published of the bank's protocols: all must fit, all changes must not.

They are third-party data and stand in a folder of their own, named by LINLI_VECTORS.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from payments.acquiring.contract import NotificationRejectedError
from payments.adapters.ccb.cipher import card_of, ccb_param, masked_card
from payments.adapters.ccb.mac import mac, mac_text, pub_of
from payments.adapters.ccb.seals import check_seal


def vectors(kind: str, of: str = "ccb") -> list[dict[str, Any]]:
    """The vectors of a kind; none where nobody has put any."""
    folder = os.environ.get("LINLI_VECTORS", "")
    if not folder:
        return []
    known = json.loads((Path(folder) / "vectors.json").read_text(encoding="utf-8"))
    return [one for one in known[of] if one["kind"] == kind]


def test_the_mac_takes_thirty_characters_of_the_key():
    for one in vectors("mac_530550"):
        fields = dict(part.split("=", 1) for part in one["string"].split("&"))
        pub = fields.pop("PUB")
        key = one["public_key_der_hex"]

        assert pub_of(key) == pub
        assert mac_text("530550", fields, pub) == one["string"]
        assert mac("530550", fields, pub) == one["expect_md5"]
        assert mac("530550", fields, key[-32:]) != one["expect_md5"]


def test_a_published_message_is_proven_and_no_change_of_it_is():
    for one in vectors("notify_md5rsa"):
        key = load_der_public_key(bytes.fromhex(one["public_key_der_hex"]))
        text, sign = one["string"].encode("gb18030"), one["sign_hex"]

        check_seal(key, text, sign)
        check_seal(key, text, sign.upper())
        for changed in (
            text.replace(b"PAYMENT=0.01", b"PAYMENT=9.01"),
            text.replace(b"POSID=4", b"POSID=5"),
            text + b"&",
            text.replace(b"&REFERER=", b""),
        ):
            with pytest.raises(NotificationRejectedError):
                check_seal(key, changed, sign)
        with pytest.raises(NotificationRejectedError):
            check_seal(key, text, f"{int(sign[0], 16) ^ 1:x}{sign[1:]}")


def test_a_scanned_payment_is_wrapped_byte_for_byte():
    for one in vectors("ccbparam"):
        assert ccb_param(one["key"], one["plaintext"]) == one["expect"]
        assert ccb_param(one["key"], one["plaintext"].replace("0.01", "0.02")) != one["expect"]


def test_a_payers_card_is_opened_and_masked_at_once():
    for one in vectors("usrmsg_decrypt"):
        name, number = card_of(one["key"], one["ciphertext"])
        digest = hashlib.sha256(f"{name}|{number}".encode()).hexdigest()
        kept = masked_card(one["key"], one["ciphertext"])

        assert digest == one["expect_sha256_utf8"]
        assert number not in json.dumps(kept)
        assert kept == {"holder_mask": f"{name[0]}**", "last4": number[-4:]}
        assert masked_card("another8", one["ciphertext"]) == {}
