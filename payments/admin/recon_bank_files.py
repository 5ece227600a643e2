"""Our bank's list of bookings, brought in by a person: read whole or refused with the line."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from payments.kernel.errors import LinliError
from payments.reconciliation.bank_files import BankFileError, bank_formats
from payments.reconciliation.banking import import_bank_statement
from payments.reconciliation.models import BankStatement
from payments.reconciliation.storing import scratch

UPLOAD_BYTES_MAX: Final = 20 * 1024 * 1024
_REASONS: Final = {
    "encoding": _("Its letters are neither UTF-8 nor GBK. Please export it again."),
    "xlsx": _("It is not a workbook a spreadsheet program could open."),
    "too_big": _("It unfolds to more than a list of bookings needs."),
    "two_bookings": _(
        "One of the bank's numbers stands for two different bookings. Please export it without "
        "numbers that begin anew."
    ),
    "too_long": _("It has too many lines. Please export fewer days at a time."),
}


class StatementForm(forms.Form):
    """Our bank's list of bookings, as downloaded from it."""

    format_name = forms.ChoiceField(label=_("format"), widget=UnfoldAdminSelectWidget)
    paper = forms.FileField(
        label=_("file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("CSV or xlsx, as downloaded from the bank; its bytes are kept as evidence."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the formats that can be read, by the columns each needs."""
        super().__init__(*arguments, **options)
        self.fields["format_name"].choices = [
            (name, _format_words(name)) for name in bank_formats()
        ]

    def clean_paper(self) -> Any:
        """Refuse what no list of bookings is as big as."""
        paper = self.cleaned_data["paper"]
        if paper.size > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(_("This file is too big for a list of bookings."))
        return paper


def _format_words(name: str) -> str:
    known = bank_formats()[name]
    amounts = [known.amount] if known.amount else [known.money_in, known.money_out]
    columns = [known.day, known.ref, *amounts, known.counterparty, known.memo]
    return f"{name} ({', '.join(filter(None, columns))})"


def bring_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Take a file of bookings in, or say why not; nothing is ever taken in by half."""
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _take_in(request, form):
        return redirect("admin:reconciliation_settlementbatch_changelist")
    context = {
        **site.each_context(request),
        "title": gettext("Bring a bank statement in"),
        "text": gettext("Bookings that an earlier file had are known already and count once."),
        "form": form,
        "button": gettext("Take it in"),
    }
    return TemplateResponse(request, "admin/payments/recon_upload.html", context)


def _take_in(request: HttpRequest, form: StatementForm) -> BankStatement | None:
    paper = form.cleaned_data["paper"]
    with scratch() as copy:
        with copy.open("wb") as file:
            file.writelines(paper.chunks())
        try:
            statement = import_bank_statement(
                copy,
                file_name=paper.name,
                by=request.user.get_username(),
                format_name=form.cleaned_data["format_name"],
            )
        except LinliError as error:
            form.add_error("paper", _why_not(error))
            return None
    text = gettext("%(lines)d bookings are in the file, %(known)d of them known already.")
    messages.success(
        request, text % {"lines": statement.line_count, "known": statement.known_count}
    )
    return statement


def _why_not(error: LinliError) -> str:
    """Say what is wrong with a file, and where."""
    said = str(error.user_message)
    if not isinstance(error, BankFileError):
        return said
    where = error.data
    if "line" in where:
        text = gettext("Line %(line)s does not fit: a day, a number and an amount are needed.")
        return f"{said} {text % {'line': where['line']}}"
    if "column" in where:
        text = gettext("There is no column called “%(column)s”.")
        return f"{said} {text % {'column': where['column']}}"
    return f"{said} {_REASONS.get(str(where.get('reason')), '')}".strip()
