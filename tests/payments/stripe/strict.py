"""A strict Stripe of our own beside the tests: with keys, pages, Connect and lost answers.

localstripe knows neither idempotency keys nor pages nor Connect. This one keeps to what the API
documents: the first answer under a key is the answer for good, another body under it is an
`idempotency_error`, a parameter that is not published is a `parameter_unknown`, and an answer can
be lost after the work was done.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.adapters.stripe.wire import API_VERSION
from tests.payments.stripe.published import call_of, missing_parameters, unknown_parameters

Thing = dict[str, Any]


class RefusedError(Exception):
    """An error as Stripe writes it."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(status)
        self.status = status
        self.error = {"type": "invalid_request_error", "message": "refused", **error}


def nested(form: list[tuple[str, str]]) -> Thing:
    """Read `a[b][0][c]` back: numbers become keys of a dictionary like any other."""
    data: Thing = {}
    for name, value in form:
        *path, last = re.findall(r"[^\[\]]+", name)
        place = data
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return data


@dataclass
class StrictStripe:
    """Everything that was made there, by id, oldest first."""

    things: dict[str, Thing] = field(default_factory=dict)
    answers: dict[str, tuple[bytes, int, Thing]] = field(default_factory=dict)
    calls: list[tuple[str, str, Thing]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    number: Any = field(default_factory=itertools.count)
    url: str = ""

    def make(self, prefix: str, kind: str, **facts: Any) -> Thing:
        """Make an object."""
        made = {"id": f"{prefix}_{next(self.number)}", "object": kind, "created": int(time.time())}
        self.things[made["id"]] = {**made, "metadata": {}, **facts}
        return self.things[made["id"]]

    def all(self, kind: str) -> list[Thing]:
        """All objects of a kind, newest first."""
        return [thing for thing in reversed(self.things.values()) if thing["object"] == kind]

    def record(self, kind: str, source: Thing, amount: int, fee: int = 0) -> None:
        """Write a balance transaction."""
        self.make(
            "txn",
            "balance_transaction",
            type=kind,
            source=source["id"],
            amount=amount,
            fee=fee,
            net=amount - fee,
            currency=source.get("currency", "cny"),
        )

    def a_day_passes(self) -> None:
        """Forget the keys, as after twenty-four hours."""
        self.answers.clear()

    # --- what payers and operators do -------------------------------------------------------------
    def card(self, customer: str, temper: str = "ok") -> str:
        """Tie a card to a customer, past the page; its temper decides what banks say."""
        card = {"last4": "4242", "brand": "visa", "funding": "credit", "fingerprint": "fp"}
        card |= {"exp_year": 2040, "exp_month": 12}
        made = self.make("pm", "payment_method", type="card", customer=customer, card=card)
        made["temper"] = temper
        return made["id"]

    def sign_page(self, page_id: str) -> None:
        """Sign on the page of a card."""
        page = self.things[page_id]
        setup = self.things[page["setup_intent"]]
        card = self.card(page["customer"])
        setup |= {"status": "succeeded", "payment_method": card, "customer": page["customer"]}
        page["status"] = "complete"

    def pay_page(self, page_id: str, temper: str = "ok") -> Thing:
        """Pay on the page of a payment."""
        page = self.things[page_id]
        intent = self.things.get(page["payment_intent"] or "")
        if intent is None:
            data = {**page["intent_data"], "amount": page["amount_total"]}
            intent = self.intent({**data, "currency": page["currency"]})
            page["payment_intent"] = intent["id"]
        intent["payment_method"] = self.card("cus_page", temper)
        self.settle(intent)
        if intent["status"] == "succeeded":
            page |= {"status": "complete", "payment_status": "paid", "url": None}
        return intent

    # --- payment intents --------------------------------------------------------------------------
    def intent(self, data: Thing) -> Thing:
        """Make a payment intent."""
        made = self.make("pi", "payment_intent", status="requires_payment_method")
        kept = ("customer", "payment_method", "metadata", "transfer_group", "currency")
        made |= {name: data[name] for name in kept if name in data}
        made |= {"amount": int(data["amount"]), "amount_received": 0, "latest_charge": None}
        made |= {"client_secret": f"{made['id']}_secret", "last_payment_error": None}
        return made

    def settle(self, intent: Thing) -> None:
        """Let the bank decide."""
        temper = self.things[intent["payment_method"]]["temper"]
        if temper == "poor":
            error = {"code": "card_declined", "decline_code": "insufficient_funds"}
            intent |= {"status": "requires_payment_method", "last_payment_error": error}
            return
        charge = self.make(
            "ch",
            "charge",
            amount=intent["amount"],
            amount_refunded=0,
            currency=intent["currency"],
            payment_intent=intent["id"],
            metadata=intent["metadata"],
        )
        intent |= {"status": "succeeded", "latest_charge": charge["id"]}
        intent |= {"amount_received": intent["amount"], "last_payment_error": None}
        self.record("charge", charge, intent["amount"], fee=intent["amount"] * 34 // 1000)

    def post_payment_intents(self, data: Thing) -> Thing:
        intent = self.intent(data)
        if data.get("confirm") == "true":
            if "return_url" not in data:
                raise RefusedError(400, code="parameter_missing", param="return_url")
            self._confirm(intent, is_present=data.get("off_session") != "true", data=data)
        return intent

    def _confirm(self, intent: Thing, *, is_present: bool, data: Thing) -> None:
        card = self.things.get(intent.get("payment_method") or data.get("payment_method", ""))
        if card is None or card["customer"] != intent.get("customer"):
            raise RefusedError(400, code="resource_missing", param="payment_method")
        if card["temper"] == "asks":
            if is_present:
                url = f"https://hooks.stripe.test/{intent['id']}"
                action = {"type": "redirect_to_url", "redirect_to_url": {"url": url}}
                intent |= {"status": "requires_action", "next_action": action}
                return
            code = "authentication_required"
            intent["last_payment_error"] = {"code": code}
            error = {"type": "card_error", "code": code, "payment_intent": dict(intent)}
            raise RefusedError(402, **error)
        self.settle(intent)
        if intent["last_payment_error"]:
            error = {"type": "card_error", **intent["last_payment_error"]}
            raise RefusedError(402, **error, payment_intent=dict(intent))

    def confirm_payment_intents(self, intent: Thing, data: Thing) -> Thing:
        self._confirm(intent, is_present=True, data=data)
        return intent

    def cancel_payment_intents(self, intent: Thing, _data: Thing) -> Thing:
        if intent["status"] not in {"requires_payment_method", "requires_action"}:
            raise RefusedError(400, code="payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return intent

    # --- pages ------------------------------------------------------------------------------------
    def post_checkout_sessions(self, data: Thing) -> Thing:
        made = self.make("cs_test", "checkout.session", status="open", payment_status="unpaid")
        kept = ("mode", "client_reference_id", "customer", "metadata", "currency", "locale")
        made |= {name: data[name] for name in kept if name in data}
        made |= {"url": f"https://checkout.stripe.test/{made['id']}", "payment_intent": None}
        if data["mode"] == "setup":
            setup = self.post_setup_intents({**data["setup_intent_data"], "customer": None})
            made |= {"setup_intent": setup["id"], "amount_total": None}
            return made
        price = data["line_items"]["0"]["price_data"]
        made |= {"amount_total": int(price["unit_amount"]), "currency": price["currency"]}
        made["intent_data"] = data["payment_intent_data"]
        return made

    def expire_checkout_sessions(self, page: Thing, _data: Thing) -> Thing:
        if page["status"] != "open":
            raise RefusedError(400, message="only open pages expire")
        page |= {"status": "expired", "url": None}
        return page

    # --- cards ------------------------------------------------------------------------------------
    def post_customers(self, data: Thing) -> Thing:
        return self.make("cus", "customer", metadata=data["metadata"])

    def post_setup_intents(self, data: Thing) -> Thing:
        made = self.make("seti", "setup_intent", status="requires_payment_method")
        made |= {"metadata": data["metadata"], "customer": data["customer"]}
        made["client_secret"] = f"{made['id']}_secret"
        return made

    def cancel_setup_intents(self, setup: Thing, _data: Thing) -> Thing:
        if setup["status"] == "succeeded":
            raise RefusedError(400, code="setup_intent_unexpected_state")
        setup["status"] = "canceled"
        return setup

    def change_payment_methods(self, card: Thing, data: Thing) -> Thing:
        card["metadata"] |= data["metadata"]
        return card

    def detach_payment_methods(self, card: Thing, _data: Thing) -> Thing:
        if card["customer"] is None:
            raise RefusedError(400, message="not attached")
        card["customer"] = None
        return card

    # --- refunds and Connect ----------------------------------------------------------------------
    def post_refunds(self, data: Thing) -> Thing:
        intent = self.things.get(data["payment_intent"], {})
        charge = self.things.get(intent.get("latest_charge") or "")
        if charge is None:
            raise RefusedError(400, message="no successful charge to refund")
        amount = int(data["amount"])
        if charge["amount_refunded"] + amount > charge["amount"]:
            raise RefusedError(400, param="amount", message="greater than unrefunded amount")
        charge["amount_refunded"] += amount
        made = self.make("re", "refund", status="pending", amount=amount, metadata=data["metadata"])
        made |= {"currency": charge["currency"], "payment_intent": intent["id"]}
        self.record("refund", made, -amount)
        return made

    def post_transfers(self, data: Thing) -> Thing:
        if not data["destination"].startswith("acct_known"):
            raise RefusedError(400, code="resource_missing", param="destination")
        charge, amount = self.things[data["source_transaction"]], int(data["amount"])
        shared = sum(t["amount"] for t in self.all("transfer") if t["source"] == charge["id"])
        if shared + amount > charge["amount"]:
            raise RefusedError(400, code="balance_insufficient")
        facts = {name: data[name] for name in ("destination", "transfer_group", "metadata")}
        made = self.make("tr", "transfer", amount=amount, source=charge["id"], **facts)
        made |= {"currency": data["currency"], "amount_reversed": 0}
        self.record("transfer", made, -amount)
        return made

    def reversals_transfers(self, transfer: Thing, data: Thing) -> Thing:
        amount = int(data["amount"])
        if transfer["amount_reversed"] + amount > transfer["amount"]:
            raise RefusedError(400, param="amount", message="more than is left of it")
        transfer["amount_reversed"] += amount
        made = self.make("trr", "transfer_reversal", amount=amount, metadata=data["metadata"])
        made |= {"currency": transfer["currency"], "transfer": transfer["id"]}
        self.record("transfer_refund", made, amount)
        return made

    # --- the door ---------------------------------------------------------------------------------
    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Thing]:
        """Answer one request, under its key when it has one."""
        split = urlsplit(target)
        text = body.decode() if method == "POST" else split.query
        form = parse_qsl(text, keep_blank_values=True)
        key, said = headers.get("Idempotency-Key"), split.path.encode() + body
        if key in self.answers:
            known, status, data = self.answers[key]
            return (status, data) if known == said else _error(400, type="idempotency_error")
        try:
            status, data = 200, self._act(method, split.path, headers, form)
        except RefusedError as refusal:
            status, data = _error(refusal.status, **refusal.error)
        if key:
            self.answers[key] = (said, status, data)
        return status, data

    def _act(self, method: str, path: str, headers: Any, form: list[tuple[str, str]]) -> Thing:
        self._check(method, path, headers, [name for name, _value in form])
        data = nested(form)
        self.calls.append((method, path, data))
        expand = list(data.pop("expand", {}).values())
        _empty, _v1, *parts = path.split("/")
        place = "_".join(parts[:2]) if parts[0] == "checkout" else parts[0]
        rest = parts[2:] if parts[0] == "checkout" else parts[1:]
        if method == "POST":
            done = self._change(place, rest, data)
        elif rest[1:] == ["reversals"]:
            done = self._list("transfer_reversals", {**data, "transfer": rest[0]})
        else:
            done = self._one(rest[0]) if rest else self._list(place, data)
        return self._expanded(json.loads(json.dumps(done)), expand)

    def _check(self, method: str, path: str, headers: Any, names: list[str]) -> None:
        if headers.get("Authorization") != "Bearer sk_test_linli":
            raise RefusedError(401)
        assert headers.get("Stripe-Version") == API_VERSION
        is_form = headers.get("Content-Type") == "application/x-www-form-urlencoded"
        assert is_form is (method == "POST")
        call = call_of(method, path)
        if call is None:
            raise RefusedError(404, message=f"unrecognized request URL ({method}: {path})")
        for code, found in (
            ("parameter_unknown", unknown_parameters(call, names)),
            ("parameter_missing", missing_parameters(call, names)),
        ):
            if found:
                raise RefusedError(400, code=code, param=found[0])

    def _change(self, place: str, rest: list[str], data: Thing) -> Thing:
        if not rest:
            return getattr(self, f"post_{place}")(data)
        verb = rest[1] if len(rest) > 1 else "change"
        act: Callable[[Thing, Thing], Thing] = getattr(self, f"{verb}_{place}")
        return act(self._one(rest[0]), data)

    def _one(self, id_: str) -> Thing:
        if id_ not in self.things:
            raise RefusedError(404, code="resource_missing", param="id")
        return self.things[id_]

    def _list(self, place: str, data: Thing) -> Thing:
        kind = {"checkout_sessions": "checkout.session"}.get(place, place.removesuffix("s"))
        limit, after = int(data.pop("limit", 10)), data.pop("starting_after", "")
        span = data.pop("created", {})
        items = [
            thing
            for thing in self.all(kind)
            if int(span.get("gte", 0)) <= thing["created"] <= int(span.get("lte", 2**40))
            if all(thing.get(name) == value for name, value in data.items())
        ]
        start = next((i + 1 for i, item in enumerate(items) if item["id"] == after), 0)
        page = items[start : start + limit]
        return {"object": "list", "data": page, "has_more": start + limit < len(items)}

    def _expanded(self, data: Thing, expand: list[str]) -> Thing:
        for path in expand:
            first, _dot, rest = path.partition(".")
            for item in data["data"] if first == "data" else [data]:
                name = rest if first == "data" else first
                item[name] = self.things.get(item.get(name) or "", item.get(name))
        return data


def _error(status: int, **error: Any) -> tuple[int, Thing]:
    return status, {"error": {"type": "invalid_request_error", **error}}
