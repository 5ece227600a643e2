"""Banks, cards, days and goods as a branch employee says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product
from oscar.apps.offer.models import Range

from payments.api import issuers

KINDS: Final[Mapping[str, Promise]] = {
    "debit": gettext_lazy("debit card"),
    "credit": gettext_lazy("credit card"),
}
WEEKDAYS: Final[Mapping[int, Promise]] = {
    1: pgettext_lazy("weekday", "Monday"),
    2: pgettext_lazy("weekday", "Tuesday"),
    3: pgettext_lazy("weekday", "Wednesday"),
    4: pgettext_lazy("weekday", "Thursday"),
    5: pgettext_lazy("weekday", "Friday"),
    6: pgettext_lazy("weekday", "Saturday"),
    7: pgettext_lazy("weekday", "Sunday"),
}
FUNDERS: Final[Mapping[str, Promise]] = {
    "bank": pgettext_lazy("who pays for a discount", "the bank"),
    "government": pgettext_lazy("who pays for a discount", "an authority"),
    "platform": pgettext_lazy("who pays for a discount", "the mall"),
    "supplier": pgettext_lazy("who pays for a discount", "a supplier"),
    "leader": pgettext_lazy("who pays for a discount", "the group leader"),
}


def issuer_choices() -> list[tuple[str, str]]:
    """Return code and name of every bank whose cards the mall can tell."""
    is_chinese = (get_language() or "").startswith("zh")
    return [(code, zh if is_chinese else en) for code, zh, en in issuers()]


def issuer_names(codes: Iterable[str]) -> list[str]:
    """Return the names of banks; a code that nobody knows stays a code."""
    names = dict(issuer_choices())
    return [names.get(code, code) for code in codes]


def listed(words: Iterable[object]) -> str:
    """Join words as a sentence lists them: a, b and c."""
    told = [str(word) for word in words]
    if len(told) < 2:
        return "".join(told)
    return pgettext("a list of words", "%(most)s and %(last)s") % {
        "most": _(", ").join(told[:-1]),
        "last": told[-1],
    }


def goods_in(goods: Range) -> int:
    """Count the goods that are in a range now."""
    if goods.includes_all_products:
        return Product.objects.filter(is_public=True).count()
    return int(goods.all_products().count())


def major(minor: int) -> Decimal:
    """Return fen as yuan for a cell of a table: a number that stays one."""
    return (Decimal(minor) / 100).quantize(Decimal("0.01"))


def yuan(minor: int) -> str:
    """Show fen as the desk does, with thousands set apart: ¥50,000, ¥1,234.50."""
    major = Decimal(minor) / 100
    return f"¥{major:,.0f}" if minor % 100 == 0 else f"¥{major:,.2f}"
