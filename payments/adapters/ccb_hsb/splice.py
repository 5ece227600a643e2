"""Market pay's signature: values joined in the order of their sorted names, lists item after item.

List items carry no name of their list, so what an `Amt` belongs to is not signed: a message is
asked about before it is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SIGN: Final = "Sign_Inf"
# Of answers these are left out as well: a refusal has nothing else to sign.
STATUS: Final = frozenset({SIGN, "Svc_Rsp_St", "Svc_Rsp_Cd", "Rsp_Inf"})
OF_MESSAGES: Final = frozenset({SIGN})
_DEPTH_MAX: Final = 8


def splice(data: Mapping[str, Any], left_out: frozenset[str] = STATUS, *, depth: int = 0) -> str:
    """Join all that says something as `k=v&…`; ValueError for what is nested without end."""
    if depth > _DEPTH_MAX:
        raise ValueError("nested too deep")
    parts: list[str] = []
    for name in sorted(data):
        if name not in left_out:
            parts += _spliced(name, data[name], depth)
    return "&".join(parts)


def _spliced(name: str, value: Any, depth: int) -> list[str]:
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, list):
        inner = [
            splice(item, frozenset(), depth=depth + 1)
            if isinstance(item, Mapping)
            else f"{name}={item}"
            for item in value
        ]
        return [text for text in inner if text]
    text = "" if value is None else str(value)
    return [f"{name}={text}"] if text.strip() else []
