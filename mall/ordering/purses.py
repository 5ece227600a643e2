"""What the resident may pay out of without a tied card, by the browser she holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.api import Purse, Scene, open_purses


class Browser(StrEnum):
    """What shows her the page."""

    PHONE = "phone"
    DESKTOP = "desktop"
    # the browser inside a chat or payment app
    IN_WECHAT = "in_wechat"
    IN_ALIPAY = "in_alipay"
    IN_UNIONPAY = "in_unionpay"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurseOnOffer:
    """One purse she may choose, and where she will stand when she pays out of it."""

    purse: Purse
    scene: Scene


_PAGE_FIRST: Final = (Scene.H5, Scene.NATIVE_QR)
_CODE_FIRST: Final = (Scene.NATIVE_QR, Scene.H5)
_EVERYWHERE: Final = (Purse.BANK, Purse.WECHAT, Purse.ALIPAY, Purse.UNIONPAY, Purse.BANK_APP)
# Each app lets no other's pay page open, and WeChat's own needs the payer's name there, which only
# a page signed in by that app has.
_SHUT_OUT: Final[Mapping[Browser, frozenset[Purse]]] = {
    Browser.IN_WECHAT: frozenset({Purse.ALIPAY, Purse.WECHAT}),
    Browser.IN_ALIPAY: frozenset({Purse.WECHAT}),
    Browser.IN_UNIONPAY: frozenset({Purse.WECHAT, Purse.ALIPAY}),
}
# The purse of the app she is in comes first.
_AT_HOME: Final[Mapping[Browser, Purse]] = {
    Browser.IN_ALIPAY: Purse.ALIPAY,
    Browser.IN_UNIONPAY: Purse.UNIONPAY,
}


def purses_for(browser: Browser) -> list[PurseOnOffer]:
    """Return what can be paid out of now in this browser, the most fitting first; three queries."""
    found = open_purses(
        {purse: scenes_of(purse, browser) for purse in _in_order(browser)},
    )
    return [PurseOnOffer(purse=purse, scene=scene) for purse, scene in found.items()]


def scenes_of(purse: Purse, browser: Browser) -> Sequence[Scene]:
    """Return the scenes that suit a browser, the best first; pure.

    A bank's own page shows a code by itself; to any other purse a screen shows ours.
    """
    if browser is Browser.DESKTOP and purse is not Purse.BANK:
        return _CODE_FIRST
    return _PAGE_FIRST


def _in_order(browser: Browser) -> list[Purse]:
    shut_out, home = _SHUT_OUT.get(browser, frozenset()), _AT_HOME.get(browser)
    return sorted((p for p in _EVERYWHERE if p not in shut_out), key=lambda p: p != home)
