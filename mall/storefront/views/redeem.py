"""A merchant's counter: find a voucher by its code, take it off a bill, undo it, see the statement.

Whoever works at the counter signs in by phone like everybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from functools import wraps
from typing import Any, Final

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mall.accounts.masking import mask_name
from mall.promotions.wording import yuan
from mall.storefront.spreadsheets import statement_file
from mall.vouchers.errors import CodeUnknownError, NotRedeemableError
from mall.vouchers.evaluation import off_the_bill
from mall.vouchers.models import RedemptionMerchant, Voucher
from mall.vouchers.redeeming import UNDO_WITHIN, merchants_of, open_code, redeem, undo
from mall.vouchers.statements import days_of
from mall.vouchers.wording import threshold_text
from payments.api import LinliError, Money, business_date, now

CounterView = Callable[..., HttpResponseBase]
_CHOSEN: Final = "redeem_counter"
_BILL_MAX_MINOR: Final = 10_000_000
FORMS: Final = ("csv", "xlsx")


def counter_only(view: CounterView) -> CounterView:
    """Call `view(request, merchant, ...)` for who works at a counter; explain to everybody else."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login("/redeem/")
        merchant = _merchant(request)
        if merchant is None:
            return render(request, "redeem/no_entry.html", status=403)
        return view(request, merchant, *args, **kwargs)

    return enter


@csp_update({"script-src": WASM_UNSAFE_EVAL})  # the QR reader is a WebAssembly module of ours
@never_cache
@require_http_methods(["GET", "POST"])
@counter_only
def counter(request: HttpRequest, merchant: RedemptionMerchant) -> HttpResponse:
    """Show the counter; posted a code or a QR's token, show the voucher it opens."""
    token, code = request.POST.get("token", ""), request.POST.get("code", "").strip()
    if request.method == "GET" or not (token or code):
        return _counter(request, merchant)
    return _opened(request, merchant, token=token, code=code)


@csp_update({"script-src": WASM_UNSAFE_EVAL})
@never_cache
@require_GET
@counter_only
def by_token(request: HttpRequest, merchant: RedemptionMerchant, token: str) -> HttpResponse:
    """Open what the QR of a voucher points to, read by a phone's own camera."""
    return _opened(request, merchant, token=token)


@csp_update({"script-src": WASM_UNSAFE_EVAL})
@never_cache
@require_POST
@counter_only
def take(request: HttpRequest, merchant: RedemptionMerchant) -> HttpResponse:
    """Say what comes off the bill that was typed in; asked to, take it. Sent twice it is once."""
    try:
        return _counter(request, merchant, **_taken(request, merchant))
    except LinliError as refusal:
        return _counter(request, merchant, refusal=refusal.user_message)


@never_cache
@require_POST
@counter_only
def undo_taken(
    request: HttpRequest, merchant: RedemptionMerchant, redemption_no: str
) -> HttpResponse:
    """Take a redemption of the last minutes back; the voucher is in its wallet again."""
    own = merchant.redemptions.filter(redemption_no=redemption_no)
    if not own.exists():
        raise Http404
    try:
        undone = undo(redemption_no=redemption_no, by=request.user)
    except LinliError as refusal:
        return _counter(request, merchant, refusal=refusal.user_message)
    return _counter(request, merchant, undone=undone)


@never_cache
@require_GET
@counter_only
def statement(request: HttpRequest, merchant: RedemptionMerchant) -> HttpResponseBase:
    """Show a month day by day; as a file, line by line."""
    first = _month(request.GET.get("month", ""))
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    form = request.GET.get("export", "")
    if form in FORMS:
        return statement_file(form, merchant=merchant, since=first, until=last)
    days = days_of(merchant, since=first, until=last)
    context = {
        "merchant": merchant,
        "merchants": merchants_of(request.user),
        "door": "statement",
        "month": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": last + timedelta(days=1) if last < business_date() else None,
        "days": days,
        "count": sum(day.taken - day.undone for day in days),
        "total_minor": sum(day.net_minor for day in days),
        "forms": FORMS,
    }
    return render(request, "redeem/statement.html", context)


