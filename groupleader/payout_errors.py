"""How paying out refuses, in sentences a clerk or a leader can act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class PayeeFrozenError(LinliError):
    """Somebody said that a change of this account was not hers."""

    code = "payee_frozen"
    message = _("Payouts are frozen: somebody said that the change of this account was not hers.")


class NothingToTransferError(LinliError):
    """There is no amount to pay."""

    code = "nothing_to_transfer"
    message = _("This statement leaves nothing to transfer.")


class AnotherPersonPaysError(LinliError):
    """Above the limit, who approved a statement does not also pay it."""

    code = "another_person_pays"
    http_status = 403
    message = _("You approved this statement; somebody else has to start its payment.")


class LayoutUnknownError(LinliError):
    """No bank's layout has this name."""

    code = "layout_unknown"
    http_status = 422
    message = _("Please choose one of the layouts of the list.")


class BatchRefusedError(LinliError):
    """A batch that cannot be made; `reason` says why: empty, too_many, form, others."""

    code = "batch_refused"
    http_status = 422
    message = _("This batch cannot be made like this.")


class BatchUnwritableError(LinliError):
    """A row that the bank's file cannot hold; data: row, payout_no, reason."""

    code = "batch_unwritable"
    http_status = 422
    message = _(
        "A name or bank cannot be written in this file. Correct the account, "
        "or choose another kind of file."
    )


class ResultUnreadableError(LinliError):
    """A file that is no result of this layout; data: reason, line."""

    code = "result_unreadable"
    http_status = 422
    message = _("This file cannot be read as the bank's result of this batch.")


class ResultRefusedError(LinliError):
    """A result that does not fit its batch: nothing of it was applied; `findings` list what."""

    code = "result_refused"
    http_status = 422
    message = _("The file does not fit the batch. Nothing of it was applied.")


class DecisionOpenError(LinliError):
    """Somebody proposed something about this already."""

    code = "decision_open"
    message = _("This already waits for a second person's decision.")


class EvidenceMissingError(LinliError):
    """What two people decide names the evidence."""

    code = "evidence_missing"
    http_status = 422
    message = _("Please say what proves it: the bank's receipt, a booking, a letter.")


class AccountNumberError(LinliError):
    """A number that no account has; `reason` in the data: digits, checksum."""

    code = "account_number"
    http_status = 422
    message = _("This is not an account number. Please compare it with the card, digit by digit.")


class HolderDiffersError(LinliError):
    """A person is paid to an account in her own name, unless a reason is given."""

    code = "holder_differs"
    http_status = 422
    message = _("The account has to be in your own name, or please say why it is not.")


class PayeeProposedError(LinliError):
    """Another change of this account waits for its second person."""

    code = "payee_proposed"
    message = _("A change of this account already waits for a second person.")


class NotSplitModeError(LinliError):
    """The operator pays from its own account."""

    code = "not_split_mode"
    message = _("Splits are switched off: this operator pays by transfer or batch file.")


class ReceiverMissingError(LinliError):
    """The acquirer does not know whom to pay."""

    code = "receiver_missing"
    message = _("No receiver at the acquirer is entered for this leader or supplier.")


class ReceiverRefusedError(LinliError):
    """A receiver that cannot be right: no number, no name, or an account that does not share."""

    code = "receiver_refused"
    http_status = 422
    message = _("Please choose an account that shares payments, and write number and name in full.")


class ReceiverProposedError(LinliError):
    """Another receiver of the same party waits for its second person."""

    code = "receiver_proposed"
    message = _("Another receiver waits for a second person. Decide about that one first.")


class NoRoomToSplitError(LinliError):
    """No payment of the statement's orders has anything left to share."""

    code = "no_room_to_split"
    message = _("The orders of this statement have nothing left that may be shared out.")
