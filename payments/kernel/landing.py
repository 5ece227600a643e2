"""Coming back from an acquirer whose page sends the browser back with a form instead of a link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt


def back_by_post(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let a page be posted to from elsewhere: nothing of it is read, she is led on by GET.

    A post from another site brings no session along; the GET that follows (303) does.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **named: object) -> HttpResponseBase:
        if request.method == "POST":
            return HttpResponse(status=303, headers={"Location": request.get_full_path()})
        return view(request, *args, **named)

    return csrf_exempt(answer)
