"""Why a review is not taken."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotReviewableError(LinliError):
    """Not hers, not collected, paid back, or too long ago."""

    code = "not_reviewable"
    message = _("You can review goods you collected, for a month after collecting them.")


class ReviewTextError(LinliError):
    """Words or stars that cannot be shown."""

    code = "review_text"
    http_status = 400
    message = _("Please give one to five stars.")
