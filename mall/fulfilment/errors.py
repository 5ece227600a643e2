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
    """An item was left out, or a count cannot be; data: items."""

    code = "wrong_counts"
    message = _("Please count every item. A count far above what was ordered must be a slip.")


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


class PartError(LinliError):
    """No pieces, or more of a line than are left; data: lines."""

    code = "wrong_part"
    message = _("Please choose what is handed over; no more can be than lies here.")


class NotUndoableError(LinliError):
    """The hand-over cannot be undone any more; data: status."""

    code = "not_undoable"
    message = _("This hand-over can no longer be undone.")


class WindowHeldError(LinliError):
    """A case about the order is still to be decided."""

    code = "window_held"
    message = _("An after-sales case of this order is still open. Decide it first.")


class WeightUnreadableError(LinliError):
    """What was typed or sent is no weight."""

    code = "weight_unreadable"
    http_status = 400
    message = _("Please enter a weight in whole grams, or a sum like 192+167.")


class WeightOutOfRangeError(LinliError):
    """Nothing, or more than a scale at a pickup point carries; data: grams_max."""

    code = "weight_out_of_range"
    http_status = 422
    message = _("A weight is between 1 gram and 200 kilograms.")


class LineUnknownError(LinliError):
    """No such line among the orders this person or scale works on."""

    code = "line_unknown"
    http_status = 404
    message = _("There are no such goods at this pickup point.")


class NotWeighableError(LinliError):
    """Not priced by weight, or the order is not at a stage to be weighed; data: status."""

    code = "not_weighable"
    message = _("These goods are not to be weighed now.")


class WeightLockedError(LinliError):
    """The supplier was settled with: a difference is a case for after-sales."""

    code = "weight_locked"
    message = _("This order is settled. Its weight can no longer be changed.")


class BeyondToleranceError(LinliError):
    """Further from the estimate than the product allows, and no reason given; data: grams, ..."""

    code = "beyond_tolerance"
    message = _("This is far from the estimated weight. Weigh again, or say why it is right.")


class WeightTooLightError(LinliError):
    """So light that a leader alone does not let the difference go back; data: grams, ..."""

    code = "weight_too_light"
    message = _(
        "This is far below the estimated weight. Please weigh again; if it is right, ask the mall "
        "to enter it, or report the goods as damaged."
    )


class ScaleUnknownError(LinliError):
    """No scale has this key, or it was taken away: the same answer to both."""

    code = "unauthorized"
    http_status = 401
    message = _("This key opens nothing here.")


class WishUnreadableError(LinliError):
    """A request that is not as docs/scales.md says; data: field."""

    code = "invalid_request"
    http_status = 400
    message = _("This request cannot be read. Please see the description of the interface.")


class WishChangedError(LinliError):
    """The same idempotency key came with another body."""

    code = "idempotency_conflict"
    message = _("This key was used for another request already.")


class AskedTooOftenError(LinliError):
    """More requests than one may send; data: wait_seconds."""

    code = "rate_limited"
    http_status = 429
    message = _("Too many requests. Please wait a minute.")


class NotExtendableError(LinliError):
    """The bag does not wait any more, or was kept longer as often as may be; data: hours_left."""

    code = "not_extendable"
    message = _("This bag cannot be kept any longer.")


class PapersFirstError(LinliError):
    """The round's sheets could not be written, so nothing was sent."""

    code = "papers_first"
    http_status = 500
    message = _("The sheets could not be written, so nothing was sent. Please try again.")


class RoundOverError(LinliError):
    """The driver's link is not good (any more); data: token is never among it."""

    code = "round_over"
    http_status = 404
    message = _("This link is not valid any more. Please ask the office for a new one.")


class RoundNotSentError(LinliError):
    """The van was not sent yet; data: status."""

    code = "round_not_sent"
    message = _("This round has not been sent yet.")


class NothingToCorrectError(LinliError):
    """A count is set right to another figure, with a reason; data: received."""

    code = "nothing_to_correct"
    http_status = 400
    message = _("Please enter another count than the present one, and the reason.")


class CountedTooLateError(LinliError):
    """The goods are handed over or closed; data: short."""

    code = "counted_too_late"
    message = _("Some of these goods have been handed over. Open an after-sales case instead.")


class NothingToShareError(LinliError):
    """The announced shortage was shared out already, or the supplier says something else now."""

    code = "nothing_to_share"
    http_status = 409
    message = _("This shortage is not as it was shown any more. Please look again.")
