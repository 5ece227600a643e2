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


class SaleFullError(LinliError):
    """As many orders, or as much money, as this sale can take have come: we are sorry."""

    code = "sale_full"
    message = _(
        "We are sorry: this sale is full. So many neighbours joined that no more can be taken in."
    )


class ConsentError(LinliError):
    """Selling below cost was not asked for, or not agreed to, as it has to be."""

    code = "consent_refused"


class ProlongError(LinliError):
    """A leader cannot prolong her group; the sentence says why."""

    code = "not_prolonged"


class OwnSaleError(LinliError):
    """A leader's own sale is not as the mall allows; data: items = [{product_id, why}]."""

    code = "own_sale_refused"


class CaptureError(LinliError):
    """A pasted chain, or one line of it, cannot be taken so; the sentence says why."""

    code = "capture_refused"


class WaitingError(LinliError):
    """There is nothing to wait for."""

    code = "nothing_to_wait_for"
    message = _("This pickup point has room: you can order right away.")


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


class TooMuchToFillError(QuantityError):
    """Optional pieces are for filling one case of what she buys anyway; data: most."""

    code = "too_much_to_fill"


class BasketGoneError(LinliError):
    """The basket has been ordered, or merged into another one."""

    code = "basket_gone"
    message = _("This basket has been ordered already. Please reload the page.")
