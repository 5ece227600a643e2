"""The published messages of UnionPay's test environment: proven by us, and by nobody's word.

They are third-party data and stand in a folder of their own, named by LINLI_VECTORS. The signing
certificate ran out on 2025-07-31; its authority's certificate is not among the data, so that the
chain is refused is part of the proof.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from payments.acquiring.contract import NotificationRejectedError
from payments.adapters.unionpay import wire
from payments.adapters.unionpay.certificates import (
    CertificateRefusedError,
    Trust,
    read_certificate,
)
from payments.adapters.unionpay.notices import prove
from tests.payments.unionpay.papers import chain, message, posted, signer, trust
from tests.payments.unionpay.slowproof import is_proven

THEN = datetime(2022, 9, 8, 6, 0, tzinfo=UTC)
MERCHANT = "777290058167151"


def published() -> list[dict[str, str]]:
    """The messages of the vectors; without the folder one of our own stands in for them."""
    folder = os.environ.get("LINLI_VECTORS", "")
    if not folder:
        return [wire.read_form(message().body)]
    data = json.loads((Path(folder) / "vectors.json").read_text(encoding="utf-8"))
    return data["unionpay"]["notifications"]


@pytest.fixture(params=range(2))
def fields(request) -> dict[str, str]:
    found = published()
    return dict(found[request.param % len(found)])


def key_of(fields):
    return read_certificate(fields["signPubKeyCert"]).public_key()


def test_their_signature_fits_by_both_ways_of_counting(fields):
    numbers = key_of(fields).public_numbers()

    assert wire.is_signed(fields, key_of(fields))
    assert is_proven(fields, n=numbers.n, e=numbers.e)


def test_any_changed_field_makes_it_unfit(fields):
    for name in sorted(set(fields) - {"signature"}):
        changed = {**fields, name: fields[name][:-1] + ("0" if fields[name][-1] != "0" else "1")}
        assert not wire.is_signed(changed, key_of(fields)), name
        assert not wire.is_signed({**fields, name: ""}, key_of(fields)), name


def test_the_certificate_in_it_names_the_company_and_would_be_signed_by_an_authority(fields):
    certificate = read_certificate(fields["signPubKeyCert"])

    assert "中国银联股份有限公司" in certificate.subject.rfc4514_string()
    assert certificate.subject != certificate.issuer


def test_without_its_chain_the_message_proves_nothing(fields):
    """The key in the message fits the message; that is why it must not count."""
    merchant, at = fields["merId"], THEN if fields["merId"] == MERCHANT else None
    for authority in (stranger_trust(), stranger_trust(takes_sha1=True)):
        with pytest.raises(NotificationRejectedError) as caught:
            prove(posted(fields), trust=authority, merchant_id=merchant, at=at or datetime.now(UTC))
        assert caught.value.reason in {"serial", "stale"}


def stranger_trust(*, takes_sha1: bool = False) -> Trust:
    root = signer("OTHER ROOT", number=5, ca=True)
    return Trust((root.certificate,), (root.certificate,), takes_sha1)


def test_today_its_certificate_has_run_out_whatever_the_chain(fields):
    with pytest.raises(CertificateRefusedError, match="not in force"):
        trust().check(fields["signPubKeyCert"], datetime(2031, 1, 1, tzinfo=UTC))


def test_then_only_the_chain_was_missing(fields):
    at = THEN if fields["merId"] == MERCHANT else None
    if at is None:
        assert trust().check(fields["signPubKeyCert"], chain()[2].certificate.not_valid_before_utc)
        return
    with pytest.raises(CertificateRefusedError, match="digest we do not take"):
        trust().check(fields["signPubKeyCert"], at)
    with pytest.raises(CertificateRefusedError, match="nobody we know"):
        trust(takes_sha1=True).check(fields["signPubKeyCert"], at)


def test_the_same_message_under_a_certificate_of_ones_own_is_refused(fields):
    """The defect of others: whoever makes a certificate with the right name signs a success."""
    forged = signer(number=6, days=(-10, 10))
    body = wire.sign({**fields, "signPubKeyCert": forged.pem}, forged.key)
    assert wire.is_signed(body, forged.key.public_key())

    with pytest.raises(CertificateRefusedError, match="nobody we know"):
        trust().check(forged.pem, forged.certificate.not_valid_before_utc)
