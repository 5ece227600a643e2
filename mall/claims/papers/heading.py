"""What both papers of a claim say above and below its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.claims.models import ClaimLine, SubsidyClaim
from mall.claims.months import last_of
from mall.claims.names import giver_name
from payments.api import Money, local


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum of the claim and what it is called."""

    label: str
    minor: int

    @property
    def major(self) -> Decimal:
        """The sum in yuan."""
        return Money(self.minor).major


def shop_name() -> str:
    """Return who claims: LINLI_OPERATOR_NAME, else the site's address."""
    return settings.LINLI_OPERATOR_NAME or settings.SITE_URL


def title_of(claim: SubsidyClaim) -> str:
    """Return the paper's title."""
    return _("Claim for discounts") if claim.claim_no else _("Draft of a claim, not issued")


def facts_of(claim: SubsidyClaim) -> list[tuple[str, str]]:
    """Return who claims what from whom for which days."""
    issued = f"{local(claim.issued_at):%Y-%m-%d}" if claim.issued_at else "–"
    return [
        (_("Claim number"), claim.claim_no or "–"),
        (pgettext("claim", "To"), f"{giver_name(claim.giver)} ({claim.giver})"),
        (pgettext("claim", "From"), shop_name()),
        (pgettext("claim", "Campaign"), f"{claim.name or claim.campaign} ({claim.campaign})"),
        (_("Period"), f"{claim.month:%Y-%m-%d} – {last_of(claim.month):%Y-%m-%d}"),
        (_("Issued on"), issued),
        (_("Lines"), str(claim.line_count)),
    ]


def sums_of(claim: SubsidyClaim) -> list[Figure]:
    """Return the claim's sums, from what was given to what is to be paid."""
    sums = [
        Figure(_("Discounts given"), claim.given_minor),
        Figure(_("Given back by refunds"), -claim.returned_minor),
    ]
    if claim.again_minor:
        sums.append(Figure(_("Disputed before, claimed again"), claim.again_minor))
    sums.append(Figure(_("Amount of this claim"), claim.amount_minor))
    advance = sum(part.minor for part in claim.parts.all() if part.is_advance)
    if advance:
        sums.append(Figure(_("Paid in advance"), -advance))
    sums.append(Figure(pgettext("claim", "To be paid"), claim.amount_minor - advance))
    return sums


def headers() -> list[str]:
    """Return the headings of the lines."""
    return [
        _("No."),
        _("Day"),
        _("Order"),
        _("Payment"),
        _("Card"),
        _("Goods"),
        _("Discount"),
        _("Given back"),
        _("Net"),
        _("Note"),
    ]


def rows_of(claim: SubsidyClaim) -> Iterator[list[Any]]:
    """Yield the lines as rows, a few held at a time; money in yuan."""
    for line in claim.lines.order_by("number").iterator(chunk_size=2000):
        yield [
            line.number,
            line.day,
            line.order_no,
            line.subject_no,
            line.last4,
            Money(line.goods_minor).major,
            Money(line.discount_minor).major,
            Money(line.returned_minor).major,
            Money(line.net_minor).major,
            note_of(line),
        ]


def note_of(line: ClaimLine) -> str:
    """Return what makes a line another than an order's of the month."""
    if line.kind == ClaimLine.Kind.ORDER:
        return line.note
    return f"{line.get_kind_display()} {line.note}".strip()


def signatures() -> list[tuple[str, str, str]]:
    """Return who signs, where for whom, and the date."""
    return [
        (_("For the shop: checked by"), _("Issued by"), _("Date and seal")),
        (_("For the bank: checked by"), _("Approved by"), _("Date and seal")),
    ]
