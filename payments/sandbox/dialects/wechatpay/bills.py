"""Statements of APIv3: an offer with a digest, then the packed file for five minutes."""

from __future__ import annotations

import gzip
import hashlib
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from flask import Blueprint, Response, request

from payments.sandbox.clock import real_ms
from payments.sandbox.core import bill_files, bills
from payments.sandbox.core.bill_files import Writing
from payments.sandbox.core.bills import Heading, Line, Sums
from payments.sandbox.dialects.wechatpay.sheets import fund_sheet, split_sheet, trade_sheet
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer

if TYPE_CHECKING:
    from payments.sandbox.dialects.wechatpay.door import WeChatPayDoor

Sheet = Callable[..., Iterator[str]]
_SHEETS: Final[dict[str, Sheet]] = {
    "trade": trade_sheet,
    "fund": fund_sheet,
    "split": split_sheet,
}
_LIFETIME_MS: Final = 300_000
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_CHUNK_BYTES: Final = 262_144


def bill_routes(api: Blueprint, door: WeChatPayDoor) -> None:
    """Add the offers of three statements and the files."""

    @api.get("/v3/bill/tradebill")
    def offer_trade() -> Response:
        if request.args.get("bill_type", "ALL") != "ALL":
            raise Refusal("PARAM_ERROR", "bill_type只支持ALL")
        return _offered(door, "trade")

    @api.get("/v3/bill/fundflowbill")
    def offer_fund() -> Response:
        if request.args.get("account_type", "BASIC") != "BASIC":
            raise Refusal("PARAM_ERROR", "account_type只支持BASIC")
        return _offered(door, "fund")

    @api.get("/v3/profitsharing/bills")
    def offer_split() -> Response:
        return _offered(door, "split")

    @api.get("/v3/billdownload/file")
    def give_file() -> Response:
        path = _folder(door) / f"{request.args.get('token', '')}.csv"
        if not _TOKEN.fullmatch(path.stem) or not path.exists():
            raise Refusal("PARAM_ERROR", "下载链接已失效")
        is_packed = request.args.get("tartype", "") == "gzip"
        return Response(_packed(path) if is_packed else _plain(path), content_type="text/plain")


def _folder(door: WeChatPayDoor) -> Path:
    return door.own_half / "bills"


def _offered(door: WeChatPayDoor, kind: str) -> Response:
    """Make the file now, keep it for five minutes, and declare the SHA-1 of its content."""
    wish = bills.read_wish(door.merchant_id, day=request.args.get("bill_date", ""), kind=kind)
    tar_type = request.args.get("tar_type", "")
    if tar_type not in {"", "GZIP"}:
        raise Refusal("PARAM_ERROR", "tar_type只支持GZIP")
    bill_files.refuse_absent(door.bank, wish)
    folder, token = _folder(door), secrets.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    with (folder / f"{token}.csv").open("w+b") as file:
        made = bill_files.make(door.bank, wish, file, write=_writing(door, kind))
        sha1 = _sha1(file)
    # A rule may want the declared digest to be another one.
    is_true = made.declared_sha256 == made.sha256
    packing = "&tartype=gzip" if tar_type else ""
    return answer(
        {
            "hash_type": "SHA1",
            "hash_value": sha1 if is_true else sha1[::-1],
            "download_url": f"{door.url}/v3/billdownload/file?token={token}{packing}",
        }
    )


def _writing(door: WeChatPayDoor, kind: str) -> Writing:
    def write(heading: Heading, lines: Iterable[Line], sums: Sums) -> Iterator[str]:
        connection = door.bank.books.connection
        return _SHEETS[kind](connection, lines, sums, heading=heading, appid=door.appid)

    return write


def _sweep(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        if path.stat().st_mtime_ns // 1_000_000 < real_ms() - _LIFETIME_MS:
            path.unlink(missing_ok=True)


def _sha1(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha1(usedforsecurity=False)
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _packed(path: Path) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as packed:
        with path.open("rb") as file, gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as target:
            shutil.copyfileobj(file, target)
        packed.seek(0)
        while chunk := packed.read(_CHUNK_BYTES):
            yield chunk
