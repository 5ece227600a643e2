"""Statements: two sheets in an archive whose names are in GBK, and what may be wrong with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from payments.acquiring.contract import BadBillError, BillLineKind
from payments.adapters.alipay import statements
from tests.payments.alipay.papers import PROFILE, SELLER

HEAD = f"""#支付宝业务明细查询
#账号：[{SELLER}0156]
#起始日期：[2026年11月22日 00:00:00]   终止日期：[2026年11月23日 00:00:00]
#-----------------------------------------业务明细列表----------------------------------------
"""
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
PAID = (
    "2026112222001499\t,P2611220000000000001\t,交易\t,荔枝 2 斤\t,"
    "2026-11-22 19:29:00\t,2026-11-22 19:30:00\t,\t,\t,\t,\t,*娟(159****5620)\t,"
    "208.00\t,192.00\t,0.00\t,0.00\t,16.00\t,0.00\t,16.00\t,立减\t,0.00\t,0.00\t,\t,"
    "-0.73\t,0.00\t,\t"
)
BACK = (
    "2026112222001499\t,P2611220000000000001\t,退款\t,荔枝 2 斤\t,"
    "2026-11-22 19:29:00\t,2026-11-22 20:30:00\t,\t,\t,\t,\t,*娟(159****5620)\t,"
    "-27.69\t,-27.69\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,"
    "R2611220000000000001\t,0.11\t,0.00\t,\t"
)
TAIL = f"""#{"-" * 41}业务明细列表结束{"-" * 36}
#交易合计：1笔，商家实收共192.00元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-27.69元，商家优惠退款共0.00元
#导出时间：[2026年11月23日 10:00:00]
"""
SHEET = f"{HEAD}{COLUMNS}\n{PAID}\n{BACK}\n{TAIL}".replace("\n", "\r\n")
NAME = f"{SELLER}0156_20261122_业务明细.csv"


class GbkInfo(zipfile.ZipInfo):
    """A name as Alipay writes it."""

    def _encodeFilenameFlags(self):  # noqa: N802 - zipfile asks for this one
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def packed(sheet: str | bytes = SHEET, name: str = NAME, **more: bytes) -> bytes:
    """Pack a sheet and its summary."""
    content = sheet if isinstance(sheet, bytes) else sheet.encode("gbk")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        sheets = {name: content, NAME.replace(".csv", "(汇总).csv"): b"#\r\n", **more}
        for each, text in sheets.items():
            info = GbkInfo(each)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
    return made.getvalue()


def lines(content: bytes):
    return list(statements.parse(io.BytesIO(content), PROFILE))


def refused(content: bytes) -> str:
    with pytest.raises(BadBillError) as caught:
        lines(content)
    return caught.value.reason


def test_a_sheet_is_read_by_the_names_of_its_columns():
    paid, back = lines(packed())

    assert (paid.kind, paid.own_no, paid.acquirer_no) == (
        BillLineKind.PAY,
        "P2611220000000000001",
        "2026112222001499",
    )
    # What she was charged: the order's amount less what Alipay gave.
    assert (paid.amount.minor, paid.fee.minor) == (19200, 73)
    assert paid.at.isoformat() == "2026-11-22T11:30:00+00:00"
    assert (back.kind, back.own_no, back.related_no) == (
        BillLineKind.REFUND,
        "R2611220000000000001",
        "P2611220000000000001",
    )
    assert (back.amount.minor, back.fee.minor) == (2769, -11)


def test_columns_may_stand_in_another_order():
    turned = [
        ",".join(reversed(text.split(","))) if "," in text and text[0] != "#" else text
        for text in SHEET.split("\r\n")
    ]

    assert [line.amount for line in lines(packed("\r\n".join(turned)))] == [
        line.amount for line in lines(packed())
    ]


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: s.replace("192.00元", "193.00元"), "totals"),
        (lambda s: s.replace("交易合计：1笔", "交易合计：2笔"), "totals"),
        (lambda s: s.replace("-27.69\t,-27.69", "-27.69\t,-27.68"), "totals"),
        (lambda s: s.replace(BACK.replace("\n", "\r\n"), ""), "format"),
        (lambda s: s.replace(BACK + "\r\n", ""), "totals"),
        (lambda s: s.replace(BACK, f"{BACK}\r\n{BACK}"), "totals"),
        (lambda s: s[: s.index("#退款合计")], "truncated"),
        (lambda s: s[: s.index(BACK)], "truncated"),
        (lambda s: s[: s.index(BACK) + 80], "format"),
        (lambda s: s.replace("#导出时间", "#退款合计"), "truncated"),
        (lambda s: s.replace("#导出时间", "=1+1\r\n#导出时间"), "format"),
        (lambda s: s.replace(SELLER, "2088000000000009"), "merchant"),
        (lambda s: s.replace("业务明细查询", "账户明细查询"), "header"),
        (lambda s: s.replace("11月22日 00:00:00]   终", "13月22日 00:00:00]   终"), "header"),
        (lambda s: s.replace("服务费（元）,", "服务费（元）,服务费（元）,"), "header"),
        (lambda s: s.replace("服务费（元）", "手续费"), "header"),
        (lambda s: s.replace(",备注", ",新的一栏"), "header"),
        (lambda s: s.replace("交易\t", "充值\t"), "format"),
        (lambda s: s.replace("208.00\t", "2.08E2\t"), "format"),
        (lambda s: s.replace("208.00\t", "-208.00\t"), "format"),
        (lambda s: s.replace("R2611220000000000001\t", "\t"), "format"),
        (lambda s: s.replace("2026-11-22 19:30:00\t", "昨天\t"), "format"),
        (
            lambda s: s.replace("荔枝 2 斤\t,2026-11-22 19:29:00", '"荔枝\t,2026-11-22 19:29:00'),
            "format",
        ),
        (lambda s: s.replace("荔枝 2 斤", "荔" * 30_000), "format"),
    ],
)
def test_a_sheet_that_is_not_what_it_says_is_refused(change: Change, reason: str):
    assert refused(packed(change(SHEET))) == reason


def test_what_is_not_written_in_gbk_is_refused():
    bad = SHEET.encode("gbk").replace("荔枝".encode("gbk"), b"\x80\xff\xff\x81")

    assert refused(packed(bad)) == "encoding"


@pytest.mark.parametrize(
    "name",
    [
        "../业务明细.csv",
        "/业务明细.csv",
        "a/业务明细.csv",
        "..\\业务明细.csv",
        "C:业务明细.csv",
        "业务明细.exe",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name):
    assert refused(packed(name=name)) == "format"


def test_an_archive_that_swells_is_refused_unopened():
    bomb = packed(SHEET.encode("gbk") + b" " * 40_000_000)

    assert len(bomb) < 60_000
    assert refused(bomb) == "format"


def test_a_sheet_longer_than_its_directory_says_is_refused():
    content = bytearray(packed())
    size = len(SHEET.encode("gbk"))
    found = content.rindex(size.to_bytes(4, "little"))
    content[found : found + 4] = (size - 40).to_bytes(4, "little")

    assert refused(bytes(content)) in {"format", "truncated"}


def test_locked_crowded_and_strange_archives_are_refused():
    locked = bytearray(packed())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + place] |= 1
    two = packed(**{"另一张.csv": b"x"})
    crowd = packed(**{f"{n}汇总.csv": b"x" for n in range(9)})

    for content in (
        bytes(locked),
        two,
        crowd,
        b"",
        b"PK",
        packed()[:-30],
        b"#" + SHEET.encode("gbk"),
    ):
        assert refused(content) == "format"


def test_a_long_statement_is_read_line_by_line():
    count = 4_000
    sums = (
        f"#交易合计：{count}笔，商家实收共{count * 192}.00元，商家优惠共0.00元\r\n"
        "#退款合计：0笔，商家实收退款共0.00元，商家优惠退款共0.00元\r\n"
        "#导出时间：[2026年11月23日 10:00:00]\r\n"
    )
    rows = "".join(
        PAID.replace("P2611220000000000001", f"P{n:019d}").replace("荔枝", f"荔枝{n * 7919}")
        + "\r\n"
        for n in range(count)
    )
    text = SHEET[: SHEET.index(PAID)] + rows + TAIL.partition("\n")[0] + "\r\n" + sums

    read = statements.parse(io.BytesIO(packed(text)), PROFILE)

    assert sum(line.amount.minor for line in read) == count * 19200
