"""The line to Stripe: asks, tells, and leafs through lists; the only part that talks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from payments.acquiring.contract import OutcomeUnknownError
from payments.acquiring.transport import Transport
from payments.adapters.stripe.encoding import Params
from payments.adapters.stripe.wire import (
    Keys,
    Profile,
    get_call,
    idempotency_key,
    post_call,
    read_answer,
)

PAGE_ITEMS: Final = 100
# Two thousand objects between now and what is looked for: more is a day's bill, not a question.
PAGES_MAX: Final = 20

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something was created; both ends belong to it."""

    since: datetime
    until: datetime | None = None

    def params(self) -> Params:
        """Write the filter of a list."""
        return {"created": {"gte": self.since, "lte": self.until}}


class Line:
    """One account's line. Raises what the transport raises and what refusals stand for."""

    def __init__(self, *, keys: Keys, profile: Profile, transport: Transport) -> None:
        """Take the account's keys and profile, and the wire to its address."""
        self.profile = profile
        self._keys = keys
        self._transport = transport

    def get(self, path: str, params: Params | None = None) -> Thing:
        """Ask for an object; MissingError where there is none."""
        call = get_call(path, params or {}, keys=self._keys, profile=self.profile)
        return read_answer(self._transport.call(call))

    def post(self, path: str, params: Params, *, purpose: str, number: str) -> Thing:
        """Ask for a change. The same purpose and number are the same change, for 24 hours."""
        return self._post(path, params, idempotency_key(purpose, number))

    def repeat(self, path: str, params: Params | None = None) -> Thing:
        """Ask for a change that may be asked for any number of times: closing, untying, labelling.

        It carries no key, for Stripe would repeat a refusal of today until tomorrow.
        """
        return self._post(path, params or {}, "")

    def _post(self, path: str, params: Params, key: str) -> Thing:
        call = post_call(path, params, keys=self._keys, profile=self.profile, key=key)
        return read_answer(self._transport.call(call))

    def pages(
        self, path: str, params: Params | None = None, *, span: Span | None = None
    ) -> Iterator[list[Thing]]:
        """Leaf through a list, newest first, a hundred objects at a time, to its end.

        A server of the lenient profile knows no filter by time: there the list comes whole.
        """
        asked: dict[str, object] = {"limit": PAGE_ITEMS, **(params or {})}
        if span is not None and not self.profile.lenient:
            asked |= span.params()
        while True:
            page = self.get(path, asked)
            items = _items(page)
            yield items
            if page.get("has_more") is not True or not items:
                return
            asked["starting_after"] = items[-1]["id"]

    def find(
        self,
        path: str,
        is_it: Callable[[Mapping[str, Any]], bool],
        *,
        params: Params | None = None,
        span: Span | None = None,
    ) -> Thing | None:
        """Look for one object in a list; None when the list ends without it.

        OutcomeUnknownError when the list is longer than one question may be.
        """
        for count, items in enumerate(self.pages(path, params, span=span), start=1):
            found = next((item for item in items if is_it(item)), None)
            if found is not None:
                return found
            if count == PAGES_MAX:
                raise OutcomeUnknownError(f"{path} is too long a list to be sure")
        return None


def _items(page: Mapping[str, Any]) -> list[Thing]:
    items = page.get("data")
    is_list = isinstance(items, list)
    if not is_list or not all(isinstance(item, dict) and "id" in item for item in items or ()):
        raise OutcomeUnknownError("Stripe's list cannot be read")
    return list(items or ())
