"""What lists and pages of the desk show alike: states in colour, bars of what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mall.offerdesk.words import yuan
from mall.promotions.models import BankOffer, OfferReservation, Proposal

GREEN, BLUE, ORANGE, RED = "success", "info", "warning", "danger"
OFFER_COLOURS: Final[dict[str, str]] = {
    BankOffer.State.DRAFT: BLUE,
    BankOffer.State.SCHEDULED: BLUE,
    BankOffer.State.ACTIVE: GREEN,
    BankOffer.State.PAUSED: ORANGE,
    BankOffer.State.EXHAUSTED: RED,
    BankOffer.State.ENDED: "primary",
}
USE_COLOURS: Final[dict[str, str]] = {
    OfferReservation.State.RESERVED: ORANGE,
    OfferReservation.State.CONSUMED: GREEN,
    OfferReservation.State.RELEASED: BLUE,
    OfferReservation.State.CLAWED_BACK: RED,
}
PROPOSAL_COLOURS: Final[dict[str, str]] = {
    Proposal.Status.PROPOSED: ORANGE,
    Proposal.Status.APPROVED: GREEN,
    Proposal.Status.REFUSED: RED,
    Proposal.Status.WITHDRAWN: BLUE,
    Proposal.Status.VOID: RED,
    Proposal.Status.EXPIRED: BLUE,
    Proposal.Status.WAIVED: BLUE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How much of something is gone: spent, reserved, left; amounts or counts as they are shown."""

    label: str
    used: int
    reserved: int
    most: int | None
    is_money: bool

    @property
    def gone(self) -> int:
        """Return what is spent or reserved."""
        return self.used + self.reserved

    @property
    def left(self) -> int | None:
        """Return what is left; None without a limit."""
        return None if self.most is None else max(self.most - self.gone, 0)

    def show(self, figure: int | None) -> str:
        """Show a figure of this bar."""
        if figure is None:
            return _("no limit")
        return yuan(figure) if self.is_money else f"{figure:,}"

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Return heading and figure of each part."""
        return [
            (_("used"), self.show(self.used)),
            (_("reserved"), self.show(self.reserved)),
            (_("left"), self.show(self.left)),
            (_("in all"), self.show(self.most)),
        ]


def bars_of(offer: BankOffer) -> list[Bar]:
    """Return budget and uses of an offer."""
    return [
        Bar(
            label=_("Budget"),
            used=offer.used_minor,
            reserved=offer.reserved_minor,
            most=offer.budget_minor,
            is_money=True,
        ),
        Bar(
            label=_("Uses"),
            used=offer.used_count,
            reserved=offer.reserved_count,
            most=offer.total_limit,
            is_money=False,
        ),
    ]


def bar_in_list(bar: Bar) -> SafeString:
    """Draw a bar for a list's cell: a meter, and the figures in words."""
    words = f"{bar.show(bar.gone)} / {bar.show(bar.most)}"
    if not bar.most:
        return format_html('<span class="desk-figures">{}</span>', words)
    return format_html(
        '<span class="desk-figures"><meter min="0" max="{}" value="{}" high="{}" optimum="0" '
        'aria-label="{}"></meter> {}</span>',
        bar.most,
        bar.gone,
        int(bar.most * 0.8),
        bar.label,
        words,
    )


def who(request: HttpRequest) -> str:
    """Name who is at the desk: by this two people are told apart."""
    return str(request.user.get_username())


def site_context(model_admin: Any, request: HttpRequest, **more: Any) -> dict[str, Any]:
    """Return what every page of the admin needs, and more."""
    return {**model_admin.admin_site.each_context(request), "opts": model_admin.opts, **more}
