"""The counter without a connection: its page, what a phone takes along, what it tells later."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from csp.constants import WASM_UNSAFE_EVAL
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from groupleader.models import DeviceKey
from groupleader.portal.access import AtCounter, at_counter, counter_only
from groupleader.portal.act_words import why_refused
from groupleader.services.acts import ACTS_MAX, Signed, take_acts
from groupleader.services.conflicts import conflicts_of
from groupleader.services.devices import devices_of, register_device, seen
from groupleader.services.phone_day import day_for
from payments.api import LinliError

# What a new version of the worker is told by; the page itself names all that it needs.
WORKER_SCRIPTS: Final = ("store.js", "phone.js", "queue.js")
_PAGE_SCRIPTS: Final = ("portal.js", "offline.js", "offline-counting.js", "offline-queue.js")
_ASSETS: Final = (
    "mall/app.css",
    "mall/favicon.svg",
    "mall/icons.svg",
    "mall/icon-192.png",
    "mall/js/app.js",
    "mall/js/countdown.js",
    "mall/js/scan.js",
    "mall/vendor/zxing/reader.js",
    "mall/vendor/zxing/zxing_reader.wasm",
    "groupleader/leader.css",
    *(f"groupleader/{name}" for name in (*WORKER_SCRIPTS, *_PAGE_SCRIPTS)),
)
_SHA: Final = re.compile(r"photo-([0-9a-f]{64})")
_BODY_MAX: Final = 1_000_000
JsonView = Callable[[HttpRequest, AtCounter], HttpResponse]


def at_counter_or_401(view: JsonView) -> Callable[[HttpRequest], HttpResponse]:
    """Let a script of the page in as its person; tell it to sign in where there is none."""

    @wraps(view)
    def enter(request: HttpRequest) -> HttpResponse:
        who = at_counter(request) if request.user.is_authenticated else None
        if who is None:
            status = 403 if request.user.is_authenticated else 401
            return JsonResponse({"code": "sign_in"}, status=status)
        try:
            response = view(request, who)
        except LinliError as refusal:
            said = {"code": refusal.code, "message": str(refusal.user_message)}
            response = JsonResponse(said, status=refusal.http_status)
        response["Cache-Control"] = "private, no-store"
        return response

    return enter


@csp_update({"script-src": WASM_UNSAFE_EVAL})  # the QR reader is a WebAssembly module of ours
@require_GET
@counter_only
def shell(request: HttpRequest, who: AtCounter) -> HttpResponse:
    """Show the page that works without a connection; it holds nobody's data until a script asks."""
    return render(request, "groupleader/offline.html", {"door": "scan", "who": who})


@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """Give the service worker: it keeps the page and its files, and sends when it may."""
    assets = [static(name) for name in _ASSETS]
    context = {
        "version": hashlib.sha256("".join(assets).encode()).hexdigest()[:12],
        "scripts": [static(f"groupleader/{name}") for name in WORKER_SCRIPTS],
        "places": places(),
        "static": settings.STATIC_URL,
    }
    response = render(_request, "groupleader/sw.js", context, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def manifest(_request: HttpRequest) -> JsonResponse:
    """Say how the portal is put onto a phone's home screen: an app of its own."""
    icons = [
        {"src": static(f"mall/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    home = reverse("groupleader:home")
    return JsonResponse(
        {
            "id": home,
            "name": _("Linli for group leaders"),
            "short_name": _("Linli leaders"),
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "background_color": "#f7f4ef",
            "theme_color": "#c8321a",
            "icons": [*icons, icons[1] | {"purpose": "maskable"}],
            "shortcuts": [
                {"name": _("Hand over"), "url": reverse("groupleader:scan")},
                {"name": _("Receive"), "url": reverse("groupleader:arrivals")},
            ],
        },
        content_type="application/manifest+json",
    )


@require_GET
@at_counter_or_401
def day(request: HttpRequest, who: AtCounter) -> JsonResponse:
    """Give a phone its person's bags of today; without a known phone only what to sign up with."""
    asked = request.GET.get("device", "")[:32]
    device = devices_of(who.user_id).filter(ref=asked).first() if asked else None
    said: dict[str, Any] = {
        "csrf": get_token(request),
        "user": who.user_id,
        "name": who.name,
        "conflicts": conflicts_of(who.user_id, is_open=True).count(),
        "device": None,
    }
    if device is not None and device.revoked_at is None:
        seen(device, session_key=request.session.session_key or "")
        said |= day_for(device, points=who.points)
    elif device is not None:
        said["revoked"] = True
    return JsonResponse(said)


@require_POST
@at_counter_or_401
def register(request: HttpRequest, _who: AtCounter) -> JsonResponse:
    """Make a phone known by its public key; the same key again is the same phone."""
    device = register_device(
        user=request.user,
        public_key=request.POST.get("public_key", ""),
        name=request.POST.get("name", ""),
    )
    return JsonResponse({"device": device.ref, "next_seq": device.last_seq + 1})


@require_POST
@at_counter_or_401
def acts(request: HttpRequest, who: AtCounter) -> JsonResponse:
    """Take what a phone did without a connection; sent again it is the same."""
    ref = request.POST.get("device", "")[:32]
    device = devices_of(who.user_id).filter(ref=ref).first()
    if device is None:
        return JsonResponse({"code": "unknown_device"}, status=404)
    signed = _signed(request.POST.get("acts", ""))
    if signed is None:
        return JsonResponse({"code": "unreadable"}, status=400)
    photos = {
        match[1]: file for name, file in request.FILES.items() if (match := _SHA.fullmatch(name))
    }
    answers = take_acts(device=device, acts=signed, photos=photos)
    device = DeviceKey.objects.get(pk=device.pk)
    return JsonResponse(
        {
            "answers": [
                {
                    "id": answer.act_id,
                    "end": answer.end,
                    "reason": answer.reason,
                    "words": why_refused(answer.reason) if answer.end == "refused" else "",
                }
                for answer in answers
            ],
            "next_seq": device.last_seq + 1,
            "conflicts": conflicts_of(who.user_id, is_open=True).count(),
        }
    )


def places() -> dict[str, str]:
    """Return the addresses the scripts ask, by what they are for."""
    names = {"day": "offline-day", "register": "offline-register", "acts": "offline-acts"}
    names |= {"shell": "offline", "worker": "worker", "home": "home"}
    return {key: reverse(f"groupleader:{name}") for key, name in names.items()}


def _signed(text: str) -> list[Signed] | None:
    """Read the list of acts; nothing where it is none."""
    if len(text) > _BODY_MAX:
        return None
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(sent, list) or len(sent) > ACTS_MAX:
        return None
    read = []
    for each in sent:
        fields = [each.get(name) if isinstance(each, dict) else None for name in ("text", "sig")]
        if not all(isinstance(field, str) for field in fields):
            return None
        read.append(Signed(text=str(fields[0]), signature=str(fields[1])))
    return read
