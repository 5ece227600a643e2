"""The only door into payments. Other packages import from here and nowhere else.

Money is Money in minor units (fen); instants are aware. "In a transaction" means the caller must
be inside transaction.atomic() or @transact(); "network" means it must not be, because an acquirer
is asked. What happened is told by facts (subscribe): payment.succeeded, payment.failed,
payment.closed, refund.succeeded, refund.failed, split.succeeded, split.failed (some or all shares
refused), split_return.succeeded, split_return.failed, transfer.succeeded, transfer.failed,
agreement.signed, agreement.revoked. A handler gets the payload and runs in a transaction of its
own.
"""

from __future__ import annotations

from payments.acquiring.contract import Purse, Scene
from payments.booked import BookedTender, booked_tenders
from payments.card_counts import card_kind_of, first_ties_by_kind, has_first_tie
from payments.kernel.checking import CheckResult, Violation, one_moment, result_of
from payments.kernel.clock import (
    SHANGHAI,
    business_date,
    day_bounds,
    local,
    now,
    travelling,
    wall_now,
)
from payments.kernel.errors import IllegalTransitionError, LinliError, NotInTransactionError
from payments.kernel.guests import began_payment, remember_payer
from payments.kernel.jobs import Job, Troubles, each, remembering
from payments.kernel.landing import back_by_post
from payments.kernel.money import Money, part_of_share, spread
from payments.kernel.numbers import is_number, new_number
from payments.kernel.state import Edges, advance, sources_of
from payments.kernel.tenders import Funder, Payee, TenderPart
from payments.kernel.transact import is_retriable, transact
from payments.ledger.balances import balance, balances_by_label, movements_by_label
from payments.ledger.recipes import Kept
from payments.ledger.recipes import commission_earned as post_commission_earned
from payments.ledger.recipes import commission_reversed as post_commission_reversed
from payments.ledger.recipes import goods_collected as post_goods_collected
from payments.ledger.recipes import goods_uncollected as post_goods_uncollected
from payments.ledger.recipes import statement_closed as post_statement_closed
from payments.ledger.recipes import subsidy_advance_used as post_subsidy_advance_used
from payments.ledger.recipes import subsidy_set_off as post_subsidy_set_off
from payments.ledger.recipes import subsidy_written_off as post_subsidy_written_off
from payments.ledger.recipes import supplier_corrected as post_supplier_corrected
from payments.ledger.recipes import supplier_statement_closed as post_supplier_statement_closed
from payments.ledger.recipes import tax_remitted as post_tax_remitted
from payments.ledger.recipes import voucher_redeemed as post_voucher_redeemed
from payments.ledger.sealing import last_sealed_day, seal_due
from payments.ledger.subsidies import (
    CampaignMonth,
    campaign_months,
    subsidy_advanced,
    subsidy_balances,
)
from payments.outbox import deliver_pending, publish, subscribe
from payments.papers import AgreementView, PaymentView, RefundView, SigningView, TransferView
from payments.reconciliation.other_receipts import (
    BankLineTakenError,
    BankLineView,
    free_bank_lines,
    use_bank_line,
)
from payments.reconciliation.workload import Workload, workload
from payments.selectors import (
    UnknownNumberError,
    applied_payments,
    attempts,
    payment_view,
    refund_view,
    refunds_of,
    return_view,
    split_view,
    splits_of,
    transfer_view,
)
from payments.services.accounts import (
    NoAcquirerError,
    ensure_dialect_account,
    ensure_dialect_accounts,
    ensure_sandbox_account,
)
from payments.services.agreements import finish_binding, set_default_agreement, unbind
from payments.services.asking import drive_close, lapses_at, refresh_payment
from payments.services.binding import BindStep, SigningNotAvailableError, start_binding
from payments.services.callouts import (
    PartnerAddressError,
    PartnerSilentError,
    call_partner,
    require_public,
)
from payments.services.card_bins import Issuer, find_bin, issuer_name, issuers
from payments.services.consents import (
    Consented,
    ConsentOutdatedError,
    ConsentView,
    consent_text,
)
from payments.services.file_transfers import (
    FileAnswer,
    FileWish,
    approve_file_transfers,
    cancel_file_transfers,
    create_file_transfers,
    file_payees,
    hand_out_file_transfers,
    hear_of_file_transfer,
)
from payments.services.four_eyes import SecondPersonError
from payments.services.funding import OwnFundsPayoutError, SplitsNotConfiguredError
from payments.services.funds import NotEnoughFundsError, available_minor
from payments.services.own_funds import confirm_own_funds, propose_own_funds
from payments.services.owner_codes import WrongCodeError, confirm_with_code
from payments.services.payments import (
    AlreadyAppliedError,
    CardNotUsableError,
    IdempotencyConflictError,
    create_payment,
    request_close,
)
from payments.services.receivers import (
    ReceiverNotTakenError,
    accounts_that_share,
    register_receiver,
    remove_receiver,
)
from payments.services.refunds import (
    NotRefundableError,
    request_refund,
    send_refund,
)
from payments.services.returning import RefundExceedsCapturedError, RefundStage
from payments.services.routing import PaymentUnavailableError, open_purses
from payments.services.sending import PaymentStep, send_payment
from payments.services.share_returns import ShareReturnError
from payments.services.share_sending import request_split_return, send_split_return
from payments.services.split_limits import SplitRefusedError, split_rooms
from payments.services.splits import ShareWish, request_finish, request_split, send_split
from payments.services.stripe_accounts import ensure_stripe_account
from payments.services.subsidies import (
    SubsidyMove,
    keep_what_came_back,
    mark_unpaid_subsidy,
    receive_subsidy,
    settle_subsidy_month,
    subsidy_moves,
)
from payments.services.subsidies import take_voucher_back as post_voucher_unredeemed
from payments.services.texts import TextNotSentError, send_text
from payments.services.transfer_desk import (
    approve_transfer,
    cancel_transfer,
    take_unsent_transfer_back,
)
from payments.services.transfers import (
    InTransit,
    create_transfer,
    refresh_transfer,
    send_transfer,
)
from payments.services.tying_limits import TooManyCardsTriedError
from payments.split_papers import ShareView, SplitReturnView, SplitView
from payments.trail import Chapter, Line
from payments.wallet import (
    agreement_view,
    agreements_of,
    is_chargeable,
    signing_failed_since,
    signing_under_way,
    signing_view,
    wallet_of,
)

