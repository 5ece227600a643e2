"""What must always be true of the money: every rule, checked against all rows, in a few questions.

Run by manage.py verify_books, by a job, after a restore, and by tests after every step.
"""

from __future__ import annotations

from payments.invariants.books import BOOK_RULES
from payments.invariants.cards import CARD_RULES
from payments.invariants.collecting import COLLECTING_RULES
from payments.invariants.days import DAY_RULES
from payments.invariants.equations import EQUATION_RULES
from payments.invariants.errands import ERRAND_RULES
from payments.invariants.fees import FEE_RULES
from payments.invariants.messages import MESSAGE_RULES
from payments.invariants.returning import RETURNING_RULES
from payments.invariants.splits import SPLIT_RULES
from payments.invariants.tied_cards import TIED_CARD_RULES
from payments.kernel.checking import CheckResult

RULES = (
    *COLLECTING_RULES,
    *RETURNING_RULES,
    *SPLIT_RULES,
    *ERRAND_RULES,
    *BOOK_RULES,
    *DAY_RULES,
    *EQUATION_RULES,
    *FEE_RULES,
    *MESSAGE_RULES,
    *CARD_RULES,
    *TIED_CARD_RULES,
)


def check() -> list[CheckResult]:
    """Check every rule of payments, refunds, splits, transfers, the books and the messages."""
    found: list[CheckResult] = []
    for rule in RULES:
        results = rule()
        found.extend(results if isinstance(results, list) else [results])
    return found
