"""Residents before their browsers, all pressing "pay" at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import Morsel
from threading import Barrier

import requests
from django.test import Client
from django.urls import reverse

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.ordering.payer import payer_ref
from payments.api import Consented, consent_text, finish_binding, start_binding
from tests.acquirer import SandboxAcquirer

_CSRF = "c" * 32  # cookie and field must agree, as they do in a browser
_SECONDS = 60


@dataclass(frozen=True)
class Press:
    """One press of the button on the checkout page."""

    resident: User
    group: LeaderGroup
    payable: int
    way: str = "cashier"
    key: str = "the-page"


def press_all(site: str, presses: Sequence[Press]) -> list[requests.Response]:
    """Send all of them at once; return the answers, redirects not followed."""
    cookies = {press.resident.pk: _signed_in(press.resident) for press in presses}
    gate = Barrier(len(presses))

    def press_once(press: Press) -> requests.Response:
        path = reverse("storefront:checkout", args=[press.group.share_code])
        form = {
            "csrfmiddlewaretoken": _CSRF,
            "idem_key": press.key,
            "receiver_name": "李小娟",
            "receiver_phone": "13800138000",
            "way": press.way,
            "expected_payable": press.payable,
        }
        gate.wait(timeout=_SECONDS)
        return requests.post(
            f"{site}{path}",
            data=form,
            cookies={"csrftoken": _CSRF, "sessionid": cookies[press.resident.pk].value},
            allow_redirects=False,
            timeout=_SECONDS,
        )

    with ThreadPoolExecutor(len(presses)) as crowd:
        return list(crowd.map(press_once, presses))


def tie_cards(acquirer: SandboxAcquirer, residents: Sequence[User]) -> list[str]:
    """Tie a card of her own to each at the acquirer; return the agreements' numbers."""
    return [_tie(acquirer, resident, serial) for serial, resident in enumerate(residents, start=1)]


def _tie(acquirer: SandboxAcquirer, resident: User, serial: int) -> str:
    step = start_binding(
        owner_ref=payer_ref(resident.pk),
        holder_phone="+8613800138000",
        return_url="http://127.0.0.1/cards/",
        consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
    )
    acquirer.told(
        f"/_sim/sign/{step.agreement_no}",
        {"bin": "622168", "serial": serial, "name": "李小娟", "phone": "13800138000"},
    )
    return finish_binding(step.agreement_no).agreement_no


def _signed_in(resident: User) -> Morsel[str]:
    client = Client()
    client.force_login(resident)
    return client.cookies["sessionid"]
