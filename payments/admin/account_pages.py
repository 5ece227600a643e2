"""What the pages about accounts share: who may, one form, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.admin.paper import PaperAdmin
from payments.kernel.errors import LinliError
from payments.models import AcquirerAccount
from payments.services import rotation


class AccountPages(PaperAdmin):
    """Forms about accounts, and their results."""

    def has_set_up_permission(self, request: HttpRequest, _object_id: str = "") -> bool:
        """Allow those who may add accounts."""
        return request.user.has_perm("payments.add_acquireraccount")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Allow those who may change accounts."""
        return request.user.has_perm("payments.change_acquireraccount")

    def _try(
        self, request: HttpRequest, form: forms.Form, write: Callable[[], AcquirerAccount]
    ) -> HttpResponse | None:
        try:
            account = write()
            priority = form.cleaned_data["priority"]
            rotation.set_priority(account.code, priority, by=request.user.get_username())
        except LinliError as refusal:
            form.add_error(None, str(refusal.user_message))
            return None
        text = gettext("%(account)s is in use. Try it: manage.py acquirer_check %(code)s")
        messages.success(request, text % {"account": account, "code": account.code})
        self.log_change(request, account, "set up")
        return redirect(reverse("admin:payments_acquireraccount_change", args=[account.pk]))

    def _form_page(
        self, request: HttpRequest, form: forms.Form | None, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "method": "post",
            "button": _("Save"),
            "papers": [],
            **more,
        }
        return TemplateResponse(request, "admin/payments/account_form.html", context)
