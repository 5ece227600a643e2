"""A bill somebody has as a file, brought in by hand: kept, read and compared like any other."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from payments.admin.recon_links import day_url
from payments.kernel.clock import business_date
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.reconciliation.delivering import deliver_bill, take_bill_in
from payments.reconciliation.models import Bill
from payments.reconciliation.storing import scratch

UPLOAD_BYTES_MAX: Final = 200 * 1024 * 1024
# A bigger one would keep the person waiting: the runner reads it.
READ_NOW_BYTES_MAX: Final = 2 * 1024 * 1024


def _a_day() -> forms.DateInput:
    """Return the browser's own field for a day, with the look of the others."""
    look = UnfoldAdminTextInputWidget().attrs["class"]
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": look})


class DeliverForm(forms.Form):
    """A bill somebody has as a file: whose, of which day, of which kind."""

    account_code = forms.ChoiceField(label=_("account"), widget=UnfoldAdminSelectWidget)
    day = forms.DateField(label=_("acquirer's day"), widget=_a_day())
    kind = forms.ChoiceField(
        label=_("kind"), choices=Bill.Kind.choices, widget=UnfoldAdminSelectWidget
    )
    paper = forms.FileField(
        label=_("file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("The bytes as the acquirer gave them, unopened: they are kept as evidence."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the accounts in use."""
        super().__init__(*arguments, **options)
        active = AcquirerAccount.objects.filter(status=AcquirerAccount.Status.ACTIVE)
        codes = active.values_list("code", flat=True).order_by("code")
        self.fields["account_code"].choices = [(code, code) for code in codes]

    def clean_paper(self) -> Any:
        """Refuse what no acquirer's bill is as big as."""
        paper = self.cleaned_data["paper"]
        if paper.size > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(_("This file is too big for a bill of one day."))
        return paper

    def clean_day(self) -> Any:
        """Refuse a day that is not over: no bill of it can be whole."""
        day = self.cleaned_data["day"]
        if day >= business_date():
            raise forms.ValidationError(_("This day is not over."))
        return day


def deliver_page(request: HttpRequest, *, site: Any) -> HttpResponse:
    """Ask for the file; take it in, or say why not and keep what was chosen."""
    form = DeliverForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        bill = _deliver(request, form)
        if bill is not None:
            return redirect(day_url(bill.day))
    context = {
        **site.each_context(request),
        "title": gettext("Bring a bill in by hand"),
        "form": form,
        "button": gettext("Keep, read and compare"),
    }
    return TemplateResponse(request, "admin/payments/recon_upload.html", context)


def _deliver(request: HttpRequest, form: DeliverForm) -> Bill | None:
    said = form.cleaned_data
    bring = deliver_bill if said["paper"].size <= READ_NOW_BYTES_MAX else take_bill_in
    with scratch() as copy:
        with copy.open("wb") as file:
            file.writelines(said["paper"].chunks())
        try:
            bill = bring(
                account_code=said["account_code"],
                day=said["day"],
                kind=said["kind"],
                paper=copy,
                source=f"by hand: {request.user.get_username()}",
            )
        except LinliError as error:
            form.add_error("paper", str(error.user_message))
            return None
    if bill.state == Bill.State.BAD:
        text = gettext("The file is kept, but it is not what it says it is: %(why)s")
        messages.error(request, text % {"why": bill.problem_words})
    elif bill.state == Bill.State.FETCHED:
        messages.success(request, gettext("The bill is kept. It is being read and compared."))
    else:
        messages.success(request, gettext("The bill is kept, read and compared."))
    return bill
