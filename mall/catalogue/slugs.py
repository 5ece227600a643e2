"""Readable addresses for Chinese titles: 海南荔枝 becomes hai-nan-li-zhi."""

from __future__ import annotations

from pypinyin import lazy_pinyin
from slugify import slugify


def pinyin_slug(value: str, *, allow_unicode: bool = False) -> str:
    """Return a Latin slug of a title; Oscar calls this for products and categories."""
    return slugify(" ".join(lazy_pinyin(value)), allow_unicode=allow_unicode)
