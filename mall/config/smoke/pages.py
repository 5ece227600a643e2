"""What a person sees of a page: its words, its links, the forms she can fill in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

_SILENT: Final = {"script", "style", "svg", "template"}
# Parts of one amount or word; everything else separates words.
_INLINE: Final = {"small", "b", "strong", "em", "i", "s"}
_BUTTONS: Final = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """A form with what is filled in already."""

    action: str
    id: str = ""
    is_post: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""


@dataclass
class Link:
    """Where a link leads and what it says."""

    url: str
    text: str = ""
    attributes: frozenset[str] = frozenset()


class Reader(HTMLParser):
    """Reads a page once, from top to bottom."""

    def __init__(self, url: str) -> None:
        """Start at an address: links are relative to it."""
        super().__init__()
        self._url = url
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._link: Link | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self._typed: tuple[str, list[str]] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what matters of an opening tag."""
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        if tag not in _INLINE:
            self._say(" ")
        if tag == "form":
            is_post = given.get("method", "").lower() == "post"
            action = urljoin(self._url, given.get("action") or self._url)
            self._form = Form(action, given.get("id", ""), is_post)
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self._link = Link(urljoin(self._url, given["href"]), "", frozenset(given))
            self.links.append(self._link)
        elif tag in {"input", "select", "option", "textarea"}:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        kind = given.get("type", "text")
        if tag == "textarea":
            self._typed = (name, [])
        elif tag == "select":
            self._select = (name, [], [])
        elif tag == "option" and self._select:
            value = given.get("value", "")
            self._select[2 if "selected" in given else 1].append(value)
        elif tag == "input" and name and kind not in _BUTTONS:
            is_tick = kind in {"checkbox", "radio"}
            if not is_tick or "checked" in given:
                self._keep(name, given.get("value", "on" if is_tick else ""))

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag in _SILENT:
            self._silent -= 1
        if tag not in _INLINE:
            self._say(" ")
        if tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "select" and self._select:
            name, offered, selected = self._select
            for value in selected or offered[:1]:
                self._keep(name, value)
            self._select = None
        elif tag == "textarea" and self._typed:
            self._keep(self._typed[0], "".join(self._typed[1]).removeprefix("\n"))
            self._typed = None

    def handle_data(self, data: str) -> None:
        """Read text."""
        if self._typed:
            self._typed[1].append(data)
        elif not self._silent:
            self._say(data)

    def _say(self, text: str) -> None:
        self.words.append(text)
        if self._form:
            self._form.text += text
        if self._link:
            self._link.text += text

    def _keep(self, name: str, value: str) -> None:
        if self._form and name:
            self._form.fields.append((name, value))


class Page:
    """A page as it came, and what can be read on it."""

    def __init__(self, url: str, status: int, html: str) -> None:
        """Read it."""
        self.url, self.status, self.html = url, status, html
        reader = Reader(url)
        reader.feed(html)
        self.forms, self.links = reader.forms, reader.links
        self.text = re.sub(r"\s+", " ", "".join(reader.words)).strip()

    def form(self, *, to: str = "", with_text: str = "", id_: str = "") -> Form | None:
        """Find the first POST form whose address and words hold these, or the one of an id."""
        for form in self.forms:
            if id_ and form.id == id_:
                return form
            if not id_ and form.is_post and to in form.action and with_text in form.text:
                return form
        return None

    def link(self, *, to: str = "", with_text: str = "", marked: str = "") -> str:
        """Return the first link whose address and words hold these; "" where there is none."""
        for link in self.links:
            is_marked = not marked or marked in link.attributes
            if is_marked and to in link.url and with_text in link.text:
                return link.url
        return ""

    def found(self, pattern: str) -> list[str]:
        """Return what a pattern finds in the page's source."""
        return [str(each) for each in re.findall(pattern, self.html)]
