"""The bank's XML: written in GB2312 for the outreach client, read strictly, flat and bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from payments.acquiring.contract import OutcomeUnknownError

CHINA: Final = timezone(timedelta(hours=8))
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_HEAD: Final = '<?xml version="1.0" encoding="GB2312" standalone="yes" ?>\n'
_CHARACTERS_MAX: Final = 1_048_576


def read_xml(body: bytes) -> ET.Element:
    """Read an answer; OutcomeUnknownError for what is no plain XML.

    The declared encoding is a name for GBK here; entities and document types are refused.
    """
    try:
        text = body.decode("utf-8" if b"utf-8" in body[:80].lower() else "gb18030")
    except UnicodeDecodeError as error:
        raise OutcomeUnknownError("the bank's answer is in no known encoding") from error
    text = _DECLARATION.sub("", text)
    if "<!" in text or len(text) > _CHARACTERS_MAX:
        raise OutcomeUnknownError("the bank's answer is no plain XML")
    try:
        return ET.fromstring(text.strip())  # noqa: S314 - no document type, no entities: see above
    except (ET.ParseError, ValueError) as error:
        raise OutcomeUnknownError("the bank's answer is not XML") from error


def text_of(element: ET.Element, name: str) -> str:
    """Return a child's text, "" where there is none; named twice it is OutcomeUnknownError."""
    found = element.findall(name)
    if len(found) > 1:
        raise OutcomeUnknownError(f"the bank says {name} twice")
    return (found[0].text or "").strip() if found else ""


def fields_of(element: ET.Element) -> dict[str, str]:
    """Return all children's texts by name."""
    return {child.tag: (child.text or "").strip() for child in element if not len(child)}


def write_tx(head: Mapping[str, str], info: Mapping[str, str]) -> str:
    """Write a request of the outreach client: `TX` with its head and `TX_INFO`."""
    return f"{_HEAD}<TX>\n{_written(head)}<TX_INFO>\n{_written(info)}</TX_INFO>\n</TX>\n"


def _written(fields: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>\n" for name, value in fields.items())


def instant_of(text: str) -> datetime | None:
    """Read the bank's instants, China's time: 20161230112233 or 2016-12-30 11:22:33; else None."""
    digits = re.sub(r"[^0-9]", "", text, flags=re.ASCII)
    if len(digits) != 14:
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        return None