def _opened(
    request: HttpRequest, merchant: RedemptionMerchant, *, token: str = "", code: str = ""
) -> HttpResponse:
    try:
        voucher = open_code(merchant=merchant, by=request.user, code=code, token=token)
    except CodeUnknownError as refusal:
        return _counter(request, merchant, refusal=_with_tries(refusal))
    except LinliError as refusal:
        return _counter(request, merchant, refusal=refusal.user_message)
    return _counter(request, merchant, voucher=voucher)


def _taken(request: HttpRequest, merchant: RedemptionMerchant) -> dict[str, Any]:
    """Return what the counter shows: what would come off, what is wrong, or what was taken."""
    voucher = _opened_here(request, merchant)
    bill = _bill_minor(request.POST.get("bill", ""))
    if bill is None:
        text = _("Please type the amount of the bill in yuan, for example 128.50.")
        return {"voucher": voucher, "bill_error": text}
    threshold = voucher.batch.threshold_minor
    off = off_the_bill(worth_minor=voucher.worth_minor, threshold_minor=threshold, bill_minor=bill)
    shown = {"voucher": voucher, "bill_minor": bill}
    if not off:
        text = _("The bill is %(missing)s short of what this voucher takes.")
        return shown | {"bill_error": text % {"missing": yuan(max(threshold - bill, 1))}}
    if "confirm" not in request.POST:
        return shown | {"off_minor": off, "rest_minor": bill - off}
    return {
        "done": redeem(
            merchant=merchant, by=request.user, voucher_no=voucher.voucher_no, bill_minor=bill
        )
    }


def _opened_here(request: HttpRequest, merchant: RedemptionMerchant) -> Voucher:
    """Return the voucher whose code was opened at this counter in the last minutes."""
    number = request.POST.get("voucher_no", "")
    opened = Voucher.objects.filter(
        voucher_no=number, codes__opened_by=merchant, codes__expires_at__gt=now()
    )
    voucher = opened.select_related("batch", "resident").first()
    if voucher is None:
        raise NotRedeemableError(_("That took too long. Please ask for the code again."))
    return voucher


def _merchant(request: HttpRequest) -> RedemptionMerchant | None:
    """Return the counter chosen on the page or last time, else the first of hers."""
    own = merchants_of(request.user)
    wish = request.POST.get("merchant") or request.GET.get("merchant")
    wish = wish or request.session.get(_CHOSEN)
    chosen = next((each for each in own if each.code == wish), None) or next(iter(own), None)
    if chosen is not None and request.session.get(_CHOSEN) != chosen.code:
        request.session[_CHOSEN] = chosen.code
    return chosen


def _counter(request: HttpRequest, merchant: RedemptionMerchant, **found: Any) -> HttpResponse:
    """Show the counter; of a request by the page itself only the part that changes."""
    since = now() - UNDO_WITHIN
    today = days_of(merchant, since=business_date(), until=business_date())
    recent = merchant.redemptions.filter(at__gt=since, undone_at=None).select_related("voucher")
    voucher: Voucher | None = found.get("voucher")
    context = {
        "merchant": merchant,
        "merchants": merchants_of(request.user),
        "door": "counter",
        "recent": recent,
        "today": today[0] if today else None,
        **found,
    }
    if voucher is not None:
        context["holder"] = mask_name(voucher.resident.display_name)
        context["threshold_text"] = threshold_text(voucher.batch.threshold_minor)
    part = "redeem/parts/found.html" if request.htmx else "redeem/counter.html"
    return render(request, part, context)


def _with_tries(refusal: CodeUnknownError) -> str:
    left = refusal.data.get("tries_left")
    if not left:
        return str(refusal.user_message)
    tries = _("%(left)s more tries before a pause of a minute.") % {"left": left}
    return f"{refusal.user_message} {tries}"


def _bill_minor(text: str) -> int | None:
    """Read yuan as people type them; None for what is no amount, or no bill of a shop."""
    cleaned = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥")
    try:
        amount = Decimal(cleaned)
        minor = Money.from_major(amount).minor if amount.is_finite() else 0
    except (DecimalException, ValueError):
        return None
    return minor if 0 < minor <= _BILL_MAX_MINOR else None


def _month(text: str) -> date:
    try:
        year, month = (int(part) for part in text.split("-"))
        return date(year, month, 1)
    except ValueError:
        return business_date().replace(day=1)
