"""The account a leader is paid to: masked, changed after a fresh sign-in, denied by a link."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from groupleader.models import Leader, PayeeChange, TaxIdentity
from groupleader.payout_errors import AccountNumberError, HolderDiffersError
from groupleader.portal.access import leader_only
from groupleader.portal.forms import PayeeForm
from groupleader.portal.fresh import signed_in_just_now
from groupleader.services.payees import NewAccount, change_by_key, change_own_payee, deny_change
from groupleader.services.statements import is_cooling
from payments.api import LinliError

ACCOUNTS_SHOWN = 6


@require_http_methods(["GET", "POST"])
@leader_only
def account(request: HttpRequest, leader: Leader) -> HttpResponse:
    """Show and change the account payouts go to; changing asks for a fresh sign-in."""
    is_fresh = signed_in_just_now(request)
    form = PayeeForm(request.POST or None, leader=leader)
    if request.method == "POST" and is_fresh and form.is_valid() and _save(request, leader, form):
        return redirect("groupleader:account")
    context = {
        "door": "earnings",
        "leader": leader,
        "form": form,
        "is_fresh": is_fresh,
        "is_cooling": is_cooling(leader),
        "accounts": _accounts(leader),
        "identity": TaxIdentity.objects.filter(leader=leader).first(),
    }
    return render(request, "groupleader/account.html", context)


def _save(request: HttpRequest, leader: Leader, form: PayeeForm) -> bool:
    """Save the account, or put what is wrong with it beside its field; say whether it is saved."""
    try:
        change_own_payee(leader=leader, new=NewAccount(**form.cleaned_data), by=request.user)
    except AccountNumberError as refusal:
        form.add_error("account", refusal.user_message)
    except HolderDiffersError as refusal:
        form.add_error("holder", refusal.user_message)
    except LinliError as refusal:
        form.add_error(None, refusal.user_message)
    else:
        messages.success(request, _("The account is saved. We have sent you a message about it."))
        return True
    return False


def _accounts(leader: Leader) -> list[PayeeChange]:
    """Return her accounts, newest first, masked."""
    rows = leader.payee_changes.filter(status=PayeeChange.Status.APPLIED)
    return list(rows[:ACCOUNTS_SHOWN])


@never_cache
@require_http_methods(["GET", "POST"])
def not_me(request: HttpRequest, key: str) -> HttpResponse:
    """Let “this was not me” stop payouts: whoever has the message's link, signed in or not."""
    change = change_by_key(key)
    if change is None:
        return render(request, "groupleader/not_me.html", {"change": None}, status=404)
    if request.method == "POST":
        deny_change(change=change)
        change.refresh_from_db()
    return render(request, "groupleader/not_me.html", {"change": change})
