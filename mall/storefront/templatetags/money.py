"""How money is written on a page: fen in, yuan out, always two decimals."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MINUS = "\N{MINUS SIGN}"


def minor_of(amount: Any) -> int | None:
    """The amount in fen: of an integer as it is, of a Money its minor; None when there is none."""
    if amount is None or amount == "":
        return None
    return int(getattr(amount, "minor", amount))


@register.filter
def money(amount: Any) -> str:
    """1260050 fen -> "12,600.50"; negative with a real minus sign; nothing stays nothing."""
    minor = minor_of(amount)
    if minor is None:
        return ""
    sign = MINUS if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


@register.filter
def yen(amount: Any) -> str:
    """1990 fen -> "¥19.90", -1600 fen -> "−¥16.00"."""
    minor = minor_of(amount)
    if minor is None:
        return ""
    return f"{MINUS if minor < 0 else ''}¥{money(abs(minor))}"


@register.filter
def short_yen(amount: Any) -> str:
    """Without decimals that are zero, for running text: 1600 fen -> "¥16", 2350 -> "¥23.50"."""
    return yen(amount).removesuffix(".00")


@register.filter
def whole_yuan(amount: Any) -> str:
    """The yuan before the point: 3990 fen -> "39"."""
    return money(amount).partition(".")[0]


@register.filter
def odd_fen(amount: Any) -> str:
    """The two digits after the point: 3990 fen -> "90"."""
    return money(amount).partition(".")[2]


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A drawing from the sprite, silent for screen readers; size is "", "s", "l" or "spin"."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        static("mall/icons.svg"),
        name,
    )
