"""What a branch employee types into the editor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def offer_said() -> Callable[..., dict[str, Any]]:
    """``offer_said(name=…)``: the first offer of the mall as it is typed, with changes."""

    def say(**changes: Any) -> dict[str, Any]:
        said = {
            "name": "建行信用卡满200减16",
            "terms": "每人每日限 1 次。",
            "decided_by": "shop",
            "issuers": ["CCB"],
            "kinds": ["credit"],
            "marks": "single",
            "physical_only": "on",
            "benefit_kind": "fixed",
            "threshold_minor": "200",
            "discount_minor": "16.00",
            "starts_at": "2026-12-01T00:00",
            "ends_at": "2026-12-31T23:59",
            "weekdays": ["3"],
            "resident_day_limit": "1",
            "budget_minor": "50,000",
            "funding-funder": ["bank"],
            "funding-percent": ["100"],
            "funding-ref": [""],
            "refund_policy": "proportional",
        }
        return {**said, **changes}

    return say
