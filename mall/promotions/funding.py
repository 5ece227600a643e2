"""Who pays for a discount: funders with percents, and what each of them bears of it."""

from __future__ import annotations

from dataclasses import dataclass

from payments.api import Funder


@dataclass(frozen=True, slots=True)
class Share:
    """A funder's share of a discount in percent; `ref` labels its tender.

    A bank's or an authority's ref names the giver before a colon ("CCB:ccb-200-16"): the ledger
    keeps the receivable by both.
    """

    funder: Funder
    ref: str
    percent: int
