"""A supplier's link goes to its telephone: made, told by a message, written down.

Fact supplier.link: supplier_id, phone, link (the path), number (of a statement, or "").
"""

from __future__ import annotations

import structlog

from mall.accounts.allowances import DAY, HOUR, count_within
from mall.catalogue.models import SupplierProfile
from mall.supply.errors import NoPhoneError, TooOftenError
from mall.supply.links import make_link
from payments.api import now, publish, transact

log = structlog.get_logger(__name__)
# Text messages cost money, and a supplier is told of a link often enough.
_MESSAGES = ((HOUR, 6), (DAY, 20))


@transact()
def send_link(*, supplier_id: int, by: str, page: str = "", number: str = "") -> str:
    """Send a new link to a supplier's telephone; return the number's last four digits.

    ``page`` is where below the link it leads ("settlement/S…/"), ``number`` what it is about.
    NoPhoneError; TooOftenError beyond six an hour.
    """
    profiles = SupplierProfile.objects.filter(partner=supplier_id)
    phone = profiles.values_list("phone", flat=True).first() or ""
    if not phone:
        raise NoPhoneError
    wait = count_within(subject=f"supplier-link-sent:{supplier_id}", limits=_MESSAGES, at=now())
    if wait:
        raise TooOftenError(wait_seconds=wait)
    link, path = make_link(supplier_id=supplier_id, by=by)
    publish(
        "supplier.link",
        key=f"supplier.link:{link.pk}",
        aggregate=f"supplier:{supplier_id}",
        payload={
            "supplier_id": supplier_id,
            "phone": phone,
            "link": f"{path}{page}",
            "number": number,
        },
    )
    log.info("supplier.link_sent", supplier_id=supplier_id, link=link.pk, by=by)
    return phone[-4:]
