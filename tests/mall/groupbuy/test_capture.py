"""A chat's chain is read as far as it can be, and nothing is ever made up."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.catalogue.search import search_text
from mall.groupbuy.capture import CaptureItem, Draft, read
from mall.groupbuy.capture_words import tidy_line, words_of


def item(item_id: int, title: str, unit: str = "份") -> CaptureItem:
    written = search_text(title)
    return CaptureItem(
        item_id=item_id,
        title=title,
        sales_unit=unit,
        pinyin=written.pinyin,
        initials=written.initials,
        codes=(f"261122-{item_id}",),
    )


EGGS, CORN, LARGE, SMALL, SALMON = range(1, 6)
ITEMS = [
    item(EGGS, "本地土鸡蛋 30枚 当日新鲜", "板"),
    item(CORN, "糯玉米 8根", "箱"),
    item(LARGE, "红烧肉 大份"),
    item(SMALL, "红烧肉 小份"),
    item(SALMON, "三文鱼 200g", "盒"),
]


def one(line: str, items=ITEMS) -> Draft:
    (draft,) = read(line, items)
    return draft


@pytest.mark.parametrize(
    ("line", "name", "items"),
    [
        ("1. 李姐 鸡蛋2 玉米1", "李姐", {EGGS: 2, CORN: 1}),
        ("3. 王阿姨 +2 大份 3栋", "王阿姨", {LARGE: 2}),
        ("4号 张叔：糯玉米x3，土鸡蛋 一份", "张叔", {CORN: 3, EGGS: 1}),
        ("５．陈伯 土鸡蛋３０枚 两板", "陈伯", {EGGS: 2}),
        ("⑧ 孙妈 三文鱼1", "孙妈", {SALMON: 1}),
        ("9. 吴 261122-2 x2", "吴", {CORN: 2}),
        ("10. 周 tjd2 🎉🎉", "周", {EGGS: 2}),
        ("11. 郑 糯玉迷 2", "郑", {CORN: 2}),
        ("15. 卫 2份鸡蛋 1箱玉米", "卫", {EGGS: 2, CORN: 1}),
        ("16. 蒋 鸡蛋2玉米1大份3", "蒋", {EGGS: 2, CORN: 1, LARGE: 3}),
        ("19. 杨 红烧肉大份×2、8.8元", "杨", {LARGE: 2}),
        ("22. 秦 三文鱼 十二盒", "秦", {SALMON: 12}),
        ("24. 本地土鸡蛋 30枚 当日新鲜 2", "", {EGGS: 2}),
        ("25.许姐鸡蛋2", "许姐", {EGGS: 2}),
        ("杨 鸡蛋＊2 ；玉米＋1", "杨", {EGGS: 2, CORN: 1}),
    ],
)
def test_lines_as_people_write_them(line: str, name: str, items: dict[int, int]):
    draft = one(line)

    assert (draft.name, draft.items, draft.problems) == (name, items, ())


@pytest.mark.parametrize(
    ("line", "items", "problems"),
    [
        ("2、张叔:红烧肉3", {}, 1),  # large or small?
        ("12. 冯 榴莲2 玉米1", {CORN: 1}, 1),
        ("13. 陈 鸡蛋半板", {}, 1),
        ("14. 褚 鸡蛋2斤", {}, 1),
        ("17 沈 鸡蛋 2 +1", {EGGS: 2}, 1),
        ("18. 韩 鸡蛋999", {}, 1),
        ("18. 韩 鸡蛋0", {}, 1),
        ("18. 韩 鸡蛋2.5", {}, 1),
        ("21. 三文鱼", {}, 1),
        ("23. 尤 鸡蛋-2", {}, 1),
        ("26. 何 鸡蛋2 鸡蛋3", {}, 1),
        ("27. 吕 +2", {}, 1),
        ("28. 施 荔枝5斤", {}, 1),
        ("接龙 今晚22:00截单", {}, 1),
    ],
)
def test_what_is_not_certain_is_told_and_not_counted(line: str, items: dict, problems: int):
    draft = one(line)

    assert (draft.items, len(draft.problems)) == (items, problems)


def test_phone_address_and_asides_are_kept_apart_from_goods():
    draft = one("9. 吴 玉米 x2 13812345678 3-2-501 5栋 晚点来")

    assert (draft.phone, draft.remark) == ("13812345678", "3-2-501 5栋 晚点来")
    assert draft.items == {CORN: 2}


@pytest.mark.parametrize("line", ["7. 赵姐 鸡蛋2 取消", "7. 赵姐 鸡蛋2 不要了", "7. 赵̶姐̶ 鸡蛋̶2̶"])
def test_a_cancelled_line_orders_nothing(line: str):
    draft = one(line)

    assert (draft.is_cancelled, draft.items, draft.name) == (True, {}, "赵姐")


def test_the_same_as_above_is_the_same_as_above():
    first, second, third = read("1. 李姐 鸡蛋2 玉米1\n2. 小周 同上\n3. 小吴 同上", ITEMS)

    assert second.items == third.items == first.items
    assert (second.name, second.problems) == ("小周", ())


def test_the_same_as_nothing_is_a_question():
    draft = one("1. 小周 同上")

    assert (draft.items, len(draft.problems)) == ({}, 1)


def test_where_only_one_thing_is_sold_a_number_is_enough():
    drafts = read("1. 王姐 +2\n2. 李姐2\n+1\n3份", ITEMS[:1])

    assert [draft.items for draft in drafts] == [{EGGS: 2}, {EGGS: 2}, {EGGS: 1}, {EGGS: 3}]


_HAN_DIGITS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
CHAT = """
1. 2、 ３． 4号 ⑤ 李姐 王阿姨 鸡蛋 土鸡蛋 糯玉米 玉米 红烧肉 大份 三文鱼 榴莲
+2 x3 ×1 两板 一份 半斤 30枚 8根 -1 0 100 10 3栋 同上 取消 tjd 261122-2
13812345678 22:00 ¥8.8 🎉 ， ： ٣ Ⅷ ½ ㊿ \ue001
"""
PIECES = [*CHAT.split(), "\n", " ", "\x00", "\u0336"]


def numbers_in(line: str) -> set[int]:
    plain = "".join(line)
    digits = {int(each) for each in re.findall(r"[0-9]+", plain) if len(each) < 9}
    counted = {word.pieces for word in words_of(plain) if not isinstance(word, str)}
    return (
        digits
        | {each for each in counted if each}
        | set(_HAN_DIGITS.values()) & {_HAN_DIGITS[each] for each in plain if each in _HAN_DIGITS}
    )


@given(text=st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_it_never_breaks_and_every_quantity_stands_in_the_chat(text: str):
    drafts = read(text, ITEMS)
    known = {each.item_id for each in ITEMS}
    written: set[int] = set()

    for draft in drafts:
        written |= numbers_in(_plain(draft.raw))
        assert set(draft.items) <= known
        assert all(1 <= count <= 99 for count in draft.items.values())
        assert set(draft.items.values()) <= written
        assert draft.items or draft.problems


@given(text=st.text(max_size=200))
def test_any_text_at_all_is_read_without_breaking(text: str):
    for draft in read(text, ITEMS):
        assert set(draft.items.values()) <= numbers_in(_plain(text)) | set(range(1, 100))
        assert len(draft.raw) <= 500


def _plain(text: str) -> str:
    return tidy_line(text)


def test_a_novel_is_read_up_to_its_five_hundredth_line():
    assert len(read("李姐 鸡蛋2\n" * 2000, ITEMS)) == 500
