"""A supplier's statements behind its link: what is settled, agreeing, disagreeing, papers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from groupleader import selectors
from groupleader.models import SettlementStatement, StatementMessage, SupplierAccount, SupplierDue
from groupleader.papers.files import PAPERS, paper_response, statement_file
from groupleader.services.deducting import pending_minor
from groupleader.services.statements import confirm_statement, dispute_statement
from groupleader.services.talking import Said, say
from groupleader.statement_lines import dues_shown, line_number
from mall.api import LinkDeadError, TooOftenError, count_supplier_write, open_supplier_link
from payments.api import LinliError

LINES_PER_PAGE: Final = 30
STATEMENTS_PER_PAGE: Final = 20
LinkView = Callable[..., HttpResponseBase]


def by_link(view: LinkView) -> LinkView:
    """Call `view(request, account, ...)` for a link that opens; the same page for all others."""

    @never_cache
    @wraps(view)
    def enter(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            link = open_supplier_link(token, ip=_ip(request))
            if request.method == "POST":
                count_supplier_write(link)
        except (LinkDeadError, TooOftenError) as refusal:
            context = {"text": refusal.user_message}
            return render(request, "supplier/dead.html", context, status=refusal.http_status)
        setattr(request, "supplier_token", token)  # noqa: B010 - for the links on the page
        setattr(request, "supplier", link.supplier)  # noqa: B010 - for the page's heading
        ref = f"supplier:{link.supplier_id}"
        account = SupplierAccount.objects.filter(supplier_ref=ref).first()
        shown = view(request, account, *args, **kwargs)
        shown.headers["X-Robots-Tag"] = "noindex, nofollow"
        return shown

    return enter


@require_GET
@by_link
def statements(request: HttpRequest, account: SupplierAccount | None) -> HttpResponse:
    """List the supplier's statements and what is open."""
    context: dict[str, Any] = {"open_minor": 0, "waiting_minor": 0, "page": None}
    if account is not None:
        pages = Paginator(_statements_of(account), STATEMENTS_PER_PAGE)
        context = {
            "open_minor": selectors.open_dues_minor(account),
            "waiting_minor": pending_minor(account),
            "page": pages.get_page(request.GET.get("page")),
        }
    return _page(request, "settlements.html", **context)


@require_GET
@by_link
def statement(
    request: HttpRequest, account: SupplierAccount | None, statement_no: str
) -> HttpResponse:
    """Show one statement: lines, fees, what the supplier can do."""
    found = _own(account, statement_no)
    show, words = request.GET.get("show", ""), request.GET.get("q", "").strip()[:60]
    kept = {name: value for name, value in (("show", show), ("q", words)) if value}
    lines = Paginator(dues_shown(found, show=show, words=words), LINES_PER_PAGE)
    return _page(
        request,
        "settlement.html",
        statement=found,
        page=lines.get_page(request.GET.get("page")),
        base=f"{urlencode(kept)}&" if kept else "",
        show=show,
        q=words,
        kinds=SupplierDue.Kind.choices,
        subtotals=selectors.subtotals_of(found),
        corrections=found.corrections.order_by("pk"),
        deductions=found.deductions.order_by("pk"),
        talk=found.messages.select_related("due").prefetch_related("papers"),
        about=_line(found, request.GET.get("line")),
        silence_ends=selectors.silence_ends(found),
        forms=PAPERS,
    )


@require_POST
@by_link
def act(
    request: HttpRequest, account: SupplierAccount | None, *, statement_no: str, what: str
) -> HttpResponse:
    """Agree, say what is wrong, or add to it, under the name that was typed."""
    found = _own(account, statement_no)
    supplier = str(getattr(request, "supplier"))  # noqa: B009 - set by the door
    said = Said(
        text=request.POST.get("text", ""),
        name=request.POST.get("name", "").strip() or supplier,
        due_id=line_number(request.POST.get("line")),
        files=request.FILES.getlist("files"),
    )
    try:
        if what == "confirm":
            confirm_statement(statement=found, by_supplier=said.name[:120])
        elif what == "dispute":
            dispute_statement(statement=found, reason=said.text, by=None, said=said)
        else:
            say(statement=found, side=StatementMessage.Side.PARTY, said=said)
    except LinliError as refusal:
        return _page(
            request,
            "settlement_refused.html",
            statement=found,
            text=refusal.user_message,
            status=refusal.http_status,
        )
    return redirect("supplier_statements:statement", _token(request), found.statement_no)


@require_GET
@by_link
def document(
    _request: HttpRequest, account: SupplierAccount | None, statement_no: str, form: str
) -> HttpResponseBase:
    """Give a statement as a file."""
    if form not in PAPERS:
        raise Http404
    found = _own(account, statement_no)
    name = f"{found.statement_no}.{form}"
    return FileResponse(
        statement_file(found, form), as_attachment=True, filename=name, content_type=PAPERS[form]
    )


@require_GET
@by_link
def paper(
    _request: HttpRequest, account: SupplierAccount | None, statement_no: str, name: str
) -> HttpResponseBase:
    """Give a paper that was sent about one of its statements."""
    return paper_response(_own(account, statement_no), name)


def _statements_of(account: SupplierAccount) -> Any:
    return account.statements.exclude(status=SettlementStatement.Status.DRAFT)


def _own(account: SupplierAccount | None, statement_no: str) -> SettlementStatement:
    if account is None:
        raise Http404
    rows = _statements_of(account).select_related("supplier")
    return get_object_or_404(rows, statement_no=statement_no)


def _line(found: SettlementStatement, text: str | None) -> SupplierDue | None:
    number = line_number(text)
    return found.dues.filter(pk=number).first() if number is not None else None


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {
        "supplier": getattr(request, "supplier", None),
        "token": _token(request),
        "door": "settlement",
        **context,
    }
    return render(request, f"supplier/{name}", shown, status=status)


def _token(request: HttpRequest) -> str:
    return str(getattr(request, "supplier_token", ""))


def _ip(request: HttpRequest) -> str:
    """Return the address the request came from, as our own proxy or the socket says it."""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.SECURE_PROXY_SSL_HEADER:
        return remote
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or remote
