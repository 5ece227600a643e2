"""Reading a request, whichever of the bank's three forms it comes in."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from flask import Request

from payments.sandbox.dialects.ccb.speech import open_param

_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def read_request(request: Request, pub: str) -> dict[str, str]:
    """Return the fields of a request: a query, a form, an envelope opened, or XML flattened."""
    pairs = parse_qsl(request.query_string.decode("ascii", "replace"), keep_blank_values=True)
    if request.method == "POST":
        form = request.get_data().decode("ascii", "replace")
        pairs += parse_qsl(form, keep_blank_values=True, encoding="gb18030")
    fields = dict(pairs)
    if "ccbParam" in fields:
        return {**fields, **open_param(fields["ccbParam"], pub)}
    if "requestXml" in fields:
        return _flat(fields["requestXml"])
    return fields


def _flat(text: str) -> dict[str, str]:
    if "<!" in text:
        return {}
    try:
        root = ET.fromstring(_DECLARATION.sub("", text).strip())  # noqa: S314 - no document type
    except ET.ParseError:
        return {}
    return {node.tag: (node.text or "").strip() for node in root.iter() if not len(node)}
