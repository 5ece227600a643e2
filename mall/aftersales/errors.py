"""Why a case cannot be opened, decided or paid, with the figures the screen needs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class CaseGoneError(LinliError):
    """There is no such case for this person."""

    code = "no_such_case"
    http_status = 404
    message = _("We could not find this case.")


class NotAskableError(LinliError):
    """Nothing can be asked for this line now; the sentence says why; data: until."""

    code = "case_not_possible"
    message = _("Nothing can be asked for these goods now.")


class CaseOpenError(LinliError):
    """The line has an open case already; data: case_no."""

    code = "case_open"
    message = _("There already is an open case about these goods.")


class AskedTooMuchError(LinliError):
    """More pieces or money than is left of the line; data: quantity, payer_minor (left)."""

    code = "case_too_much"
    message = _("This is more than is left of these goods. Please ask for less.")


class AskedNothingError(LinliError):
    """Neither pieces nor an amount."""

    code = "case_nothing"
    http_status = 400
    message = _("Please say for how many pieces, or how much.")


class PhotoMissingError(LinliError):
    """The reason asks for a photo and there is none."""

    code = "case_photo_missing"
    http_status = 400
    message = _("Please add a photo: without it nobody can see what is wrong.")


class TooManyPhotosError(LinliError):
    """A case has six photos at most."""

    code = "case_too_many_photos"
    http_status = 400
    message = _("A case has six photos at most.")


class ReasonMissingError(LinliError):
    """A refusal says why."""

    code = "reason_missing"
    http_status = 400
    message = _("Please say why.")


class NotYourTurnError(LinliError):
    """Somebody else decides now, or it was decided already; data: status."""

    code = "case_not_your_turn"
    message = _("This case was decided already, or somebody else decides it now.")


class OverLimitError(LinliError):
    """More than this person may let go back alone; data: limit_minor, left_minor."""

    code = "case_over_limit"
    message = _("This is more than you may decide. Please pass the case on to the mall.")


class NotAppealableError(LinliError):
    """Only a leader's rejection can be appealed, once and in time."""

    code = "case_not_appealable"
    message = _("This decision can no longer be appealed.")


class NotRecallableError(LinliError):
    """The batch is called back already, or this step is not possible now."""

    code = "not_recallable"
    message = _("This batch is being called back already, or it was decided otherwise.")