__all__ = [
    "SHANGHAI",
    "AgreementView",
    "AlreadyAppliedError",
    "BankLineTakenError",
    "BankLineView",
    "BindStep",
    "BookedTender",
    "CampaignMonth",
    "CardNotUsableError",
    "Chapter",
    "CheckResult",
    "ConsentOutdatedError",
    "ConsentView",
    "Consented",
    "Edges",
    "FileAnswer",
    "FileWish",
    "Funder",
    "IdempotencyConflictError",
    "IllegalTransitionError",
    "InTransit",
    "Issuer",
    "Job",
    "Kept",
    "Line",
    "LinliError",
    "Money",
    "NoAcquirerError",
    "NotEnoughFundsError",
    "NotInTransactionError",
    "NotRefundableError",
    "OwnFundsPayoutError",
    "PartnerAddressError",
    "PartnerSilentError",
    "Payee",
    "PaymentStep",
    "PaymentUnavailableError",
    "PaymentView",
    "Purse",
    "ReceiverNotTakenError",
    "RefundExceedsCapturedError",
    "RefundStage",
    "RefundView",
    "Scene",
    "SecondPersonError",
    "ShareReturnError",
    "ShareView",
    "ShareWish",
    "SigningNotAvailableError",
    "SigningView",
    "SplitRefusedError",
    "SplitReturnView",
    "SplitView",
    "SplitsNotConfiguredError",
    "SubsidyMove",
    "TenderPart",
    "TextNotSentError",
    "TooManyCardsTriedError",
    "TransferView",
    "Troubles",
    "UnknownNumberError",
    "Violation",
    "Workload",
    "WrongCodeError",
    "accounts_that_share",
    "advance",
    "agreement_view",
    "agreements_of",
    "applied_payments",
    "approve_file_transfers",
    "approve_transfer",
    "attempts",
    "available_minor",
    "back_by_post",
    "balance",
    "balances_by_label",
    "began_payment",
    "booked_tenders",
    "business_date",
    "call_partner",
    "campaign_months",
    "cancel_file_transfers",
    "cancel_transfer",
    "card_kind_of",
    "confirm_own_funds",
    "confirm_with_code",
    "consent_text",
    "create_file_transfers",
    "create_payment",
    "create_transfer",
    "day_bounds",
    "deliver_pending",
    "drive_close",
    "each",
    "ensure_dialect_account",
    "ensure_dialect_accounts",
    "ensure_sandbox_account",
    "ensure_stripe_account",
    "file_payees",
    "find_bin",
    "finish_binding",
    "first_ties_by_kind",
    "free_bank_lines",
    "hand_out_file_transfers",
    "has_first_tie",
    "hear_of_file_transfer",
    "is_chargeable",
    "is_number",
    "is_retriable",
    "issuer_name",
    "issuers",
    "keep_what_came_back",
    "lapses_at",
    "last_sealed_day",
    "local",
    "mark_unpaid_subsidy",
    "movements_by_label",
    "new_number",
    "now",
    "one_moment",
    "open_purses",
    "part_of_share",
    "payment_view",
    "post_commission_earned",
    "post_commission_reversed",
    "post_goods_collected",
    "post_goods_uncollected",
    "post_statement_closed",
    "post_subsidy_advance_used",
    "post_subsidy_set_off",
    "post_subsidy_written_off",
    "post_supplier_corrected",
    "post_supplier_statement_closed",
    "post_tax_remitted",
    "post_voucher_redeemed",
    "post_voucher_unredeemed",
    "propose_own_funds",
    "publish",
    "receive_subsidy",
    "refresh_payment",
    "refresh_transfer",
    "refund_view",
    "refunds_of",
    "register_receiver",
    "remember_payer",
    "remembering",
    "remove_receiver",
    "request_close",
    "request_finish",
    "request_refund",
    "request_split",
    "request_split_return",
    "require_public",
    "result_of",
    "return_view",
    "seal_due",
    "send_payment",
    "send_refund",
    "send_split",
    "send_split_return",
    "send_text",
    "send_transfer",
    "set_default_agreement",
    "settle_subsidy_month",
    "signing_failed_since",
    "signing_under_way",
    "signing_view",
    "sources_of",
    "split_rooms",
    "split_view",
    "splits_of",
    "spread",
    "start_binding",
    "subscribe",
    "subsidy_advanced",
    "subsidy_balances",
    "subsidy_moves",
    "take_unsent_transfer_back",
    "transact",
    "transfer_view",
    "travelling",
    "unbind",
    "use_bank_line",
    "wall_now",
    "wallet_of",
    "workload",
]
