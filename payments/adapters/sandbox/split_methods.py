"""Sharing a payment out at the sandbox: receivers, splits, shares taken back."""

from __future__ import annotations

from payments.acquiring.contract import (
    SplitReceiver,
    SplitRef,
    SplitRequest,
    SplitResult,
    SplitReturn,
    SplitReturnResult,
)
from payments.adapters.sandbox import split_messages as papers
from payments.adapters.sandbox.line import SandboxLine


class SplitMethods(SandboxLine):
    """The part of the adapter that shares payments out."""

    def add_receiver(self, receiver: SplitReceiver) -> None:
        """Allow somebody to receive shares; again is the same."""
        self._demand("POST", "/v1/receivers", papers.receiver_paper(receiver))

    def remove_receiver(self, receiver: SplitReceiver) -> None:
        """Stop somebody from receiving shares; one nobody knows is removed already."""
        status, data = self._ask("POST", f"/v1/receivers/{receiver.account}/remove", {})
        if status != 200 and data.get("code") != "RECEIVER_NOT_FOUND":
            self._refused(data)

    def split(self, request: SplitRequest) -> SplitResult:
        """Share a payment out; under way first."""
        data = self._demand("POST", "/v1/splits", papers.split_paper(request))
        return papers.expect_shares(papers.read_split(data), request)

    def query_split(self, ref: SplitRef) -> SplitResult:
        """Ask by our split number."""
        status, data = self._ask("GET", f"/v1/splits/{ref.split_no}")
        if status == 404 and data.get("code") == "SPLIT_NOT_FOUND":
            return papers.not_found_split(ref.split_no, ref.payment_no)
        if status != 200:
            self._refused(data)
        return papers.expect_split(papers.read_split(data), ref.split_no)

    def split_return(self, request: SplitReturn) -> SplitReturnResult:
        """Take a share back; asked again with the same number it says what became of it."""
        data = self._demand("POST", "/v1/split-returns", papers.return_paper(request))
        return papers.expect_split_return(papers.read_split_return(data), request)

    def unfreeze(self, ref: SplitRef) -> SplitResult:
        """Release the rest of the payment to ourselves; twice is the same."""
        data = self._demand("POST", f"/v1/splits/{ref.split_no}/unfreeze", {})
        return papers.expect_split(papers.read_split(data), ref.split_no)
