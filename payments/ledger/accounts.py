"""The chart of accounts: every drawer money can lie in, and what its label must say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AccountType(StrEnum):
    """Which side of the books an account stands on."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


TYPE_NAMES: Final[dict[AccountType, Promise]] = {
    AccountType.ASSET: _("Assets"),
    AccountType.LIABILITY: _("Liabilities"),
    AccountType.EQUITY: _("Equity"),
    AccountType.INCOME: _("Income"),
    AccountType.EXPENSE: _("Expenses"),
}


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account; `party` and `reference` name its sub-ledger columns, None where it has none."""

    code: str
    name: Promise
    type: AccountType
    party: Promise | None = None
    reference: Promise | None = None

    @property
    def is_debit_normal(self) -> bool:
        """Tell whether its balance normally stands on the debit side."""
        return self.type in {AccountType.ASSET, AccountType.EXPENSE}


BANK: Final = Account(
    code="1001",
    name=_("Bank account"),
    type=AccountType.ASSET,
    party=_("bank account"),
)
ACQUIRER_CLEARING: Final = Account(
    code="1101",
    name=_("Acquirer clearing"),
    type=AccountType.ASSET,
    party=_("acquirer account"),
)
SUBSIDY_RECEIVABLE: Final = Account(
    code="1131",
    name=_("Subsidy receivable"),
    type=AccountType.ASSET,
    party=_("bank or authority"),
    reference=_("campaign"),
)
ADVANCED_FOR_RECEIVERS: Final = Account(
    code="1141",
    name=_("Advanced for receivers of shares"),
    type=AccountType.ASSET,
    party=_("receiver"),
    reference=_("split"),
)
RECONCILIATION_RECEIVABLE: Final = Account(
    code="1901",
    name=_("Money missing at the acquirer"),
    type=AccountType.ASSET,
    reference=_("case"),
)
CUSTOMER_PREPAYMENT: Final = Account(
    code="2101",
    name=_("Residents' prepayments"),
    type=AccountType.LIABILITY,
    reference=_("order"),
)
REFUND_IN_TRANSIT: Final = Account(
    code="2111",
    name=_("Refunds in transit"),
    type=AccountType.LIABILITY,
    reference=_("refund"),
)
SURPLUS_TO_REFUND: Final = Account(
    code="2112",
    name=_("Late and double payments to refund"),
    type=AccountType.LIABILITY,
    reference=_("payment"),
)
REFUND_BY_HAND: Final = Account(
    code="2113",
    name=_("Refused refunds, to be paid by hand"),
    type=AccountType.LIABILITY,
    reference=_("refund"),
)
SUBSIDY_TO_RETURN: Final = Account(
    code="2131",
    name=_("Subsidy to return"),
    type=AccountType.LIABILITY,
    party=_("bank or authority"),
    reference=_("campaign"),
)
SUBSIDY_ADVANCED: Final = Account(
    code="2132",
    name=_("Subsidies paid in advance"),
    type=AccountType.LIABILITY,
    party=_("bank or authority"),
    reference=_("campaign"),
)
SUPPLIER_PAYABLE: Final = Account(
    code="2201",
    name=_("Owed to suppliers"),
    type=AccountType.LIABILITY,
    party=_("supplier"),
)
SUPPLIER_IN_TRANSIT: Final = Account(
    code="2202",
    name=_("Payouts to suppliers in transit"),
    type=AccountType.LIABILITY,
    party=_("supplier"),
    reference=_("statement"),
)
LEADER_PAYABLE: Final = Account(
    code="2301",
    name=_("Commission owed to leaders"),
    type=AccountType.LIABILITY,
    party=_("leader"),
)
LEADER_IN_TRANSIT: Final = Account(
    code="2302",
    name=_("Payouts to leaders in transit"),
    type=AccountType.LIABILITY,
    party=_("leader"),
    reference=_("statement"),
)
TAX_WITHHELD: Final = Account(
    code="2401",
    name=_("Income tax withheld"),
    type=AccountType.LIABILITY,
    party=_("leader"),
    reference=_("month"),
)
UNIDENTIFIED_RECEIPTS: Final = Account(
    code="2901",
    name=_("Money without an order"),
    type=AccountType.LIABILITY,
    reference=_("case"),
)
PLATFORM_CAPITAL: Final = Account(
    code="3001", name=_("The operator's own funds"), type=AccountType.EQUITY
)
REVENUE: Final = Account(code="6001", name=_("Revenue"), type=AccountType.INCOME)
MERCHANT_DISCOUNT: Final = Account(
    code="6005",
    name=_("Discounts the operator pays for"),
    type=AccountType.INCOME,
    reference=_("campaign"),
)
ACQUIRER_FEE: Final = Account(
    code="6401", name=_("Acquirer's fees"), type=AccountType.EXPENSE, party=_("acquirer account")
)
COST_OF_GOODS: Final = Account(code="5001", name=_("Cost of goods"), type=AccountType.EXPENSE)
COMMISSION_EXPENSE: Final = Account(
    code="6402", name=_("Leaders' commission"), type=AccountType.EXPENSE
)
REFUND_LOSS: Final = Account(
    code="6403", name=_("Refunds given as goodwill"), type=AccountType.EXPENSE
)
RECONCILIATION_DIFFERENCE: Final = Account(
    code="6499",
    name=_("Approved differences with acquirers"),
    type=AccountType.EXPENSE,
    reference=_("case"),
)

CHART: Final[dict[str, Account]] = {
    account.code: account
    for account in (
        BANK,
        ACQUIRER_CLEARING,
        SUBSIDY_RECEIVABLE,
        ADVANCED_FOR_RECEIVERS,
        RECONCILIATION_RECEIVABLE,
        CUSTOMER_PREPAYMENT,
        REFUND_IN_TRANSIT,
        SURPLUS_TO_REFUND,
        REFUND_BY_HAND,
        SUBSIDY_TO_RETURN,
        SUBSIDY_ADVANCED,
        SUPPLIER_PAYABLE,
        SUPPLIER_IN_TRANSIT,
        LEADER_PAYABLE,
        LEADER_IN_TRANSIT,
        TAX_WITHHELD,
        UNIDENTIFIED_RECEIPTS,
        PLATFORM_CAPITAL,
        COST_OF_GOODS,
        REVENUE,
        MERCHANT_DISCOUNT,
        ACQUIRER_FEE,
        COMMISSION_EXPENSE,
        REFUND_LOSS,
        RECONCILIATION_DIFFERENCE,
    )
}


def account_of(code: str) -> Account:
    """Return the account of a code; KeyError where the chart has none."""
    return CHART[code]
