"""A batch file's columns and a result's words, without a database; five thousand rows at once."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupleader.payout_errors import LayoutUnknownError, ResultUnreadableError
from groupleader.payout_words import code_of_banks_words
from groupleader.services.batch_files import FileHead, FileRow, read_result, write_batch
from groupleader.services.batch_layouts import LAYOUTS, layout_of

HEAD = FileHead(batch_no="B1", purpose="佣金", day="20261122")
ROW = FileRow(
    payout_no="T1", account="6217001234567890123", name="王姐", bank="建行", amount_minor=2_080
)


@pytest.mark.parametrize("form", ["csv_gbk", "csv_utf8", "xlsx"])
def test_five_thousand_rows_are_written_in_less_than_three_seconds(form):
    rows = [replace(ROW, payout_no=f"T{number}") for number in range(5_000)]

    began = time.process_time()
    content = write_batch(rows, head=HEAD, layout=LAYOUTS["generic"], form=form)

    assert time.process_time() - began < 3
    assert len(content) > 50_000


@given(minor=st.integers(1, 10**13), amount=st.sampled_from(["{}", " {} ", "¥{}", "'{}"]))
def test_what_is_written_is_read_back_to_the_fen(minor, amount):
    yuan = f"{minor // 100}.{minor % 100:02d}"
    if len(yuan) > 15:
        return
    lines = f"付款编号,金额,状态\nT1,{amount.format(yuan)},成功"

    [row] = read_result(lines.encode(), file_name="r.csv", layout=LAYOUTS["generic"])

    assert (row.amount_minor, row.payout_no, row.state) == (minor, "T1", "成功")


@given(st.binary(max_size=300))
def test_whatever_is_brought_is_read_or_refused_in_words(content):
    with suppress(ResultUnreadableError):
        assert read_result(content, file_name="r.csv", layout=LAYOUTS["ccb"])


def test_a_workbook_with_a_head_above_its_headings_is_read():
    book = openpyxl.Workbook()
    book.active.append(["代发结果", None, None])
    book.active.append(["付款编号", "金额", "状态", "原因"])
    book.active.append(["T1", 20.8, "失败", "户名不符"])
    book.active.append([None, 20.8, None, None])
    paper = io.BytesIO()
    book.save(paper)

    [row] = read_result(paper.getvalue(), file_name="r.xlsx", layout=LAYOUTS["generic"])

    assert (row.amount_minor, row.state, row.reason) == (2_080, "失败", "户名不符")


@pytest.mark.parametrize("amount", ["-20.80", "1e3", "二十", "20.801", "9" * 13])
def test_an_amount_that_is_none_names_its_line(amount):
    lines = f"付款编号,金额,状态\nT1,{amount},成功"

    with pytest.raises(ResultUnreadableError) as refusal:
        read_result(lines.encode(), file_name="r.csv", layout=LAYOUTS["generic"])

    assert refusal.value.data == {"reason": "amount", "line": 2}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("户名不符", "payee_name_differs"),
        ("该账户已销户", "payee_account_closed"),
        ("账户冻结", "payee_account_blocked"),
        ("超过限额", "bank_limit"),
        ("账号不存在", "payee_account_invalid"),
        ("其他", "refused_by_bank"),
    ],
)
def test_a_banks_words_mean_something_to_her(words, code):
    assert code_of_banks_words(words) == code


def test_an_operators_own_layout_comes_from_the_settings(settings):
    settings.LINLI_PAYOUT_LAYOUTS = {
        "village": {
            "name": "Village bank",
            "columns": [["户名", "name"], ["账号", "account"], ["分", "fen"]],
            "forms": ["csv_utf8"],
            "foot": ["合计,{count},{total}"],
        }
    }

    content = write_batch([ROW], head=HEAD, layout=layout_of("village"), form="csv_utf8")

    assert content.decode("utf-8-sig").splitlines() == [
        "户名,账号,分",
        "王姐,6217001234567890123,2080",
        "合计,1,20.80",
    ]
    with pytest.raises(LayoutUnknownError):
        layout_of("moon")
