"""GET /v3/certificates: the platform certificate, sealed with the APIv3 key."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Blueprint, Response

from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor


def certificate_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add /v3/certificates."""

    @api.get("/v3/certificates")
    def show_certificates() -> Response:
        keys, nonce, about = door.keys, secrets.token_hex(6), "certificate"
        sealed = AESGCM(keys.seal).encrypt(nonce.encode(), keys.certificate_pem, about.encode())
        certificate = x509.load_pem_x509_certificate(keys.certificate_pem)
        shown = {
            "serial_no": keys.certificate_serial,
            "effective_time": certificate.not_valid_before_utc.isoformat(),
            "expire_time": certificate.not_valid_after_utc.isoformat(),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": about,
                "ciphertext": base64.b64encode(sealed).decode(),
            },
        }
        return answer({"data": [shown]})
