"""Brought statements: signed summaries, zips that try everything, and what people are told."""

from __future__ import annotations

import io
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.files.uploadedfile import SimpleUploadedFile

from payments.acquiring.contract import BadBillError, NotificationRejectedError
from payments.acquiring.registry import AccountSpec, forget_adapters, make_adapter
from payments.acquiring.signing import sign_rsa_sha256
from payments.adapters.ccb_hsb import pushed
from payments.models import AcquirerAccount, Incident
from payments.reconciliation.storing import folder

SUMMARY = "20261121|2|3"
CHK = (
    "主订单号|商户编号|商户名|交易日期|支付流水号|类型|金额|手续费|收款状态|交易类型|发卡行|卡种|付款账号|时间\n"
    "P1|S1|果园|20261121|T1|1|192.00|0.73|01|||||101112\n"
    "P1|S1|果园|20261121|T1|2|27.69|0.00|01|||||111112\n"
)
SUM = "分账流水号|商户编号|商户名|分账金额|失败原因|状态|日期\nF1|S1|果园|164.31||2|20261121\n"
DET = (
    "主订单号|序号|支付单号|收款账号|收款商家编号|名称|分账金额|状态|日期|分摊手续费|子订单号\n"
    "P1|1|T1|6217|S1|果园|164.31|2|20261121|0.62|P1\n"
)
GOOD = {"41_20261121chk.txt": CHK, "41_20261121sum.txt": SUM, "41_20261121det.txt": DET}


@pytest.fixture(scope="module")
def key():
    """The platform's key."""
    return generate_private_key(65537, 2048)


@pytest.fixture
def spec(key, tmp_path) -> AccountSpec:
    """An account that knows it."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "ours.pem").write_bytes(pem)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "theirs.pem").write_bytes(public)
    return AccountSpec(
        code="hsb",
        adapter="ccb_hsb",
        settings={"base_url": "http://127.0.0.1:1", "merchant_id": "41", "seller_id": "41"},
        keys={
            "private_key": str(tmp_path / "ours.pem"),
            "platform_public_key": str(tmp_path / "theirs.pem"),
        },
    )


def packed(members: dict[str, str | bytes]) -> bytes:
    """A zip of these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def seal(key, summary: str = SUMMARY) -> str:
    """The platform's signature of a summary."""
    return sign_rsa_sha256(key, f"File_Smry_Inf={summary}".encode())


def examined(spec, key, content: bytes, tmp_path):
    """Look at a brought zip."""
    paper = tmp_path / "zip"
    paper.write_bytes(content)
    return make_adapter(spec).examine_pushed_bill(paper, summary=SUMMARY, signature=seal(key))


def test_a_good_statement_adds_up(spec, key, tmp_path):
    found = examined(spec, key, packed(GOOD), tmp_path)
    gbk = examined(spec, key, packed({n: t.encode("gb18030") for n, t in GOOD.items()}), tmp_path)

    assert (found.payment_count, found.payment_minor) == (1, 19200)
    assert (found.refund_count, found.refund_minor, found.share_minor) == (1, 2769, 16431)
    assert found.problems == ()
    assert gbk == found


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"41_20261121det.txt": DET.replace("164.31|2", "64.31|2")}, ("shares",)),
        ({"41_20261121chk.txt": CHK.replace("0.73|01", "0.73|04")}, ("not_flat",)),
    ],
)
def test_what_does_not_agree_is_named(spec, key, tmp_path, changes, problems):
    assert examined(spec, key, packed({**GOOD, **changes}), tmp_path).problems == problems


@pytest.mark.parametrize(
    "members",
    [
        {"../../chk.txt": CHK},
        {"/etc/chk.txt": CHK},
        {"a\\chk.txt": CHK},
        {"shell.php": "x"},
        {"achk.txt": CHK, "bchk.txt": CHK},
        {f"{n}chk.txt": "" for n in range(30)},
        {"chk.txt": "别的|列\n"},
        {"chk.txt": CHK + "P2|too|short\n"},
        {"chk.txt": CHK.replace("192.00", "1e9")},
        {"chk.txt": CHK.replace("|1|192", "|7|192")},
        {"chk.txt": CHK + "x" * 9000},
        {"chk.txt": CHK.encode() + b"\xff\xfe\n"},
    ],
)
def test_a_dangerous_or_strange_zip_is_refused(spec, key, tmp_path, members):
    with pytest.raises(BadBillError):
        examined(spec, key, packed(members), tmp_path)


def test_a_bomb_and_half_a_file_are_refused(spec, key, tmp_path, monkeypatch):
    monkeypatch.setattr(pushed, "BYTES_MAX", 10_000)
    for content in (packed({"chk.txt": "0" * 50_000}), packed(GOOD)[:-40], b"PK", b""):
        with pytest.raises(BadBillError):
            examined(spec, key, content, tmp_path)


def test_a_summary_somebody_changed_is_refused(spec, key, tmp_path):
    paper = tmp_path / "zip"
    paper.write_bytes(packed(GOOD))
    for summary, signature in ((SUMMARY + "1", seal(key)), (SUMMARY, ""), (SUMMARY, "QUJD")):
        with pytest.raises(NotificationRejectedError):
            make_adapter(spec).examine_pushed_bill(paper, summary=summary, signature=signature)


@pytest.mark.django_db
def test_at_our_door_it_is_kept_in_quarantine_and_people_are_told(
    client, spec, key, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    forget_adapters()
    AcquirerAccount.objects.create(
        code="hsb", adapter="ccb_hsb", merchant_id="41", settings=spec.settings, keys=spec.keys
    )

    def bring(content: bytes, signature: str, account: str = "hsb"):
        file = SimpleUploadedFile("../../evil.zip", content, "application/zip")
        said = {"File_Smry_Inf": SUMMARY, "Sign_Inf": signature, "file": file}
        return client.post(f"/payments/bills/{account}/", said)

    good = bring(packed(GOOD), seal(key))
    odd = packed({**GOOD, "41_20261121det.txt": DET.replace("164.31|2", "64.31|2")})
    answers = [bring(odd, seal(key)).content for _ in range(2)]

    assert (good.status_code, good.content) == (200, b'{"Svc_Rsp_St":"00"}')
    assert answers == [b'{"Svc_Rsp_St":"00"}'] * 2
    assert Incident.objects.get().data["reason"] == "shares"
    assert len(list(folder().glob("hsb/*/quarantine-*"))) == 2
    assert bring(packed(GOOD), "QUJD").content == b'{"Svc_Rsp_St":"01"}'
    assert bring(packed(GOOD), seal(key), "nobody").status_code == 404
    assert client.post("/payments/bills/hsb/", {}).status_code == 400
    assert client.get("/payments/bills/hsb/").status_code == 405
    forget_adapters()
