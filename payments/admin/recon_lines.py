"""A bill's lines in the admin, a hundred at a time; one number is found by its index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.recon_links import number_link
from payments.admin.showing import NOTHING, Table, clock, table, yuan
from payments.reconciliation.models import Bill, BillLine
from payments.reconciliation.selectors import lines_of

PER_PAGE: Final = 100


class _Lines(Paginator):
    """Pages of a bill's lines: how many there are stands on the bill, so nobody counts them."""

    def __init__(self, bill: Bill, number: str) -> None:
        """Take all lines, or those of one number."""
        rows = lines_of(bill)
        super().__init__(rows.filter(own_no=number) if number else rows, PER_PAGE)
        self._known = None if number else bill.line_count

    @cached_property
    def count(self) -> int:
        """How many lines there are; of one number there are never many."""
        return len(self.object_list[:PER_PAGE]) if self._known is None else self._known


def lines_page(request: HttpRequest, bill: Bill, *, site: Any) -> HttpResponse:
    """Show a page of a bill's lines, or those of one number."""
    number = request.GET.get("q", "").replace("\x00", "").strip()[:64]
    page = _Lines(bill, number).get_page(request.GET.get("page"))
    context = {
        **site.each_context(request),
        "title": gettext("Lines of %(bill)s") % {"bill": bill},
        "bill": bill,
        "query": number,
        "page": page,
        "papers": [_lines_table(page.object_list)],
    }
    return TemplateResponse(request, "admin/payments/recon_lines.html", context)


def _lines_table(lines: Iterable[BillLine]) -> Table:
    headers = (
        _("line"),
        _("kind"),
        _("our number"),
        _("acquirer's number"),
        _("amount"),
        _("fee"),
        _("outcome"),
        _("at"),
    )
    return table(_("Lines"), headers, [_line_row(line) for line in lines])


def _line_row(line: BillLine) -> list[Any]:
    return [
        line.line_no,
        line.get_kind_display(),
        number_link(line.kind, line.own_no),
        line.acquirer_no or NOTHING,
        yuan(line.amount_minor, line.currency),
        yuan(line.fee_minor, line.currency),
        line.get_outcome_display(),
        clock(line.at),
    ]
