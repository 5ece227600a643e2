"""Residents who go on shopping while the house is on fire: every error is met with patience."""

from __future__ import annotations

import re
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import requests
from django.test import Client
from django.urls import reverse

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from tests.acquirer import Person, SandboxAcquirer

_CSRF = "c" * 32  # cookie and field must agree, as they do in a browser
_SECONDS = 8
_ORDER = re.compile(r"/orders/(M\w{10,24})/")
_TIRED_AFTER = 4


@dataclass
class Shopper:
    """One resident with a tied card who buys one piece after the other."""

    site: str
    group: LeaderGroup
    item_id: int
    resident: User
    card: str
    acquirer: SandboxAcquirer
    dice: Random
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Sign her in while there is peace."""
        client = Client()
        client.force_login(self.resident)
        self._cookies = {"csrftoken": _CSRF, "sessionid": client.cookies["sessionid"].value}

    def shop_until(self, over: threading.Event) -> None:
        """Buy, pay and sometimes change her mind until the storm is over."""
        while not over.is_set():
            try:
                self._buy()
                if self.dice.random() < 0.5:
                    self._change_her_mind()
            except (requests.RequestException, AssertionError, StopIteration) as error:
                self.seen[f"gave up: {type(error).__name__}"] += 1
                over.wait(0.2)

    def _buy(self) -> None:
        code = self.group.share_code
        self._post(reverse("storefront:set-item", args=[code, self.item_id]), quantity="1")
        with_card = self.dice.random() < 0.6
        answer = self._press(
            reverse("storefront:checkout", args=[code]),
            idem_key=uuid.uuid4().hex,
            receiver_name="李小娟",
            receiver_phone="13800138000",
            way=self.card if with_card else "cashier",
            expected_payable=str(19200 if with_card else 20800),
        )
        self.seen[f"checkout {answer.status_code}"] += 1
        page = answer.headers.get("Location", "")
        if page.startswith(self.acquirer.base_url) and self.dice.random() < 0.8:
            phone = f"138{self.resident.pk:08d}"
            self.acquirer.pay_at_cashier(page, person=Person(phone=phone))
            self.seen["paid at the cashier"] += 1

    def _change_her_mind(self) -> None:
        orders = requests.get(
            f"{self.site}{reverse('storefront:orders')}", cookies=self._cookies, timeout=_SECONDS
        )
        numbers = sorted(set(_ORDER.findall(orders.text)))
        if numbers:
            number = self.dice.choice(numbers)
            answer = self._press(reverse("storefront:cancel", args=[number]))
            self.seen[f"cancel {answer.status_code}"] += 1

    def _press(self, path: str, **form: str) -> requests.Response:
        """Press a button, and press it again when nothing came back."""
        for _ in range(_TIRED_AFTER):
            try:
                answer = self._post(path, **form)
            except requests.RequestException:
                self.seen["no answer"] += 1
                threading.Event().wait(0.3)
                continue
            if answer.status_code < 500:
                return answer
            self.seen[f"error {answer.status_code}"] += 1
            threading.Event().wait(0.3)
        raise requests.ConnectionError(path)

    def _post(self, path: str, **form: str) -> requests.Response:
        return requests.post(
            f"{self.site}{path}",
            data={"csrfmiddlewaretoken": _CSRF, **form},
            cookies=self._cookies,
            allow_redirects=False,
            timeout=_SECONDS,
        )
