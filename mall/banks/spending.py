"""Whose money a person may spend: a bank's people their own bank's, the mall's people all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mall.banks.scope import sees_every_unit, unit_of
from payments.api import Funder


def may_spend(user: Any, funding: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether all of a mix of funders is hers to spend.

    A bank's people spend their own bank's money; what the mall, suppliers, leaders or others give
    is for the mall's people. A bank's part without a reference is the unit's own bank's.
    """
    unit = unit_of(user)
    if unit is None or sees_every_unit(user):
        return True
    own = {"", unit.issuer_code}
    return all(
        part["funder"] == Funder.BANK and str(part.get("ref", "")).partition(":")[0] in own
        for part in funding
    )
