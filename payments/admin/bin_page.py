"""Bringing card prefixes in: shown line by line first, then taken whole or not at all."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from payments.admin.card_words import bank_name, kind_word, mark_word
from payments.admin.showing import NOTHING, Table, table
from payments.kernel.errors import LinliError
from payments.models import CardBin
from payments.services.bin_import import (
    BinFileError,
    BinPlan,
    BinRow,
    BinTableMovedError,
    apply_import,
    plan_import,
)

UPLOAD_BYTES_MAX: Final = 1024 * 1024
_SALT: Final = "payments.bin_import"
_SHOWN: Final = 500
_REASONS: Final = {
    "encoding": _("Its letters are not UTF-8. Please export it again."),
    "empty": _("It has no lines."),
    "too_long": _("It has too many lines."),
    "column_twice": _("A column stands in it twice."),
}


class BinFileForm(forms.Form):
    """A file of card prefixes."""

    paper = forms.FileField(
        label=_("file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,text/csv"}),
        help_text=_(
            "CSV in UTF-8 with the columns prefix, issuer_code, issuer_name, kind, and where known "
            "issuer_name_en, mark, length, doubtful, source, note. Rows that are not in the file "
            "stay as they are."
        ),
    )

    def clean_paper(self) -> Any:
        """Refuse what no table of prefixes is as big as."""
        paper = self.cleaned_data["paper"]
        if paper.size > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(_("This file is too big for a table of prefixes."))
        return paper


def import_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Compare a file with the table; take it in when the comparison was confirmed."""
    if request.method == "POST" and "compared" in request.POST:
        return _confirmed(request, site)
    form = BinFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        paper = form.cleaned_data["paper"]
        try:
            return _comparison(request, site, raw=paper.read(), file_name=paper.name)
        except BinFileError as error:
            form.add_error("paper", _why_not(error))
    context = {
        **site.each_context(request),
        "title": gettext("Import prefixes"),
        "text": gettext("First you see what would change; nothing is changed before you confirm."),
        "form": form,
        "button": gettext("Compare with the table"),
    }
    return TemplateResponse(request, "admin/payments/recon_upload.html", context)


def _comparison(request: HttpRequest, site: Any, *, raw: bytes, file_name: str) -> HttpResponse:
    """Show what a file would do; the file travels along, signed, until it is confirmed."""
    plan = plan_import(raw)
    paper = {"text": raw.decode("utf-8-sig"), "name": file_name, "version": plan.version}
    is_news = bool(plan.added or plan.changed)
    context = {
        **site.each_context(request),
        "title": gettext("Import prefixes"),
        "plan": plan,
        "file_name": file_name,
        "papers": _tables(plan),
        "compared": signing.dumps(paper, salt=_SALT, compress=True)
        if plan.is_clean and is_news
        else "",
    }
    return TemplateResponse(request, "admin/payments/bin_import.html", context)


def _confirmed(request: HttpRequest, site: Any) -> HttpResponse:
    try:
        paper = signing.loads(request.POST["compared"], salt=_SALT, max_age=3600)
    except signing.BadSignature:
        messages.error(request, gettext("Please bring the file once more."))
        return redirect("admin:payments_cardbin_bring")
    raw, name = paper["text"].encode(), paper["name"]
    try:
        done = apply_import(
            raw,
            file_name=name,
            by=request.user.get_username(),
            expected_version=paper["version"],
        )
    except BinTableMovedError as error:
        messages.error(request, str(error.user_message))
        return _comparison(request, site, raw=raw, file_name=name)
    except LinliError as error:
        messages.error(request, str(error.user_message))
        return redirect("admin:payments_cardbin_bring")
    text = gettext("%(added)d prefixes added, %(changed)d changed.")
    messages.success(request, text % {"added": done.added, "changed": done.changed})
    return redirect("admin:payments_cardbin_changelist")


def _tables(plan: BinPlan) -> list[Table]:
    return [
        table(
            _("Refused"),
            (_("line"), _("first digits"), _("why not")),
            ([r.line, r.prefix or NOTHING, r.reason] for r in plan.refused[:_SHOWN]),
        ),
        table(
            _("Would change"),
            (_("line"), _("first digits"), _("column"), _("before"), _("after")),
            (
                [change.line, change.row.prefix, _column(name), _shown(before), _shown(after)]
                for change in plan.changed[:_SHOWN]
                for name, before, after in change.differences
            ),
        ),
        table(
            _("Would be added"),
            (
                _("line"),
                _("first digits"),
                _("issuer"),
                _("debit or credit"),
                _("mark"),
                _("doubtful"),
            ),
            ([line, *_row(row)] for line, row in plan.added[:_SHOWN]),
        ),
    ]


def _row(row: BinRow) -> list[Any]:
    return [
        row.prefix,
        f"{bank_name(row.issuer_code, row.issuer_name)} ({row.issuer_code})",
        kind_word(row.kind),
        mark_word(row.mark),
        _("doubtful") if row.is_doubtful else "",
    ]


def _column(name: str) -> str:
    return str(CardBin._meta.get_field(name).verbose_name)  # noqa: SLF001 - Django documents it


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return NOTHING if value in {None, ""} else value


def _why_not(error: BinFileError) -> str:
    said, where = str(error.user_message), error.data
    if "column" in where:
        text = gettext("There is no column called “%(column)s”.")
        return f"{said} {text % {'column': where['column']}}"
    return f"{said} {_REASONS.get(str(where.get('reason')), '')}".strip()
