"""Her points: how many there are, what they are worth, how each came and went, and the rules."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from mall.loyalty import member_day
from mall.loyalty.selectors import entries_of, in_words, wallet_of

_PER_PAGE = 20


@never_cache
@login_required
@require_GET
def my_points(request: HttpRequest) -> HttpResponse:
    """Show her points."""
    person = request.user.pk
    page = Paginator(entries_of(person), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wallet": wallet_of(person),
        "page": page,
        "rows": in_words(list(page.object_list)),
        "day": member_day.coming(),
        "today": member_day.today(),
    }
    return render(request, "storefront/my_points.html", context)
