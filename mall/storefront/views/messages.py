"""What she was told: the list, one message, and which categories ring on her telephone."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from mall.messaging.reading import choose_categories, mark_all_read, mark_read
from mall.messaging.selectors import messages_of, unread_count, wanted_categories

_PER_PAGE = 20
_HIGHEST = 2**63 - 1


@login_required
@never_cache
@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    """Show what she was told, the newest first, and what she may turn off."""
    person = request.user
    context = {
        "page": Paginator(messages_of(person.pk), _PER_PAGE).get_page(request.GET.get("page")),
        "unread": unread_count(person.pk),
        "categories": [
            {"code": category.value, "name": category.label, "is_on": is_on}
            for category, is_on in wanted_categories(person.pk).items()
        ],
    }
    return render(request, "storefront/messages.html", context)


@login_required
@never_cache
@require_GET
def open_message(request: HttpRequest, number: int) -> HttpResponse:
    """Mark a message read and go where it leads; another's is no message."""
    if number > _HIGHEST:
        raise Http404
    link = mark_read(user_id=request.user.pk, message_id=number)
    return redirect(link or "storefront:messages")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything read."""
    mark_all_read(user_id=request.user.pk)
    return redirect("storefront:messages")


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep which categories ring on her telephone."""
    choose_categories(user_id=request.user.pk, wanted=request.POST.getlist("category"))
    messages.success(request, _("Saved. What concerns your orders and money always reaches you."))
    return redirect("storefront:messages")
