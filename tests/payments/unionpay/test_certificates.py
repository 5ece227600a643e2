"""The certificate in a message: believed by its chain, its dates and its name alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding

from payments.adapters.unionpay.certificates import COMPANY, CertificateRefusedError, Trust
from tests.payments.unionpay.papers import NAME, NOW, chain, signer, trust


def refusal(of, *, at=NOW, by: Trust | None = None) -> str:
    with pytest.raises(CertificateRefusedError) as caught:
        (by or trust()).check(of.pem, at)
    return str(caught.value)


def test_unionpays_own_is_believed():
    own = chain()[2]

    assert trust().check(own.pem, NOW) == own.key.public_key()


def test_one_made_by_anybody_is_not_whatever_it_says():
    assert refusal(signer(number=6)) == "signed by nobody we know"


def test_the_same_names_under_another_key_are_not():
    false_root = signer("ROOT", number=7, ca=True)
    false_middle = signer("MIDDLE", by=false_root, number=8, ca=True)

    assert refusal(signer(by=false_middle, number=6)) == "signed by nobody we know"


def test_a_middle_that_came_from_elsewhere_is_not_taken_though_the_root_signed_it():
    root, _, _ = chain()
    other = signer("OTHER MIDDLE", by=root, number=8, ca=True)

    assert refusal(signer(by=other, number=6)) == "signed by nobody we know"


def test_a_customers_certificate_signs_no_further_one():
    _, middle, own = chain()
    shop = signer(f"051@1@{COMPANY}@1", by=middle, number=7)
    forged = signer(by=shop, number=6)
    generous = Trust(trust().roots, (*trust().middles, shop.certificate, own.certificate))

    assert refusal(forged) == "signed by nobody we know"
    assert refusal(forged, by=generous) in {
        "signed by nobody we know",
        "signed by somebody who is no authority",
    }


@pytest.mark.parametrize("ca", [False, None])
def test_an_authority_must_be_one(ca):
    root, _, _ = chain()
    plain = signer("PLAIN", by=root, number=8, ca=ca)

    assert "no authority" in refusal(
        signer(by=plain, number=6), by=Trust(trust().roots, (plain.certificate,))
    )


def test_an_authoritys_certificate_signs_no_messages():
    _, middle, _ = chain()

    assert "no messages" in refusal(signer(by=middle, number=6, ca=True))


@pytest.mark.parametrize(
    "name",
    [
        "051@777290058110048@LINLI@00000001",
        f"041@1@{COMPANY}上海分公司@1",
        f"041@1@假{COMPANY}@1",
        COMPANY.replace("有限", "有線"),
        "",
    ],
)
def test_another_name_is_somebody_else(name):
    _, middle, _ = chain()

    assert "somebody else" in refusal(signer(name or "-", by=middle, number=6))


@pytest.mark.parametrize("days", [-11, 11])
def test_out_of_its_dates_it_proves_nothing(days):
    own = chain()[2]

    assert "not in force" in refusal(own, at=NOW + timedelta(days=days))


def test_each_of_the_three_must_be_in_force():
    root = signer("ROOT", number=1, ca=True, days=(-400, -1))
    middle = signer("MIDDLE", by=root, number=2, ca=True)
    own = signer(by=middle, number=3)
    assert "not in force" in refusal(own, by=Trust((root.certificate,), (middle.certificate,)))

    root = chain()[0]
    middle = signer("MIDDLE", by=root, number=2, ca=True, days=(-400, -1))
    own = signer(by=middle, number=3)
    assert "not in force" in refusal(own, by=Trust((root.certificate,), (middle.certificate,)))


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n", "A" * 9000])
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(CertificateRefusedError):
        trust().check(text, NOW)


def test_two_certificates_are_not_one():
    own = chain()[2]

    with pytest.raises(CertificateRefusedError):
        trust().check(own.pem + "\r\n" + own.pem, NOW)
    assert NAME.split("@")[2] == COMPANY


def signed_with_sha1() -> str:
    """UnionPay's certificate as its test environment has it: SHA-1, which no builder makes today.

    The two names of the digest are changed in its bytes, and these are signed anew.
    """
    _, middle, _ = chain()
    new = signer(by=middle, number=6).certificate
    was, is_ = (bytes.fromhex(f"06092a864886f70d0101{last}") for last in ("0b", "05"))
    body = new.tbs_certificate_bytes.replace(was, is_)
    signature = middle.key.sign(body, PKCS1v15(), hashes.SHA1())  # noqa: S303  what is refused
    der = new.public_bytes(Encoding.DER).replace(new.tbs_certificate_bytes, body)
    der = der.replace(was, is_).replace(new.signature, signature)
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


def test_sha1_counts_only_where_the_account_says_so():
    old = signed_with_sha1()

    assert trust(takes_sha1=True).check(old, NOW)
    with pytest.raises(CertificateRefusedError, match="digest we do not take"):
        trust().check(old, NOW)
    spoiled = old.replace(old[-200:-190], "A" * 10)
    with pytest.raises(CertificateRefusedError):
        trust(takes_sha1=True).check(spoiled, NOW)
