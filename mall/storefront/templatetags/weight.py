"""Weights as people read them."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def grams(weight: int | None) -> str:
    """Show grams; nothing where the weight is not known."""
    return "" if weight is None else _("%(grams)s g") % {"grams": weight}
