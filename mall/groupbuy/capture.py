"""Reading a chat's sign-up chain: who wants how many of what, and what could not be read. Pure.

A quantity is only ever taken from the line itself (or, for 同上, from the line above). Whatever is
not certain becomes a sentence for the leader, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _

from mall.groupbuy.capture_names import CaptureItem, Names
from mall.groupbuy.capture_words import Counted, Opening, Word, opening_of, tidy_line, words_of

__all__ = ["CaptureItem", "Draft", "read"]

MOST_LINES: Final = 500
MOST_PIECES: Final = 99
_LINE_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One line: who, what, and what the leader must look at. Clean drafts have no problems."""

    raw: str
    number: int | None = None
    name: str = ""
    phone: str = ""
    remark: str = ""
    items: dict[int, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    is_cancelled: bool = False

    @property
    def is_clean(self) -> bool:
        """Tell whether the line was read whole."""
        return bool(self.items) and not self.problems


@dataclass(slots=True)
class _Mention:
    item: CaptureItem
    count: Counted | None = None


def read(text: str, items: Sequence[CaptureItem]) -> list[Draft]:
    """Return a draft per line that says anything, in the chat's order; at most 500 lines."""
    names = Names(items)
    drafts: list[Draft] = []
    for raw in [line.strip() for line in text.splitlines() if line.strip()][:MOST_LINES]:
        above = next((draft for draft in reversed(drafts) if draft.items), None)
        drafts.append(_read_line(raw[:_LINE_MAX], names, above))
    return drafts


def _read_line(raw: str, names: Names, above: Draft | None) -> Draft:
    opening = opening_of(names.mark(tidy_line(raw)))
    draft = Draft(raw=raw, number=opening.number, phone=opening.phone)
    if opening.is_cancelled:
        draft = replace(draft, is_cancelled=True)
        return replace(draft, name=opening.first_word, problems=(_("It says it is cancelled."),))
    reading = _Reading(names)
    for word in words_of(opening.rest):
        reading.take(word)
    return reading.finish(draft, opening, above)


class _Reading:
    """Goes over the words of a line once, from left to right."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._mentions: list[_Mention] = []
        self._waiting: Counted | None = None
        self._name = ""
        self._unknown = ""
        self._doubtful = False
        self._remarks: list[str] = []
        self._problems: list[str] = []

    def take(self, word: Word) -> None:
        """Take the next word: a number of pieces, or a text."""
        if isinstance(word, Counted):
            self._take_count(word)
        else:
            self._take_text(word)

    def _take_count(self, count: Counted) -> None:
        self._split_glued()
        last = self._mentions[-1] if self._mentions else None
        if self._unknown:
            text = _("“%(text)s” is not in this sale.")
            self._problems.append(text % {"text": f"{self._unknown} {count.raw}"})
            self._unknown = ""
        elif self._doubtful:
            self._doubtful = False
        elif last is not None and last.count is None:
            if not self._names.is_spec(last.item, count.raw):
                last.count = count
        else:
            self._drop_waiting()
            self._waiting = count

    def _split_glued(self) -> None:
        """Take "许姐鸡蛋" before a number apart: what it ends with is in the sale."""
        is_name = not self._mentions and not self._unknown and not self._waiting
        text = self._name if is_name else self._unknown
        head, found = self._names.ending_of(text)
        if not found:
            return
        if is_name:
            self._name = head
        else:
            self._unknown = ""
            self._remarks.append(head)
        self._mention(text, found)

    def _take_text(self, text: str) -> None:
        self._keep_unknown()
        self._doubtful = False
        found = self._names.find(text, is_first=not self._name and not self._mentions)
        if found:
            self._mention(text, found)
        elif not self._name and not self._mentions:
            self._name = text
        else:
            self._unknown = text

    def _mention(self, text: str, found: list[CaptureItem]) -> None:
        if len(found) == 1:
            self._mentions.append(_Mention(found[0], self._waiting))
        else:
            titles = " / ".join(item.title for item in found[:3])
            sentence = _("“%(text)s” may be %(titles)s.")
            self._problems.append(sentence % {"text": text, "titles": titles})
            self._doubtful = self._waiting is None
        self._waiting = None

    def _keep_unknown(self) -> None:
        """What nobody counted is something she says, not something she wants."""
        if self._unknown:
            self._remarks.append(self._unknown)
        self._unknown = ""

    def _drop_waiting(self) -> None:
        if self._waiting is not None:
            text = _("What are the “%(count)s” of?") % {"count": self._waiting.raw}
            self._problems.append(text)
        self._waiting = None

    def finish(self, draft: Draft, opening: Opening, above: Draft | None) -> Draft:
        """Say what the line came to."""
        self._keep_unknown()
        only = self._names.only
        if self._waiting is not None and only is not None and not self._mentions:
            self._mentions.append(_Mention(only, self._waiting))
            self._waiting = None
        self._drop_waiting()
        items = self._counted()
        if opening.is_as_above:
            items = self._as_above(items, above)
        if not items and not self._problems:
            self._problems.append(_("Nothing of this sale was found."))
        remark = " ".join([*opening.asides, *self._remarks])[:100]
        return replace(
            draft,
            name=self._name[:40],
            remark=remark,
            items=items,
            problems=tuple(self._problems),
        )

    def _counted(self) -> dict[int, int]:
        items: dict[int, int] = {}
        twice = set()
        for mention in self._mentions:
            pieces = self._pieces_of(mention)
            if mention.item.item_id in items or mention.item.item_id in twice:
                items.pop(mention.item.item_id, None)
                twice.add(mention.item.item_id)
                text = _("%(title)s is named twice.") % {"title": mention.item.title}
                self._problems.append(text)
            elif pieces:
                items[mention.item.item_id] = pieces
        return items

    def _pieces_of(self, mention: _Mention) -> int:
        title, count = mention.item.title, mention.count
        if count is None:
            self._problems.append(_("How many of %(title)s?") % {"title": title})
            return 0
        if count.pieces is None or not 1 <= count.pieces <= MOST_PIECES:
            text = _("%(title)s: “%(count)s” is not a number from 1 to 99.")
            self._problems.append(text % {"title": title, "count": count.raw})
            return 0
        if count.unit and not mention.item.is_sold_by(count.unit):
            text = _("%(title)s is sold by the %(unit)s, not by “%(count)s”.")
            figures = {"title": title, "unit": mention.item.sales_unit, "count": count.raw}
            self._problems.append(text % figures)
            return 0
        return count.pieces

    def _as_above(self, items: dict[int, int], above: Draft | None) -> dict[int, int]:
        if above is None or items:
            self._problems.append(_("“Same as above”, but it is not clear as what."))
            return items
        if above.problems:
            self._problems.append(_("The line above could not be read whole."))
        return dict(above.items)
