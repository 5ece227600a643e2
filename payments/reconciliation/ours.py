"""Our rows as a comparison reads them: one shape for payments, refunds, shares and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Model

from payments.acquiring.contract import BillKind
from payments.models import (
    ErrandStep,
    Payment,
    Refund,
    Split,
    SplitReturn,
    SplitShare,
    Transfer,
)
from payments.reconciliation.models import RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRows:
    """A table of ours as SQL under the name `o`: where its number, amount and state stand.

    `done` are the states in which our books say the money moved, `lasting` those of them in which
    it stayed there: what came back later need not stand in a bill of its day. `fee_ref` begins
    the name of the journal that books the acquirer's fee of one row. Of what may come back, a line
    that failed says that it did; of a payment, only that an attempt brought no money.
    """

    model: type[Model]
    number: str
    amount: str
    done_at: str
    done: tuple[str, ...]
    lasting: tuple[str, ...] = ("succeeded",)
    # Further rows of which our books say so, as SQL: what became of them since hides it.
    done_too: str = ""
    joined: str = ""
    currency: str = "o.currency"
    merchant: str = "o.merchant"
    related: str = "''"
    party: str = "''"
    acquirer_no: str = "''"
    fee_ref: str = ""
    may_come_back: bool = True

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return _table(self.model)

    @property
    def is_done(self) -> str:
        """The SQL condition that our books say the money moved; false where there is no row."""
        too = f" OR ({self.done_too})" if self.done_too else ""
        return f"COALESCE(o.status IN ({_quoted(self.done)}){too}, FALSE)"

    @property
    def is_lasting(self) -> str:
        """The SQL condition that it moved and stayed; false where there is no row."""
        return f"COALESCE(o.status IN ({_quoted(self.lasting)}), FALSE)"


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - Django documents it


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_CAME_BACK: Final = ("succeeded", "failed_after_success", "returned")

OWN_ROWS: Final[dict[str, OwnRows]] = {
    RecordKind.PAY: OwnRows(
        model=Payment,
        number="o.payment_no",
        # The acquirer states what it took from the payer: less, where it gave a discount itself.
        amount="CASE WHEN o.status = 'succeeded' THEN o.captured_minor ELSE o.amount_minor END",
        done_at="o.succeeded_at",
        done=("succeeded",),
        acquirer_no="o.acquirer_no",
        fee_ref="fee:",
        may_come_back=False,
    ),
    RecordKind.REFUND: OwnRows(
        model=Refund,
        joined=f"LEFT JOIN {_table(Payment)} ox ON ox.id = o.payment_id",
        number="o.refund_no",
        amount="o.resident_minor",
        done_at="o.done_at",
        done=_CAME_BACK,
        # Paid by hand after it had come back: it was done once, and the bill has both lines.
        done_too=f"""o.status = 'paid_by_hand' AND EXISTS (SELECT 1 FROM {_table(ErrandStep)} s
          WHERE s.errand_no = o.refund_no AND s.to_status = 'failed_after_success')""",  # noqa: S608 - our own table's name
        related="ox.payment_no",
        acquirer_no="o.acquirer_refund_no",
        fee_ref="fee_back:",
    ),
    RecordKind.SPLIT: OwnRows(
        model=SplitShare,
        joined=f"LEFT JOIN {_table(Split)} ox ON ox.id = o.split_id",
        number="o.share_no",
        amount="o.amount_minor",
        currency="ox.currency",
        merchant="ox.merchant",
        done_at="o.done_at",
        done=("succeeded",),
        related="ox.split_no",
        party="o.receiver",
    ),
    RecordKind.SPLIT_RETURN: OwnRows(
        model=SplitReturn,
        joined=f"LEFT JOIN {_table(SplitShare)} ox ON ox.id = o.share_id",
        number="o.return_no",
        amount="o.amount_minor",
        done_at="o.done_at",
        done=("succeeded",),
        related="ox.share_no",
        party="ox.receiver",
        acquirer_no="o.acquirer_return_no",
    ),
    RecordKind.TRANSFER: OwnRows(
        model=Transfer,
        number="o.transfer_no",
        amount="o.amount_minor",
        done_at="o.done_at",
        done=_CAME_BACK,
        acquirer_no="o.acquirer_transfer_no",
    ),
}

KINDS_OF_BILL: Final[dict[str, tuple[str, ...]]] = {
    BillKind.TRADE: (RecordKind.PAY, RecordKind.REFUND),
    BillKind.SPLIT: (RecordKind.SPLIT, RecordKind.SPLIT_RETURN),
    BillKind.TRANSFER: (RecordKind.TRANSFER,),
    BillKind.FUND: (),
}
