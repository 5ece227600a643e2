"""What browser a request comes from, and the purse it paid out of last time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mall.ordering.pricing import Wish
from mall.ordering.purses import Browser, PurseOnOffer, purses_for
from mall.promotions.quoting import WayKind
from mall.storefront.choices import AtCashier
from mall.storefront.visitor import client_ip
from payments.api import Purse

_COOKIE: Final = "purse"
_SECONDS: Final = 400 * 24 * 3600
# The apps name themselves in what their browsers say; a phone's browser says so in many words.
_APPS: Final = (
    (re.compile(r"MicroMessenger", re.IGNORECASE), Browser.IN_WECHAT),
    (re.compile(r"AlipayClient", re.IGNORECASE), Browser.IN_ALIPAY),
    (re.compile(r"UnionPay|CloudPay", re.IGNORECASE), Browser.IN_UNIONPAY),
)
_PHONE: Final = re.compile(r"Mobile|Android|iPhone|iPad|HarmonyOS", re.IGNORECASE)


def browser_of(request: HttpRequest) -> Browser:
    """Return what shows the page; whoever says nothing is taken for a phone: most are."""
    said = request.headers.get("User-Agent", "")[:400]
    for app, browser in _APPS:
        if app.search(said):
            return browser
    return Browser.DESKTOP if said and not _PHONE.search(said) else Browser.PHONE


def purse_of(request: HttpRequest) -> str:
    """Return the purse this browser paid out of last; only a preference, so it is believed."""
    return request.COOKIES.get(_COOKIE, "")[:12]


def chosen_purse(wish: Wish, on_offer: Sequence[PurseOnOffer], remembered: str) -> str:
    """Return what she pays out of at the cashier: her wish, her last purse, the most fitting.

    Nothing where nothing is on offer. A wish that names none means the bank's own page, where there
    is one.
    """
    names = [str(each.purse) for each in on_offer]
    wished = wish.purse or (str(Purse.BANK) if wish.way == WayKind.CASHIER else "")
    for purse in (wished, remembered, *names):
        if purse in names:
            return purse
    return ""


def at_cashier(request: HttpRequest, wish: Wish) -> Wish:
    """Return a wish that names its purse and scene; one for a tied card stays as it is."""
    if wish.way != WayKind.CASHIER:
        return wish
    on_offer = purses_for(browser_of(request))
    purse = chosen_purse(wish, on_offer, "")
    scene = next((str(each.scene) for each in on_offer if each.purse == purse), "")
    # A purse that went meanwhile is refused by name rather than changed for another.
    where = {"scene": scene, "payer_ip": client_ip(request)}
    return replace(wish, purse=wish.purse or purse, **where)


def cashier_of(request: HttpRequest, wish: Wish) -> AtCashier:
    """Return what may be paid out of in this browser, and which of it is chosen; three queries."""
    on_offer = purses_for(browser_of(request))
    return AtCashier(
        purses=tuple(str(each.purse) for each in on_offer),
        chosen=chosen_purse(wish, on_offer, purse_of(request)),
    )


def remember_choice(response: HttpResponse, purse: str) -> None:
    """Keep what she chose for the next time in this browser; a tied card names no purse."""
    if not purse:
        return
    response.set_cookie(
        _COOKIE,
        purse,
        max_age=_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
