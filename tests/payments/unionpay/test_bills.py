"""Statements: columns cut by bytes, every line adding up, and nothing odd of a zip opened."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from datetime import date

import pytest

from payments.acquiring.contract import BadBillError, BillLineKind, Outcome, OutcomeUnknownError
from payments.adapters.unionpay import bills, layout, parcels, wire
from tests.payments.unionpay.papers import MERCHANT, NOW, chain, trust

DAY = date(2026, 11, 22)
PAY = {
    "交易代码": "S22",
    "系统跟踪号": "123456",
    "交易传输时间": "1122115930",
    "帐号": "6221680000000017",
    "交易金额": "000000019200",
    "查询流水号": "782611221159001234567",
    "商户订单号": "P26112212345678901AB",
    "商户手续费": "D000000000073",
    "结算金额": "C000000019127",
    "交易类型": "01",
    "商户代码": MERCHANT,
    "二级商户简称": "邻里团",
}
BACK = {
    **PAY,
    "交易代码": "S30",
    "交易金额": "000000002769",
    "商户订单号": "R26112212345678901AB",
    "商户手续费": "C000000000011",
    "结算金额": "D000000002758",
    "交易类型": "04",
    "原交易查询流水号": "782611221159001234567",
}


def line(fields: dict[str, str]) -> bytes:
    cells = []
    for name, width in layout.COLUMNS:
        cells.append(fields.get(name, "").encode("gbk").ljust(width))
    return b" ".join(cells)


def name(kind: str = "ZM", merchant: str = MERCHANT, day: str = "261122") -> str:
    return f"INN{day}88{kind}_{merchant}"


def packed(*lines: bytes, **members: bytes) -> io.BytesIO:
    content = b"".join(one + b"\r\n" for one in lines)
    return zipped({name(): content, name("ZME"): b"", **members})


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    out.seek(0)
    return out


def read(file) -> list:
    return list(bills.read_bill(file, merchant_id=MERCHANT))


def reason(file) -> str:
    with pytest.raises(BadBillError) as caught:
        read(file)
    return caught.value.reason


def test_the_columns_are_as_wide_as_published():
    assert [width for _, width in layout.COLUMNS] == [
        *(3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32),
        *(1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98),
    ]
    assert len(line(PAY)) == layout.LINE_BYTES
    # In letters the line is shorter: three Chinese signs are six bytes.
    assert len(line(PAY).decode("gbk")) == layout.LINE_BYTES - 3


def test_a_payment_and_a_refund_are_read_by_bytes():
    pay, back = read(packed(line(PAY), line(BACK)))

    assert (pay.kind, pay.own_no, pay.amount.minor, pay.fee.minor, pay.outcome) == (
        BillLineKind.PAY,
        "P26112212345678901AB",
        19200,
        73,
        Outcome.SUCCEEDED,
    )
    assert (back.kind, back.amount.minor, back.fee.minor, back.outcome, back.related_no) == (
        BillLineKind.REFUND,
        2769,
        -11,
        Outcome.SUCCEEDED,
        pay.acquirer_no,
    )
    assert pay.raw["二级商户简称"] == "邻里团"
    assert pay.raw["帐号"] == "622168******0017"
    assert f"{pay.at:%Y-%m-%d %H:%M:%S %z}" == "2026-11-22 11:59:30 +0800"


def test_money_that_went_the_other_way_undoes_the_line():
    undone = {**BACK, "商户手续费": "D000000000011", "结算金额": "C000000002758"}

    (one,) = read(packed(line(undone)))

    assert (one.kind, one.outcome, one.fee.minor) == (BillLineKind.REFUND, Outcome.FAILED, 11)


def test_a_voided_payment_is_a_refund():
    (one,) = read(packed(line({**BACK, "交易类型": "31"})))

    assert one.kind is BillLineKind.REFUND


def test_a_day_without_a_line_is_a_day_without_a_line():
    assert read(packed()) == []


def test_a_december_payment_in_a_january_statement_is_of_the_old_year():
    member = name(day="270101")
    late = line({**PAY, "交易传输时间": "1231230500"})

    (one,) = read(zipped({member: late}))

    assert one.at.year == 2026


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"结算金额": "C000000019126"}, "totals"),
        ({"商户手续费": "D000000000074"}, "totals"),
        ({"交易金额": "000000000000"}, "totals"),
        ({"商户代码": "777290058119999"}, "merchant"),
        ({"交易类型": "77"}, "format"),
        ({"交易金额": "00000001920X"}, "format"),
        ({"商户手续费": "X000000000073"}, "format"),
        ({"交易传输时间": "1332115930"}, "format"),
        ({"商户订单号": "P26/../1"}, "format"),
        ({"交易传输时间": ""}, "format"),
    ],
)
def test_a_line_that_cannot_be_true_is_refused(changed, why):
    assert reason(packed(line({**PAY, **changed}))) == why


def test_a_line_cut_or_moved_by_a_byte_is_refused():
    good = line(PAY)

    assert reason(packed(good[:-150])) == "truncated"
    assert reason(packed(good + b"x")) == "truncated"
    assert reason(packed(b" " + good[:-1])) in {"format", "merchant"}
    # Blanks at the end may be cut: they are filler.
    assert len(read(packed(good[:-97]))) == 1


def test_letters_that_are_no_gbk_are_refused():
    place = layout.PLACES["二级商户简称"]
    good = line(PAY)

    assert reason(packed(good[: place.start] + b"\xff" + good[place.start + 1 :])) == "encoding"


def test_an_adjustment_goes_to_a_person():
    cells = [b" " * width for width in layout.ADJUSTMENT_WIDTHS]
    cells[0], cells[3], cells[4], cells[6] = b"E25", b"654321", b"1122101010", b"000000000500"
    odd = zipped({name(): line(PAY), name("ZME"): b" ".join(cells) + b"\r\n"})

    _, adjusted = read(odd)

    assert (adjusted.own_no, adjusted.amount.minor, adjusted.line_no) == ("", 500, 2)
    assert adjusted.raw["差错"] == "ZME"


def test_a_zip_of_another_day_or_merchant_says_so():
    head = bills.read_head(packed(line(PAY)))
    assert (head.merchant_id, head.day) == (MERCHANT, DAY)

    assert reason(zipped({name(merchant="777290058119999"): b""})) == "merchant"
    assert reason(zipped({name(): b"", name("ZME", day="261121"): b""})) == "header"
    assert reason(zipped({name(day="261399"): b""})) == "header"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"readme.txt": b"x"},
        {f"../../{name()}": b""},
        {f"/etc/{name()}": b""},
        {name(): b"", name(day="261121"): b""},
        {f"m{n}": b"" for n in range(40)},
    ],
)
def test_a_zip_with_other_files_than_a_statement_is_refused(members):
    assert reason(zipped(members)) in {"header", "format"}


def test_a_bomb_is_not_opened():
    assert reason(zipped({name(): b" " * 50_000_000})) == "format"


def test_a_locked_zip_is_not_opened():
    raw = bytearray(packed(line(PAY)).getvalue())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1

    assert reason(io.BytesIO(bytes(raw))) == "format"


def test_a_spoiled_byte_is_found_by_its_checksum():
    raw = bytearray(packed(line(PAY)).getvalue())
    raw[len(name()) + 60] ^= 0x55

    assert reason(io.BytesIO(bytes(raw))) in {"digest", "totals", "format"}
    with pytest.raises(BadBillError):
        bills.check_bytes(io.BytesIO(bytes(raw)))


def test_what_is_no_zip_is_refused():
    for raw in (b"", b"PK", b"<html>", packed(line(PAY)).getvalue()[:-30]):
        assert reason(io.BytesIO(raw)) == "truncated"


def answer(tmp_path, content: bytes, **more: str):
    """An answer with a file in it, signed, on disk."""
    fields = {
        "version": "5.1.0",
        "respCode": "00",
        "signPubKeyCert": chain()[2].pem,
        "zeta": "1",
        "fileContent": base64.b64encode(zlib.compress(content)).decode(),
        **more,
    }
    signed = wire.sign(fields, chain()[2].key)
    path = tmp_path / "answer"
    path.write_bytes("&".join(f"{k}={v}" for k, v in signed.items()).encode())
    return path


def test_a_file_is_proven_and_unpacked_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(parcels, "_CHUNK", 64)
    content = packed(*[line(PAY)] * 40).getvalue()

    parcel = parcels.open_parcel(answer(tmp_path, content))
    parcel.prove(trust(), NOW)
    parcel.unpack(tmp_path / "zip")

    assert (tmp_path / "zip").read_bytes() == content
    assert parcel.fields["zeta"] == "1"


def test_a_changed_file_or_field_is_not_proven(tmp_path):
    path = answer(tmp_path, b"hello")
    good = path.read_bytes()

    for bad in (
        good.replace(b"zeta=1", b"zeta=2"),
        good.replace(b"fileContent=eJ", b"fileContent=eK"),
    ):
        path.write_bytes(bad)
        with pytest.raises(OutcomeUnknownError):
            parcels.open_parcel(path).prove(trust(), NOW)


def test_two_files_in_one_answer_or_none_readable_are_refused(tmp_path):
    path = answer(tmp_path, b"hello")
    good = path.read_bytes()

    for bad in (good + b"&fileContent=AAAA", b"\xff" + good, b"nonsense", b"a" * 70_000):
        path.write_bytes(bad)
        with pytest.raises(OutcomeUnknownError):
            parcels.open_parcel(path)


@pytest.mark.parametrize("content", ["AAAA", "!!!!", "eJw=", ""])
def test_a_file_that_is_no_stream_is_a_bad_statement(tmp_path, content):
    path = answer(tmp_path, b"", fileContent=content or "A")

    with pytest.raises(BadBillError):
        parcels.open_parcel(path).unpack(tmp_path / "zip")
