"""What one product can be found by: its title as it is written, said, and abbreviated."""

from __future__ import annotations

from dataclasses import dataclass

from mall.catalogue.spelling import initials_of, tidy, written_out


@dataclass(frozen=True, kw_only=True)
class SearchText:
    """What one product can be found by, all in lower case."""

    title: str
    pinyin: str
    initials: str


def search_text(title: str) -> SearchText:
    """Write a title out as it may be typed: 荔枝 5 斤 is also "lizhi5jin" and "lz5j"."""
    title = tidy(title)
    pieces = written_out(title)
    return SearchText(title=title, pinyin="".join(pieces), initials=initials_of(pieces))
