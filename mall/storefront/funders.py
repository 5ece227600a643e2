"""Who pays for a discount, by name: her bank, the government, the shop, the supplier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.promotions.funding import Share
from mall.storefront.banks import bank_name
from payments.api import Funder

_OTHERS = {
    Funder.GOVERNMENT: gettext_lazy("the government"),
    Funder.PLATFORM: gettext_lazy("this shop"),
    Funder.SUPPLIER: gettext_lazy("the supplier"),
    Funder.LEADER: gettext_lazy("your group leader"),
}


def funder_name(funder: str, ref: str = "") -> str:
    """Name a funder; a bank by the giver that stands before the colon of its ref."""
    if funder == Funder.BANK:
        return bank_name(ref.partition(":")[0])
    return str(_OTHERS.get(Funder(funder), _("you")))


def who_pays(shares: Sequence[Share]) -> str:
    """Say who pays for a discount; of several funders each with its percent."""
    if not shares:
        return ""
    if len(shares) == 1:
        return _paid_by(funder_name(shares[0].funder, shares[0].ref))
    parts = [f"{funder_name(share.funder, share.ref)} {share.percent}%" for share in shares]
    return _paid_by(_(", ").join(parts))


def who_paid(parts: Iterable[tuple[str, str, str]]) -> str:
    """Say who paid for a discount: of each funder its ref and its amount in words."""
    told = [(funder_name(funder, ref), amount) for funder, ref, amount in parts]
    if not told:
        return ""
    if len(told) == 1:
        return _paid_by(told[0][0])
    return _paid_by(_(", ").join(f"{name} {amount}" for name, amount in told))


def _paid_by(names: str) -> str:
    return _("paid by %(names)s") % {"names": names}
