"""A supplier's goods behind its link: batches with their papers, proposals, its statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from mall.storefront.supplier_door import by_link, own_order, page, token_of
from mall.storefront.supplier_forms import BatchForm, ProposalForm, proposal_initial
from mall.supply.batches import batches_of_items, enter_batch
from mall.supply.models import SupplierLink
from mall.supply.proposals import facts_of, own_records, propose
from mall.supply.statements import statement_of
from payments.api import LinliError, business_date

_YEARS: Final = range(2020, 2100)


@require_http_methods(["GET", "POST"])
@by_link
def batch(
    request: HttpRequest, link: SupplierLink, *, purchase_no: str, line_id: int
) -> HttpResponseBase:
    """Take a batch of a line in, with certificate and report."""
    purchase = own_order(link, purchase_no)
    line = purchase.lines.select_related("purchase", "product").filter(pk=line_id).first()
    if line is None:
        raise Http404
    form = BatchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            enter_batch(
                line,
                batch_no=form.cleaned_data["batch_no"],
                details=form.details,
                by=link.supplier.name,
            )
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
        except LinliError:
            form.add_error("batch_no", _("This batch is called back. It must not be delivered."))
        else:
            return redirect("storefront:supplier-order", token_of(request), purchase.purchase_no)
    known = batches_of_items([line.item_id]).get(line.item_id, [])
    context = {"purchase": purchase, "line": line, "form": form, "known": known}
    return page(request, link, "batch.html", door="orders", **context)


@require_GET
@by_link
def goods(request: HttpRequest, link: SupplierLink) -> HttpResponseBase:
    """Show the supplier's products and what became of its proposals."""
    proposals = link.supplier.product_proposals.select_related("product")[:50]
    records = list(own_records(link.supplier))
    return page(request, link, "goods.html", door="goods", records=records, proposals=proposals)


@require_http_methods(["GET", "POST"])
@by_link
def wish(
    request: HttpRequest, link: SupplierLink, product_id: int | None = None
) -> HttpResponseBase:
    """Propose a new product, or another text, picture, price or cost of one."""
    record = None
    if product_id is not None:
        record = own_records(link.supplier).filter(product=product_id).first()
        if record is None:
            raise Http404
    initial = proposal_initial(facts_of(record)) if record else {}
    form = ProposalForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            propose(
                link.supplier,
                form.wished,
                wish_key=request.POST.get("wish", "")[:64] or get_random_string(32),
                product_id=product_id,
                picture=form.cleaned_data["picture"],
                note=form.cleaned_data["note"],
            )
        except LinliError as refusal:
            form.add_error(None, str(refusal.user_message))
        else:
            return redirect("storefront:supplier-goods", token_of(request))
    key = request.POST.get("wish", "")[:64] or get_random_string(32)
    return page(request, link, "wish.html", door="goods", form=form, record=record, wish=key)


@require_GET
@by_link
def statement(request: HttpRequest, link: SupplierLink) -> HttpResponseBase:
    """Show a month: what was delivered, what went back by the supplier's fault. Read only."""
    first = _month(request.GET.get("month", ""))
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    context = {
        "month": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": last + timedelta(days=1) if last < business_date() else None,
        "statement": statement_of(link.supplier_id, since=first, until=last),
    }
    return page(request, link, "statement.html", door="statement", **context)


def _month(text: str) -> date:
    try:
        year, month = (int(part[:4]) for part in text.split("-"))
        first = date(year, month, 1)
    except ValueError:
        return business_date().replace(day=1)
    return first if year in _YEARS else business_date().replace(day=1)
