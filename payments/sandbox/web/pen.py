"""The pen pages are written with: language, amounts, links, the fields a payer typed."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.clock import to_text
from payments.sandbox.core import cards
from payments.sandbox.core.agreements import Holder
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.intake import PHONE
from payments.sandbox.web.words import say

_CHINA: Final = timezone(timedelta(hours=8))
_CODE_IN_TEXT: Final = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


class TypedWrongError(Exception):
    """What a payer typed cannot be used; the page is shown again with it and with the reasons."""

    def __init__(self, errors: dict[str, str]) -> None:
        """Keep the sentences by field name."""
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Pen:
    """Writes pages for whoever is asking now."""

    bank: Bank

    @property
    def language(self) -> str:
        """The reader's language: what the link says, else what the browser says, else Chinese."""
        asked = request.args.get("lang", "")[:2].lower()
        if asked in {"zh", "en"}:
            return asked
        return "en" if request.accept_languages.best_match(["zh", "en"]) == "en" else "zh"

    def say(self, key: str, **figures: object) -> str:
        """Say a sentence in the reader's language."""
        return say(key, self.language, **figures)

    def said(self, refusal: Refusal) -> str:
        """Say why the bank refuses."""
        return self.say(refusal.code, **refusal.detail)

    def link(self, path: str, **query: str) -> str:
        """Write a link of ours that keeps the chosen language."""
        if "lang" in request.args:
            query["lang"] = self.language
        return f"{path}?{urlencode(query)}" if query else path

    def common(self) -> dict[str, object]:
        """What every page needs."""
        other = "en" if self.language == "zh" else "zh"
        kept = {k: v for k, v in request.args.items() if k != "lang"}
        return {
            "t": self.say,
            "link": self.link,
            "language": "zh-Hans" if self.language == "zh" else "en",
            "other_language_url": f"{request.path}?{urlencode({**kept, 'lang': other})}",
            "merchant_name": self.bank.settings.merchant_name,
        }

    def write(self, template: str, **about: object) -> str:
        """Write a page."""
        return render_template(template, **about)

    def go(self, path: str) -> AnyResponse:
        """Send the browser on after a form (303: it asks with GET)."""
        return redirect(self.link(path), 303)

    def holder_from_form(self) -> Holder:
        """Read card, name and phone; TypedWrongError with a sentence per field."""
        errors: dict[str, str] = {}
        name = request.form.get("name", "").strip()[:40]
        phone = re.sub(r"[\s-]", "", request.form.get("phone", ""))
        if not name:
            errors["name"] = self.say("name_missing")
        if not PHONE.fullmatch(phone):
            errors["phone"] = self.say("phone_wrong")
        try:
            card = cards.read(request.form.get("number", ""), self.bank.keys.secret)
        except Refusal as refusal:
            errors["number"] = self.said(refusal)
            raise TypedWrongError(errors) from refusal
        if errors:
            raise TypedWrongError(errors)
        return Holder(card, name, phone)

    def text_view(self, row: sqlite3.Row) -> dict[str, object]:
        """Describe a text message, with the code in it picked out."""
        code = _CODE_IN_TEXT.search(row["body"])
        return {
            "id": row["id"],
            "phone": row["phone"],
            "sender": row["sender"],
            "body": row["body"],
            "code": code.group() if code else "",
            "at": to_text(row["at_ms"]),
            "clock": f"{datetime.fromtimestamp(row['at_ms'] / 1000, _CHINA):%H:%M:%S}",
        }


def yuan(minor: int) -> str:
    """Write fen as yuan: 19200 is 192.00."""
    return f"{minor // 100:,}.{minor % 100:02d}"


def with_query(url: str, **query: str) -> str:
    """Add query fields to a merchant's address, replacing those of the same name."""
    if not url:
        return ""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in query]
    return urlunsplit(parts._replace(query=urlencode([*kept, *query.items()])))
