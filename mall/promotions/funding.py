"""Who pays for a discount: funders with percents, and what each of them bears of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from payments.api import Funder, spread

# Their part is owed to us, and the ledger keeps it by giver and campaign.
_GIVERS: Final = {Funder.BANK, Funder.GOVERNMENT}


@dataclass(frozen=True, slots=True)
class Share:
    """A funder's share of a discount in percent; `ref` labels its tender.

    A bank's or an authority's ref names the giver before a colon ("CCB:ccb-200-16"): the ledger
    keeps the receivable by both.
    """

    funder: Funder
    ref: str
    percent: int


def shares_from(
    parts: Sequence[Mapping[str, Any]], *, giver: str, campaign: str
) -> tuple[Share, ...]:
    """Read funders as a row keeps them: [{"funder": "bank", "percent": 100, "ref": "CCB"}].

    A bank or an authority without a ref of its own is `giver`; the campaign follows its name.
    Others without one are labelled by the campaign.
    """
    return tuple(
        Share(Funder(part["funder"]), _ref(part, giver, campaign), part["percent"])
        for part in parts
    )


def borne_by(shares: Sequence[Share], minor: int) -> list[int]:
    """Divide a discount (fen) among its funders by percent; the parts sum to it."""
    return spread(minor, [share.percent for share in shares])


def own_minor(shares: Sequence[Share], minor: int) -> int:
    """Return what of a discount (fen) neither a bank nor an authority bears."""
    if all(share.funder in _GIVERS for share in shares):
        return 0
    parts = zip(shares, borne_by(shares, minor), strict=True)
    return sum(part for share, part in parts if share.funder not in _GIVERS)


def _ref(part: Mapping[str, Any], giver: str, campaign: str) -> str:
    ref = part.get("ref", "")
    if part["funder"] in _GIVERS:
        ref = ref or giver
        return ref if ":" in ref else f"{ref}:{campaign}"
    return ref or campaign
