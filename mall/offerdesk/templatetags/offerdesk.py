"""How templates of the desk show amounts and reasons."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from mall.offerdesk.words import yuan
from mall.promotions.reasons import Reason
from mall.promotions.wording import describe

register = template.Library()


@register.filter
def desk_yuan(minor: int | None) -> str:
    """Show fen as yuan; nothing as no limit."""
    return _("no limit") if minor is None else yuan(minor)


@register.filter
def desk_reason(reason: Reason) -> str:
    """Say a reason as the shop does."""
    return describe(reason)
