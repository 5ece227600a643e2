"""Adding an account, and giving it a new version, by a form of its acquirer's own fields."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from payments.acquiring.registry import adapters, setup_of
from payments.admin.abilities import abilities_of
from payments.admin.account_pages import AccountPages
from payments.admin.account_setup import SetupForm
from payments.admin.showing import NOTHING, anchor, table
from payments.models import AcquirerAccount
from payments.services.account_setup import renew_account, set_account_up


class GuidedAccounts(AccountPages):
    """The pages that know what each acquirer's account consists of."""

    def get_urls(self) -> list[URLPattern]:
        """Add a page per acquirer."""
        view = self.admin_site.admin_view(self.set_up)
        name = "payments_acquireraccount_guided"
        return [path("set-up/<slug:adapter>/", view, name=name), *super().get_urls()]

    @action(description=_("Add an account"), url_path="choose", permissions=["set_up"], icon="add")
    def choose_acquirer(self, request: HttpRequest) -> HttpResponse:
        """Say with whom one can bank, and where each account is set up."""
        rows = []
        for code in sorted(adapters()):
            setup = setup_of(code)
            if setup is not None:
                url = reverse("admin:payments_acquireraccount_guided", args=[code])
                rows.append([anchor(url, setup.name), code, setup.guide or NOTHING])
        by_lines = reverse("admin:payments_acquireraccount_add_account")
        rows.append(
            [anchor(by_lines, _("another acquirer, by lines")), NOTHING, "docs/adapters.md"]
        )
        headers = (_("acquirer"), _("adapter"), _("guide"))
        papers = [table(_("With whom do you bank?"), headers, rows)]
        return self._form_page(request, None, title=_("Add an account"), papers=papers)

    @action(
        description=_("Compare"), url_path="compare", permissions=["view"], icon="compare_arrows"
    )
    def compare(self, request: HttpRequest) -> HttpResponse:
        """Show what every account in use can and cannot do, side by side."""
        used = AcquirerAccount.objects.filter(status=AcquirerAccount.Status.ACTIVE).order_by("code")
        papers = [abilities_of(used, _("What the accounts in use can do"))]
        return self._form_page(request, None, title=_("Compare accounts"), papers=papers)

    def set_up(self, request: HttpRequest, adapter: str) -> HttpResponse:
        """Set a new account up; the acquirer's adapter tries settings and keys, nothing is sent."""
        if not self.has_set_up_permission(request):
            raise PermissionDenied
        setup = setup_of(adapter)
        if setup is None:
            raise Http404
        form = SetupForm(request.POST or None, request.FILES or None, setup=setup)
        if form.is_valid():

            def write() -> AcquirerAccount:
                return set_account_up(
                    form.cleaned_data["code"],
                    adapter=adapter,
                    settings={name: value for name, value in form.settings.items() if value},
                    uploads=form.uploads,
                    by=request.user.get_username(),
                )

            if (done := self._try(request, form, write)) is not None:
                return done
        text = gettext(
            "Keys are kept in files only this program reads and are never shown again. A new "
            "account takes payments where a rule or its priority leads to it. Read first: %(guide)s"
        )
        title = _("New account: %(acquirer)s") % {"acquirer": setup.name}
        return self._form_page(request, form, title=title, text=text % {"guide": setup.guide})

    def _renewal_page(self, request: HttpRequest, newest: AcquirerAccount) -> HttpResponse:
        """Give an account new settings or keys."""
        setup = setup_of(newest.adapter)
        if setup is None:
            raise Http404
        had: dict[str, Any] = {"settings": newest.settings, "kept": newest.keys}
        form = SetupForm(
            request.POST or None,
            request.FILES or None,
            setup=setup,
            priority=newest.priority,
            **had,
        )
        if form.is_valid():

            def write() -> AcquirerAccount:
                return renew_account(
                    newest.code,
                    settings=form.settings,
                    uploads=form.uploads,
                    by=request.user.get_username(),
                )

            if (done := self._try(request, form, write)) is not None:
                return done
        text = gettext(
            "Version %(version)s goes on verifying messages and is what its payments were made "
            "with; from now on the new keys speak for the account."
        )
        title = _("New version of %(account)s") % {"account": newest.code}
        return self._form_page(request, form, title=title, text=text % {"version": newest.version})
