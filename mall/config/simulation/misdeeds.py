"""What the bank itself gets wrong, by the rules of its own admin plane, and how often."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from mall.config.simulation.bank import PlayedBank

# Fault, how many plays in a hundred it is in, and what else its rule says.
MISDEEDS: Final[tuple[tuple[str, int, dict[str, Any]], ...]] = (
    ("pay_after_close", 30, {"args": {"seconds": 90}}),
    ("double_pay", 12, {"probability": 0.4}),
    ("agreement_revoked_by_user", 12, {}),
    ("refund_pending_then_fail", 14, {}),
    ("refund_abnormal", 14, {}),
    ("refund_fail_after_success", 14, {"args": {"seconds": 5000}}),
    ("transfer_returned", 25, {"args": {"seconds": 3000}}),
    ("transfer_user_never_confirms", 25, {"args": {"seconds": 20000}}),
    ("split_partial", 30, {}),
    ("split_return_fails", 40, {}),
    ("response_for_other_order", 14, {"probability": 0.2}),
    ("amount_tamper", 14, {"probability": 0.1, "args": {"minor": 1}}),
    ("notify_before_response", 20, {"probability": 0.3, "args": {"seconds": 0.1}}),
    ("notify_bad_signature", 12, {"probability": 0.3}),
    ("notify_stale_timestamp", 12, {"probability": 0.3}),
    ("notify_old_key", 12, {"probability": 0.3}),
    ("notify_never", 12, {"probability": 0.3, "count": 2}),
    ("notify_reorder", 12, {"probability": 0.3, "count": 2, "args": {"seconds": 600}}),
    ("notify_duplicate", 12, {"probability": 0.3, "count": 2}),
)


def agree_on(bank: PlayedBank, dice: Random) -> None:
    """Choose what the bank will get wrong in this play."""
    bank.bank.rules.seed(dice.randrange(1 << 30))
    for fault, share, rule in MISDEEDS:
        if dice.randrange(100) < share:
            bank.misbehave(fault, **rule)
