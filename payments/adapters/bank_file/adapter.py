"""A bank without an interface: a person carries a file there and brings the answer back.

The account behind it is the operator's own bank account. Nothing is ever sent from here: payouts
leave with a file (services.file_payouts) and what became of them is heard from the bank's result
file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from payments.acquiring.base import Acquirer
from payments.acquiring.capabilities import Capabilities
from payments.acquiring.documents import PayRef, PayRequest, PayResult
from payments.acquiring.errors import NotificationRejectedError
from payments.acquiring.notices import Evidence, HttpReply, NotifiedEvent, RawHttp, Verified
from payments.acquiring.registry import Account


class BankFileAdapter(Acquirer):
    """Says an honest no to everything: no payer, no answer, no message comes this way."""

    code: ClassVar[str] = "bank_file"
    protocol_version: ClassVar[str] = "1"
    caps = Capabilities(scenes=frozenset())

    def __init__(self, account: Account) -> None:
        """Keep whose account it is."""
        said: Mapping[str, object] = account.settings
        self.account_code = account.code
        self.merchant_id = str(said.get("merchant_id", ""))

    @classmethod
    def from_account(cls, account: Account) -> Self:
        """Make the adapter of an account."""
        return cls(account)

    def create(self, request: PayRequest) -> PayResult:
        """Refuse: nobody pays here."""
        self._no("create", request)

    def query(self, ref: PayRef) -> PayResult:
        """Refuse: there is nobody to ask."""
        self._no("query", ref)

    def check_notification(self, raw: RawHttp) -> Evidence:
        """Refuse: a bank that has no interface sends no messages."""
        raise NotificationRejectedError(f"{len(raw.body)} bytes", reason="format")

    def parse_notification(self, verified: Verified) -> list[NotifiedEvent]:
        """Read nothing."""
        del verified
        return []

    def ack(self, *, accepted: bool, reason: str = "") -> HttpReply:
        """Answer whoever knocks that nobody is here."""
        del accepted, reason
        return HttpReply(404, b"", "text/plain")
