"""Why a group buy cannot go on, or goods cannot go into a basket, with the figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotReadyError(LinliError):
    """A group buy lacks something before it can be scheduled or opened; the sentence says what."""

    code = "group_buy_not_ready"


class NotOpenYetError(LinliError):
    """Orders are taken later; data: opens_at."""

    code = "not_open_yet"
    message = _("This group has not opened yet.")


class CutOffError(LinliError):
    """The cut-off has passed; data: closes_at."""

    code = "cut_off"
    message = _("Ordering has closed for this group.")


class ItemGoneError(LinliError):
    """The item does not belong to this group's sale (any more)."""

    code = "item_gone"
    http_status = 404
    message = _("This product is no longer offered in this group.")


class SoldOutError(LinliError):
    """Less is left than was asked for; data: title, left."""

    code = "sold_out"


class LimitReachedError(LinliError):
    """More than one resident may have; data: title, limit."""

    code = "limit_reached"


class QuantityError(LinliError):
    """Not a quantity from 0 to 99."""

    code = "bad_quantity"
    http_status = 400
    message = _("Please choose a quantity from 0 to 99.")


class BasketGoneError(LinliError):
    """The basket has been ordered, or merged into another one."""

    code = "basket_gone"
    message = _("This basket has been ordered already. Please reload the page.")
