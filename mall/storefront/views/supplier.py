"""A supplier's orders behind its link: what to deliver, where, by when; and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mall.storefront.supplier_door import by_link, own_order, own_orders, page, token_of
from mall.supply.answering import Answer, answer
from mall.supply.batches import batches_of_items
from mall.supply.errors import AnswerError
from mall.supply.models import PurchaseLine, PurchaseOrder, SupplierLink
from mall.supply.papers.content import (
    PaperLine,
    facts_for_supplier,
    paper_line,
    people_of,
    title_of,
)
from mall.supply.papers.pdf import purchase_pdf
from mall.supply.papers.workbook import purchase_workbook
from mall.supply.selectors import points_of
from payments.api import LinliError

_PEOPLE_MAX: Final = 500
PAPERS: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A line as the page shows it, with what was typed and what is wrong with it."""

    line: PurchaseLine
    paper: PaperLine
    batches: list[Any]
    can_bring: str
    because: str
    rest_until: str
    error: str = ""


@require_GET
@by_link
def home(request: HttpRequest, link: SupplierLink) -> HttpResponseBase:
    """Show the supplier's orders; a link sent with an order opens that order."""
    if link.purchase is not None and "all" not in request.GET:
        return _order_page(request, link, link.purchase)
    orders = list(own_orders(link).select_related("group_buy"))
    return page(request, link, "orders.html", door="orders", orders=orders)


@require_GET
@by_link
def order(request: HttpRequest, link: SupplierLink, purchase_no: str) -> HttpResponseBase:
    """Show one order: what, where, by when."""
    return _order_page(request, link, own_order(link, purchase_no))


@require_POST
@by_link
def reply(request: HttpRequest, link: SupplierLink, purchase_no: str) -> HttpResponseBase:
    """Take the answer: all of it, or how much of each line. Sent twice it is the same answer."""
    purchase = own_order(link, purchase_no)
    by = link.supplier.name
    try:
        said = {} if "all" in request.POST else _answers(request, purchase)
        answer(purchase.purchase_no, said, by=by)
    except LinliError as refusal:
        return _order_page(request, link, purchase, refusal=refusal)
    return redirect("storefront:supplier-order", token_of(request), purchase.purchase_no)


@require_GET
@by_link
def paper(_request: HttpRequest, link: SupplierLink, *, purchase_no: str, form: str) -> Any:
    """Give the order as a file."""
    purchase = own_order(link, purchase_no)
    if form not in PAPERS:
        raise Http404
    file = purchase_pdf([purchase]) if form == "pdf" else purchase_workbook(purchase)
    name = f"{purchase.purchase_no}.{form}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=PAPERS[form])


def _order_page(
    request: HttpRequest,
    link: SupplierLink,
    purchase: PurchaseOrder,
    *,
    refusal: LinliError | None = None,
) -> HttpResponse:
    points = points_of(purchase)
    lines = list(purchase.lines.all())
    batches = batches_of_items([line.item_id for line in lines])
    typed = request.POST if refusal is not None else None
    rows = [
        _row(
            line,
            paper_line(line, number=number, points=points.get(line.pk, [])),
            batches.get(line.item_id, []),
            typed=typed,
            refusal=refusal,
        )
        for number, line in enumerate(lines, start=1)
    ]
    people = list(people_of(purchase))
    context = {
        "purchase": purchase,
        "title": title_of(purchase),
        "facts": facts_for_supplier(purchase),
        "rows": rows,
        "can_answer": purchase.is_out,
        "refusal": refusal.user_message if refusal is not None else "",
        "people": people[:_PEOPLE_MAX],
        "people_more": max(0, len(people) - _PEOPLE_MAX),
        "supplements": own_orders(link).filter(supplements=purchase),
        "forms": PAPERS,
    }
    status = 200 if refusal is None else refusal.http_status
    return page(request, link, "order.html", door="orders", status=status, **context)


def _row(
    line: PurchaseLine,
    printed: PaperLine,
    batches: list[Any],
    *,
    typed: Any,
    refusal: LinliError | None,
) -> LineRow:
    told = line.pieces if line.can_bring is None else line.can_bring
    until = line.rest_until.isoformat() if line.rest_until else ""
    is_wrong = refusal is not None and refusal.data.get("title") == line.title
    said = typed if typed is not None and f"n-{line.pk}" in typed else {}
    return LineRow(
        line=line,
        paper=printed,
        batches=batches,
        can_bring=said.get(f"n-{line.pk}", str(told)),
        because=said.get(f"why-{line.pk}", line.short_because),
        rest_until=said.get(f"until-{line.pk}", until),
        error=str(refusal.user_message) if refusal is not None and is_wrong else "",
    )


def _answers(request: HttpRequest, purchase: PurchaseOrder) -> dict[int, Answer]:
    """Read what was typed per line; a line that was not shown counts as all of it."""
    answers = {}
    for line in purchase.lines.all():
        typed = request.POST.get(f"n-{line.pk}", "").strip()
        if not typed or line.pieces <= 0:
            continue
        if not typed.isascii() or not typed.isdecimal() or len(typed) > 9:
            text = _("%(title)s: please type a number of pieces.")
            raise AnswerError(text % {"title": line.title}, title=line.title)
        answers[line.pk] = Answer(
            can_bring=int(typed),
            because=_plain(request.POST.get(f"why-{line.pk}", "")),
            rest_until=_day(request.POST.get(f"until-{line.pk}", "")),
        )
    return answers


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()[:200]


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None
