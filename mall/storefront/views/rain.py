"""Red-packet rain: the sessions, one of them before, while and after it falls, and its odds."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from mall.ordering.payer import payer_ref
from mall.redpackets.chance import person_of
from mall.redpackets.drawing import Drawer, draw
from mall.redpackets.models import RainDraw, RainSession
from mall.redpackets.replay import write_record
from mall.redpackets.selectors import (
    Phase,
    Share,
    clock_text,
    fallen,
    odds_of,
    phase_of,
    prize_text,
    share_of,
    shown_session,
    shown_sessions,
)
from mall.storefront.visitor import resident
from payments.api import LinliError, agreements_of, now


@dataclass(frozen=True, slots=True, kw_only=True)
class RainCard:
    """A rain in the list."""

    session: RainSession
    phase: Phase
    when: str
    most_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLine:
    """One of her draws in words."""

    number: int
    title: str
    text: str
    is_won: bool


@never_cache
@require_GET
def rains(request: HttpRequest) -> HttpResponse:
    """List the rains, the next one first."""
    cards = [_card(session) for session in shown_sessions()]
    order = {Phase.DURING: 0, Phase.BEFORE: 1, Phase.AFTER: 2}
    return render(
        request,
        "storefront/rains.html",
        {"cards": sorted(cards, key=lambda card: order[card.phase])},
    )


@never_cache
@require_GET
def rain(request: HttpRequest, code: str) -> HttpResponse:
    """Show one rain as it is now."""
    session = _session(code)
    return render(request, "storefront/rain.html", _context(request, session))


@require_POST
def draw_packet(request: HttpRequest, code: str) -> HttpResponse:
    """Draw once; the same press twice is one draw. The answer is the part of the page around it."""
    session = _session(code)
    page = reverse("storefront:rain", args=[session.code])
    drawer = _drawer(request)
    if drawer is None:
        return _to(request, f"{reverse('storefront:sign-in')}?{urlencode({'next': page})}")
    number = request.POST.get("number", "")
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        return _to(request, page)
    refusal, drawn = "", None
    try:
        drawn = draw(session_id=session.pk, drawer=drawer, number=int(number))
    except LinliError as error:
        refusal = str(error.user_message)
    if not request.htmx:
        if refusal:
            messages.error(request, refusal)
        return redirect(page)
    context = _context(request, _session(code))
    context |= {"last": _line(drawn) if drawn else None, "refusal": refusal}
    return render(request, "storefront/parts/rain_answer.html", context)


@never_cache
@require_GET
def odds(request: HttpRequest, code: str) -> HttpResponse:
    """Publish what may fall, how often, and how anybody checks it."""
    session = _session(code)
    context = _context(request, session)
    context["prizes"] = session.prizes.order_by("position")
    if context["phase"] == Phase.AFTER:
        context["fallen"] = fallen(session)
    return render(request, "storefront/rain_odds.html", context)


@require_GET
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Hand out every draw of a rain that is over, without anybody's name or voucher."""
    del request
    session = _session(code)
    if not session.is_closed:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rain-{session.code}.csv"'
    write_record(session, response)
    return response


def _to(request: HttpRequest, url: str) -> HttpResponse:
    """Lead to another page, also a press that a script sent."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _session(code: str) -> RainSession:
    try:
        return shown_session(code)
    except RainSession.DoesNotExist:
        raise Http404 from None


def _drawer(request: HttpRequest) -> Drawer | None:
    person = resident(request)
    if person is None:
        return None
    cards = agreements_of(payer_ref(person.pk))
    fingerprints = tuple(card.fingerprint for card in cards if card.fingerprint)
    return Drawer(resident_id=person.pk, fingerprints=fingerprints)


def _context(request: HttpRequest, session: RainSession) -> dict[str, object]:
    drawer = _drawer(request)
    share = share_of(session, drawer)
    lines = [_line(drawn) for drawn in share.draws]
    return {
        "session": session,
        "phase": phase_of(session),
        "now": now(),
        "starts": clock_text(session.starts_at),
        "ends": clock_text(session.ends_at),
        "odds": odds_of(session),
        "person": drawer,
        "needs_card": bool(session.needs_card and drawer and not drawer.fingerprints),
        "share": share,
        "lines": lines,
        "last": lines[-1] if lines else None,
        "record_name": person_of(session.code, drawer.resident_id) if drawer else "",
        "is_mine_only": _is_cut_by_a_card(session, share),
    }


def _is_cut_by_a_card(session: RainSession, share: Share) -> bool:
    """Tell whether somebody else drew with one of her cards."""
    return share.left < session.draws_each - len(share.draws)


def _card(session: RainSession) -> RainCard:
    return RainCard(
        session=session,
        phase=phase_of(session),
        when=clock_text(session.starts_at),
        most_minor=max((prize.amount_minor for prize in session.prizes.all()), default=0),
    )


def _line(drawn: RainDraw) -> DrawLine:
    is_won = drawn.outcome == RainDraw.Outcome.WON
    text = _("It is in your wallet.") if is_won else _("Maybe the next one.")
    if drawn.outcome == RainDraw.Outcome.EMPTY:
        text = _("A packet fell, but the budget was gone.")
    return DrawLine(
        number=drawn.number, title=prize_text(drawn.amount_minor), text=text, is_won=is_won
    )
