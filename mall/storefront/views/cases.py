"""Something was wrong with the goods: saying so, following it, her list of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mall.aftersales.asking import add_photos, open_case, withdraw
from mall.aftersales.deciding import accept_offer, appeal, decline_offer
from mall.aftersales.errors import CaseGoneError
from mall.aftersales.models import CasePhoto, Role
from mall.aftersales.people import may_see
from mall.aftersales.photos import photo_of
from mall.aftersales.selectors import case_of_resident, cases_of_resident
from mall.aftersales.talking import TEXT_MAX, write
from mall.aftersales.windows import reasons_for, window_of
from mall.aftersales.words import messages_of, story_of
from mall.aftersales.worth import left_of
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.storefront.case_form import PART, CaseForm, new_key, photos_of, ways_of
from mall.storefront.case_words import case_shown
from mall.storefront.own_orders import order_of
from mall.storefront.shelf import picture_url
from payments.api import LinliError

_PER_PAGE: Final = 10
Act = Callable[[HttpRequest, str], str]


@login_required
@never_cache
@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Show her cases, those that wait for her answer first."""
    page = Paginator(cases_of_resident(request.user.pk), _PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = [case_shown(case) for case in page]
    return render(request, "storefront/cases.html", {"page": page, "pager_base": ""})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, order_no: str, line_id: int) -> HttpResponse:
    """Show the form about something wrong with a line; posted, open a case."""
    order, line = _line_or_404(request, order_no, line_id)
    window = window_of(order, line)
    ways = ways_of(line) if window.is_open else []
    reasons = reasons_for(order, line)
    form = CaseForm(request.POST or None, reasons=reasons, ways=ways)
    refusal: LinliError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            case = open_case(
                order_no=order_no,
                resident_id=request.user.pk,
                complaint=form.complaint(line, photos_of(request)),
                by=request.user,
                idem_key=form.cleaned_data["key"] or new_key(),
            )
        except LinliError as error:
            refusal = error
        else:
            messages.success(request, _("We have it. Your group leader looks at it first."))
            return redirect("storefront:case", case.case_no)
    context = {
        "order_no": order_no,
        "title": title_of(line.product),
        "picture": picture_url(product_picture(line.product, 240)),
        "line": line,
        "left": left_of(line),
        "window": window,
        "reasons": reasons,
        "ways": ways,
        "form": form,
        "part": PART,
        "most_photos": CasePhoto.MOST,
        "key": request.POST.get("key") or new_key(),
        "refusal": str(refusal.user_message) if refusal else "",
        "lost_photos": request.method == "POST" and bool(photos_of(request)),
    }
    status = 200 if request.method == "GET" else refusal.http_status if refusal else 400
    return render(request, "storefront/cases_ask.html", context, status=status)


@login_required
@never_cache
@require_GET
def case_page(request: HttpRequest, case_no: str) -> HttpResponse:
    """Show one of her cases."""
    try:
        case = case_of_resident(case_no, resident_id=request.user.pk)
    except CaseGoneError as gone:
        raise Http404 from gone
    photos = list(case.photos.all())
    context = {
        "case": case_shown(case),
        "steps": story_of(case, reader=Role.RESIDENT),
        "photos": [photo.name for photo in photos],
        "may_add": case.is_open and len(photos) < CasePhoto.MOST,
        "messages_shown": messages_of(case, reader=Role.RESIDENT),
        "key": new_key(),
        "text_max": TEXT_MAX,
    }
    return render(request, "storefront/cases_one.html", context)


@login_required
@require_POST
def act(request: HttpRequest, case_no: str, what: str) -> HttpResponse:
    """Do what a button on her case says."""
    do = _ACTS.get(what)
    if do is None:
        raise Http404
    try:
        messages.success(request, do(request, case_no))
    except CaseGoneError as gone:
        raise Http404 from gone
    except LinliError as error:
        messages.error(request, str(error.user_message))
    return redirect("storefront:case", case_no)


@login_required
@require_GET
def photo(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a photo to the case's resident, her leader and the mall; to others there is none."""
    try:
        found = photo_of(name)
    except CaseGoneError as gone:
        raise Http404 from gone
    roles = (Role.RESIDENT, Role.LEADER)
    is_staff = request.user.has_perm("aftersales.view_aftersalescase")
    if not is_staff and not any(may_see(found.case, by=request.user, role=r) for r in roles):
        raise Http404
    response = FileResponse(found.file.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _withdraw(request: HttpRequest, case_no: str) -> str:
    withdraw(case_no=case_no, by=request.user)
    return _("Withdrawn. You can say so again while there is time.")


def _accept(request: HttpRequest, case_no: str) -> str:
    accept_offer(case_no=case_no, by=request.user)
    return _("Agreed. The money is on its way back.")


def _decline(request: HttpRequest, case_no: str) -> str:
    decline_offer(case_no=case_no, by=request.user)
    return _("Declined. The mall decides now.")


def _appeal(request: HttpRequest, case_no: str) -> str:
    appeal(case_no=case_no, by=request.user, text=request.POST.get("text", ""))
    return _("The mall looks at it again.")


def _write(request: HttpRequest, case_no: str) -> str:
    write(
        case_no=case_no,
        by=request.user,
        role=Role.RESIDENT,
        text=request.POST.get("text", ""),
        key=request.POST.get("key", "") or new_key(),
    )
    return _("Sent.")


def _photos(request: HttpRequest, case_no: str) -> str:
    add_photos(case_no=case_no, files=photos_of(request), by=request.user)
    return _("Your photos are there.")


_ACTS: Final[dict[str, Act]] = {
    "withdraw": _withdraw,
    "accept": _accept,
    "decline": _decline,
    "appeal": _appeal,
    "write": _write,
    "photos": _photos,
}


def _line_or_404(
    request: HttpRequest, order_no: str, line_id: int
) -> tuple[OrderFulfilment, LineFulfilment]:
    """Return a line of one of her orders; anybody else's is not there."""
    try:
        order = order_of(request.user, order_no)
    except OrderFulfilment.DoesNotExist as error:
        raise Http404 from error
    lines = order.lines.select_related("product__extra").filter(pk=line_id)
    line = lines.first() if line_id < 1 << 63 else None
    if line is None:
        raise Http404
    return order, line
