"""What Stripe's API takes, call by call, as its library of the pinned version publishes it.

Every parameter of a request is looked up, however deep, in `stripe.params`; a parameter that is not
there would be refused by Stripe ("parameter_unknown") or is newer than our Stripe-Version.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any, get_args

from stripe._request_options import RequestOptions

ID = r"[^/]+"
# Method, path, module and class of the parameters.
CALLS = {
    ("POST", "/v1/customers"): "_customer_create_params.CustomerCreateParams",
    ("POST", "/v1/setup_intents"): "_setup_intent_create_params.SetupIntentCreateParams",
    ("GET", "/v1/setup_intents"): "_setup_intent_list_params.SetupIntentListParams",
    ("POST", f"/v1/setup_intents/{ID}/cancel"): (
        "_setup_intent_cancel_params.SetupIntentCancelParams"
    ),
    ("GET", f"/v1/payment_methods/{ID}"): (
        "_payment_method_retrieve_params.PaymentMethodRetrieveParams"
    ),
    ("POST", f"/v1/payment_methods/{ID}"): (
        "_payment_method_update_params.PaymentMethodUpdateParams"
    ),
    ("POST", f"/v1/payment_methods/{ID}/attach"): (
        "_payment_method_attach_params.PaymentMethodAttachParams"
    ),
    ("POST", f"/v1/payment_methods/{ID}/detach"): (
        "_payment_method_detach_params.PaymentMethodDetachParams"
    ),
    ("POST", "/v1/payment_intents"): "_payment_intent_create_params.PaymentIntentCreateParams",
    ("GET", "/v1/payment_intents"): "_payment_intent_list_params.PaymentIntentListParams",
    ("GET", f"/v1/payment_intents/{ID}"): (
        "_payment_intent_retrieve_params.PaymentIntentRetrieveParams"
    ),
    ("POST", f"/v1/payment_intents/{ID}/confirm"): (
        "_payment_intent_confirm_params.PaymentIntentConfirmParams"
    ),
    ("POST", f"/v1/payment_intents/{ID}/cancel"): (
        "_payment_intent_cancel_params.PaymentIntentCancelParams"
    ),
    ("POST", "/v1/checkout/sessions"): "checkout._session_create_params.SessionCreateParams",
    ("GET", "/v1/checkout/sessions"): "checkout._session_list_params.SessionListParams",
    ("GET", f"/v1/checkout/sessions/{ID}"): (
        "checkout._session_retrieve_params.SessionRetrieveParams"
    ),
    ("POST", f"/v1/checkout/sessions/{ID}/expire"): (
        "checkout._session_expire_params.SessionExpireParams"
    ),
    ("POST", "/v1/refunds"): "_refund_create_params.RefundCreateParams",
    ("GET", "/v1/refunds"): "_refund_list_params.RefundListParams",
    ("GET", f"/v1/refunds/{ID}"): "_refund_retrieve_params.RefundRetrieveParams",
    ("POST", "/v1/transfers"): "_transfer_create_params.TransferCreateParams",
    ("GET", "/v1/transfers"): "_transfer_list_params.TransferListParams",
    ("POST", f"/v1/transfers/{ID}/reversals"): (
        "_transfer_create_reversal_params.TransferCreateReversalParams"
    ),
    ("GET", f"/v1/transfers/{ID}/reversals"): (
        "_transfer_list_reversals_params.TransferListReversalsParams"
    ),
    ("GET", f"/v1/accounts/{ID}"): "_account_retrieve_params.AccountRetrieveParams",
    ("GET", "/v1/balance_transactions"): (
        "_balance_transaction_list_params.BalanceTransactionListParams"
    ),
}


def call_of(method: str, path: str) -> tuple[str, str] | None:
    """The published call that a request is; None where Stripe offers none."""
    found = (call for call in CALLS if call[0] == method and re.fullmatch(call[1], path))
    return next(found, None)


def unknown_parameters(call: tuple[str, str], names: list[str]) -> list[str]:
    """Those of these form names (`a[b][0][c]`) that a call does not take."""
    module, name = CALLS[call].rsplit(".", 1)
    papers = import_module(f"stripe.params.{module}")
    return [flat for flat in names if not _is_known(papers, getattr(papers, name), flat)]


def missing_parameters(call: tuple[str, str], names: list[str]) -> list[str]:
    """Those a call demands that are not among these form names."""
    module, name = CALLS[call].rsplit(".", 1)
    paper = getattr(import_module(f"stripe.params.{module}"), name)
    given = {flat.partition("[")[0] for flat in names}
    return sorted(paper.__required_keys__ - given)


def _is_known(papers: Any, paper: Any, flat: str) -> bool:
    first, *rest = re.findall(r"[^\[\]]+", flat)
    candidates = [paper]
    for key in (first, *rest):
        if key.isdecimal():
            continue
        texts = [_text(c.__annotations__[key]) for c in candidates if _takes(c, key)]
        if not texts:
            return False
        text = " ".join(texts)
        if "Dict[str, str]" in text:
            return True
        words = set(re.findall(r"[A-Z]\w+", text))
        candidates = [vars(papers)[word] for word in sorted(words) if _is_paper(papers, word)]
    return True


def _takes(paper: Any, key: str) -> bool:
    """What a class inherits are the library's own options, not parameters."""
    return key in paper.__annotations__ and key not in RequestOptions.__annotations__


def _is_paper(papers: Any, word: str) -> bool:
    return hasattr(vars(papers).get(word), "__total__")


def _text(annotation: Any) -> str:
    """An annotation as it was written: forward references inside it as well."""
    return " ".join([str(annotation), *(_text(part) for part in get_args(annotation))])
