"""Why goods cannot be dispatched, received or handed over, with the figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class NotYourPointError(LinliError):
    """The person is neither the leader of this order's pickup point nor staff."""

    code = "not_your_point"
    http_status = 403
    message = _("This order belongs to another pickup point.")


class NotDispatchableError(LinliError):
    """The group is not cut off yet, or did not form; data: state."""

    code = "not_dispatchable"
    message = _("This group's goods cannot be sent yet.")


class CountsError(LinliError):
    """More was counted than was expected, or an item was left out; data: items."""

    code = "wrong_counts"
    message = _("Please count every item; no more can have come than was ordered.")


class CodeUnknownError(LinliError):
    """No bag at this point has this code; data: tries_left."""

    code = "code_unknown"
    http_status = 404
    message = _("No bag at this pickup point has this code.")


class ScreenLockedError(LinliError):
    """Too many wrong codes; data: until."""

    code = "screen_locked"
    http_status = 429
    message = _("Too many wrong codes. Please wait a minute.")


class NotCollectableError(LinliError):
    """The order does not wait at the point; data: status."""

    code = "not_collectable"
    message = _("This order is not waiting to be collected.")


class NotUndoableError(LinliError):
    """The hand-over cannot be undone any more; data: status."""

    code = "not_undoable"
    message = _("This hand-over can no longer be undone.")
