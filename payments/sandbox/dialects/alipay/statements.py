"""The daily statement (业务明细): a sheet in GBK inside an archive, at an address of 30 seconds."""

from __future__ import annotations

import hmac
import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Final

from payments.sandbox.clock import now_ms, real_ms
from payments.sandbox.core import bill_files, bills
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.bills import Heading, Line, Sums, Wish
from payments.sandbox.core.movements import SHANGHAI
from payments.sandbox.dialects.alipay.envelope import Call, good
from payments.sandbox.dialects.alipay.papers import beijing, business, text, yuan
from payments.sandbox.refusals import Refusal

ADDRESS_MS: Final = 30_000
COLUMNS: Final = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,"
    "商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_WORDS: Final = {"PAY": "交易", "REFUND": "退款"}
_RULE: Final = "-" * 41
_UTF8_NAME: Final = 0x800


class Statements:
    """The statements of one merchant."""

    def __init__(self, bank: Bank, merchant_id: str, door_url: str) -> None:
        """Take the bank's books."""
        self._bank = bank
        self._merchant_id = merchant_id
        self._door_url = door_url

    def address(self, call: Call) -> dict[str, object]:
        """alipay.data.dataservice.bill.downloadurl.query."""
        if text(call.paper, "bill_type") != "trade":
            raise business("isv.invalid-arguments", "only trade is written here")
        wish = self._wish(text(call.paper, "bill_date", length_max=10))
        try:
            bill_files.refuse_absent(self._bank, wish)
        except Refusal as refusal:
            raise business("isp.bill_not_exist", refusal.message) from refusal
        until = real_ms() + ADDRESS_MS
        proof = self._bank.digest(f"bill:{wish.day_text}:{until}")
        url = f"{self._door_url}/bills/{wish.day_text}?until={until}&proof={proof}"
        return good(bill_download_url=url)

    def _wish(self, day: str) -> Wish:
        try:
            return bills.read_wish(self._merchant_id, day=day, kind="trade")
        except Refusal as refusal:
            raise business("isv.invalid-arguments", refusal.message) from refusal

    def packed(self, day: str, until: str, proof: str) -> IO[bytes] | None:
        """Write the archive of a day; None where the address is not good, or not any more."""
        right = self._bank.digest(f"bill:{day}:{until}")
        is_good = until.isdecimal() and len(until) < 15 and int(until) >= real_ms()
        if not is_good or not hmac.compare_digest(proof.encode(), right.encode()):
            return None
        wish = self._wish(day)
        archive = tempfile.TemporaryFile(dir=self._bank.settings.data)  # noqa: SIM115 - its reader closes it
        with tempfile.TemporaryFile(dir=self._bank.settings.data) as sheet:
            bill_files.make(self._bank, wish, sheet, write=self._writing(), encoding="gb18030")
            _pack(archive, wish, sheet)
        archive.seek(0)
        return archive

    def _writing(self) -> Callable[[Heading, Iterable[Line], Sums], Iterator[str]]:
        connection = self._bank.books.connection

        def write(heading: Heading, lines: Iterable[Line], sums: Sums) -> Iterator[str]:
            yield _head(heading)
            for line in lines:
                # A sheet has no column for what failed: such lines are not in it.
                if line.status != "SUCCESS":
                    continue
                sums.add(line)
                yield _row(connection, heading.wish.merchant_id, line)
            yield _tail(heading, sums)

        return write


def _head(heading: Heading) -> str:
    day = heading.wish.day
    after = day + timedelta(days=1)
    return (
        "#支付宝业务明细查询\r\n"
        f"#账号：[{heading.wish.merchant_id}0156]\r\n"
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{after:%Y年%m月%d日} 00:00:00]\r\n"
        f"#{_RULE}业务明细列表{_RULE}\r\n"
        f"{COLUMNS}\r\n"
    )


def _row(connection: sqlite3.Connection, merchant_id: str, line: Line) -> str:
    """Write a line; money given back is negative, and so is what Alipay keeps."""
    sign = -1 if line.kind == "REFUND" else 1
    our_no = line.related_no if line.kind == "REFUND" else line.own_no
    order = connection.execute(
        "SELECT * FROM orders WHERE merchant_id = ? AND our_no = ?", (merchant_id, our_no)
    ).fetchone()
    taken_off = order["discount_minor"] if order is not None and line.kind == "PAY" else 0
    charged = sign * line.amount_minor
    cells = (
        order["acquirer_no"] if order is not None else line.acquirer_no,
        our_no,
        _WORDS[line.kind],
        _plain(order["subject"]) if order is not None else "",
        beijing(order["created_ms"]) if order is not None else beijing(line.at_ms),
        beijing(line.at_ms),
        *("", "", "", ""),
        "159****5620",
        yuan(charged + taken_off),
        yuan(charged),
        *("0.00", "0.00"),
        yuan(taken_off),
        *("0.00", "0.00", "", "0.00", "0.00"),
        line.own_no if line.kind == "REFUND" else "",
        yuan(-line.fee_minor),
        "0.00",
        "",
    )
    return ",".join(f"{cell}\t" for cell in cells) + "\r\n"


def _plain(subject: str) -> str:
    return "".join(" " if sign in ',"\r\n\t' else sign for sign in subject)


def _tail(heading: Heading, sums: Sums) -> str:
    counts: dict[str, tuple[int, int]] = {"PAY": (0, 0), "REFUND": (0, 0)}
    for (kind, _status), (count, amount, _fee) in sums.by_kind.items():
        before = counts[kind]
        counts[kind] = (before[0] + count, before[1] + amount)
    made = datetime.fromtimestamp(heading.made_ms / 1000, UTC).astimezone(SHANGHAI)
    paid, back = counts["PAY"], counts["REFUND"]
    return (
        f"#{_RULE}业务明细列表结束{'-' * 36}\r\n"
        f"#交易合计：{paid[0]}笔，商家实收共{yuan(paid[1])}元，商家优惠共0.00元\r\n"
        f"#退款合计：{back[0]}笔，商家实收退款共{yuan(-back[1])}元，商家优惠退款共0.00元\r\n"
        f"#导出时间：[{made:%Y年%m月%d日 %H:%M:%S}]\r\n"
    )


class _GbkInfo(zipfile.ZipInfo):
    """A file whose name stands in the archive in GBK, as Alipay writes it."""

    __slots__ = ()

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile asks for this one
        return self.filename.encode("gb18030"), self.flag_bits & ~_UTF8_NAME


def _pack(archive: IO[bytes], wish: Wish, sheet: IO[bytes]) -> None:
    stem = f"{wish.merchant_id}0156_{wish.day:%Y%m%d}_业务明细"
    made = datetime.fromtimestamp(now_ms() / 1000, UTC).astimezone(SHANGHAI).timetuple()[:6]
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in (
            (f"{stem}.csv", sheet),
            (f"{stem}(汇总).csv", io.BytesIO("#支付宝业务汇总查询\r\n".encode("gb18030"))),
        ):
            info = _GbkInfo(name, made)
            info.compress_type = zipfile.ZIP_DEFLATED
            with packed.open(info, "w") as into:
                while chunk := content.read(262_144):
                    into.write(chunk)
