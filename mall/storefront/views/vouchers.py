"""Vouchers: the rounds one can claim in, the wallet, one voucher and its code for a counter."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mall.promotions.wording import yuan
from mall.storefront.codes import qr_svg
from mall.storefront.visitor import resident
from mall.storefront.voucher_words import RoundCard, round_card, round_cards, voucher_card
from mall.vouchers.claiming import claim
from mall.vouchers.codes import RENEW_AFTER, code_for
from mall.vouchers.errors import AlreadyYoursError
from mall.vouchers.models import Voucher
from mall.vouchers.selectors import (
    WalletTab,
    round_shown,
    rounds_shown,
    usable_count,
    uses_of,
    voucher_of,
    wallet,
)
from payments.api import LinliError, now

_PER_PAGE = 20
_CLICK_MAX = 40


@never_cache
@require_GET
def hall(request: HttpRequest) -> HttpResponse:
    """Show the rounds of today and the next days."""
    person = resident(request)
    pk = person.pk if person else None
    context = {
        "rounds": round_cards(rounds_shown(pk)),
        "person": person,
        "now": now(),
        "tabs": _tabs("hall", usable=usable_count(pk)),
    }
    return render(request, "storefront/vouchers.html", context)


@never_cache
@require_GET
def round_part(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show one round anew: the page asks when its clock has run down."""
    if not request.htmx:
        return redirect("storefront:vouchers")
    return _round(request, round_id)


@require_POST
def claim_voucher(request: HttpRequest, round_id: int) -> HttpResponse:
    """Claim; the same press twice is one voucher. Whoever is not signed in signs in first."""
    person = resident(request)
    if person is None:
        return _sign_in_first(request)
    click = request.POST.get("click", "")[:_CLICK_MAX]
    try:
        voucher = claim(resident_id=person.pk, round_id=round_id, click=click)
    except AlreadyYoursError as known:
        messages.info(request, str(known.user_message))
    except LinliError as refusal:
        messages.error(request, str(refusal.user_message))
    else:
        text = _("Yours: %(worth)s off. It waits in your wallet.")
        messages.success(request, text % {"worth": yuan(voucher.worth_minor)})
    if request.htmx:
        return _round(request, round_id, oob=True)
    return redirect("storefront:vouchers")


@login_required
@never_cache
@require_GET
def my_vouchers(request: HttpRequest) -> HttpResponse:
    """Show her wallet: usable, used, expired."""
    at = now()
    wanted = request.GET.get("tab", "")
    tab = WalletTab(wanted) if wanted in set(WalletTab) else WalletTab.USABLE
    page = Paginator(wallet(request.user.pk, tab, at=at), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = [voucher_card(each, at=at) for each in page]
    context = {
        "page": page,
        "tab": tab.value,
        "parts": _parts(tab),
        "tabs": _tabs("mine", usable=usable_count(request.user.pk)),
        "pager_base": f"tab={tab.value}&",
    }
    return render(request, "storefront/my_vouchers.html", context)


@login_required
@never_cache
@require_GET
def voucher_page(request: HttpRequest, voucher_no: str) -> HttpResponse:
    """Show one of her vouchers: what it is worth, its rules, how to use it."""
    voucher = _own(request, voucher_no)
    context = {
        "voucher": voucher_card(voucher, at=now()),
        "uses": [use for use in uses_of(voucher) if use.state != use.State.RELEASED],
        "redemptions": voucher.redemptions.select_related("merchant"),
        "merchants": voucher.batch.merchants.filter(is_active=True),
    }
    return render(request, "storefront/voucher.html", context | _code(request, voucher))


@login_required
@never_cache
@require_GET
def code_part(request: HttpRequest, voucher_no: str) -> HttpResponse:
    """Show the code that is good at a counter now; the page asks again and again."""
    voucher = _own(request, voucher_no)
    if not request.htmx:
        return redirect("storefront:voucher", voucher_no)
    if voucher.state not in {Voucher.State.HELD, Voucher.State.RETURNED}:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # it was taken just now
    context = {"voucher": voucher_card(voucher, at=now()), **_code(request, voucher)}
    context["redemptions"] = voucher.redemptions.select_related("merchant")
    return render(request, "storefront/parts/voucher_code.html", context)


def _code(request: HttpRequest, voucher: Voucher) -> dict[str, Any]:
    """Return the code of a voucher that is good at a counter; nothing for any other."""
    try:
        code = code_for(voucher_no=voucher.voucher_no, resident_id=request.user.pk)
    except LinliError:
        return {}
    link = settings.SITE_URL + reverse("storefront:redeem-token", args=[code.token])
    return {
        "code": code.code,
        "code_svg": qr_svg(link),
        "renews_at": code.made_at + RENEW_AFTER,
        "now": now(),
    }


def _own(request: HttpRequest, voucher_no: str) -> Voucher:
    try:
        return voucher_of(request.user.pk, voucher_no)
    except Voucher.DoesNotExist as error:
        raise Http404 from error


def _round(request: HttpRequest, round_id: int, *, oob: bool = False) -> HttpResponse:
    person = resident(request)
    view = round_shown(person.pk if person else None, round_id)
    if view is None:
        raise Http404
    card: RoundCard = round_card(view)
    context = {"round": card, "person": person, "now": now(), "oob": oob}
    return render(request, "storefront/parts/round_anew.html", context)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    back = urlencode({"next": reverse("storefront:vouchers")})
    to = f"{reverse('storefront:sign-in')}?{back}"
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return redirect(to)


def _tabs(current: str, *, usable: int) -> list[dict[str, Any]]:
    return [
        {
            "name": pgettext("vouchers", "Claim"),
            "url": reverse("storefront:vouchers"),
            "on": current == "hall",
        },
        {
            "name": _("My vouchers"),
            "count": usable,
            "url": reverse("storefront:my-vouchers"),
            "on": current == "mine",
        },
    ]


def _parts(current: WalletTab) -> list[dict[str, Any]]:
    names = {
        WalletTab.USABLE: pgettext("vouchers", "Usable"),
        WalletTab.USED: pgettext("vouchers", "Used"),
        WalletTab.EXPIRED: pgettext("vouchers", "Expired"),
    }
    return [{"code": tab.value, "name": names[tab], "on": tab == current} for tab in WalletTab]
