"""What can be wrong with a statement before anybody compares it, in a cashier's words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the reason of a BadBillError, or by why a statement could not be fetched.
PROBLEMS: Final[dict[str, Promise]] = {
    "digest": _("the file is not the one the acquirer declared"),
    "truncated": _("the file ends too early"),
    "totals": _("its sums are not those of its lines"),
    "header": _("it is the bill of another day or kind"),
    "merchant": _("it is another merchant's bill"),
    "encoding": _("its letters cannot be read"),
    "format": _("a line of it cannot be read"),
    "not_yet": _("not ready at the acquirer"),
    "NotSentError": _("the acquirer could not be reached"),
    "OutcomeUnknownError": _("the acquirer gave no answer"),
    "RateLimitedError": _("the acquirer asks us to wait"),
    "DeclinedError": _("the acquirer refused"),
    "ConfigError": _("the account is set up wrongly"),
}


def problem_words(problem: str) -> str:
    """Say what is wrong; a reason without words of its own stays as it is."""
    return str(PROBLEMS.get(problem, problem))
