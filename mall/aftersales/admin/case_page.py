"""One case as the mall reads it: what was asked, photos, what it costs whom, the story."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from mall.accounts.masking import mask_phone
from mall.aftersales import allowances
from mall.aftersales.admin.reading import COLOURS, may, yuan
from mall.aftersales.models import AfterSalesCase, Bearer, Role
from mall.aftersales.people import COMPENSATE, CONFIRM, DECIDE
from mall.aftersales.words import asked_text, messages_of, next_title, story_of
from mall.aftersales.worth import asked_of, left_of, worth_of
from mall.catalogue.titles import title_of
from mall.supply.batches import batches_of
from payments.api import LinliError

Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn


def case_context(request: HttpRequest, case: AfterSalesCase) -> dict[str, Any]:
    """Return what the page of a case shows, and what this person may do there."""
    is_open = case.status == Status.REQUESTED
    is_own = request.user.pk == case.resident_id
    is_deciding = is_open and case.turn in {Turn.LEADER, Turn.MALL} and not is_own
    second = case.status == Status.APPROVED and not is_own
    left = left_of(case.line)
    return {
        "case": case,
        "colour": COLOURS[case.status],
        "title_of_line": title_of(case.line.product),
        "asked_text": asked_text(case.asked_quantity),
        "asked": yuan(case.asked_minor),
        "given": yuan(case.given_minor) if case.value_minor else "–",
        "value": yuan(case.value_minor) if case.value_minor else "–",
        "cost": yuan(case.cost_minor) if case.value_minor else "–",
        "phone": mask_phone(case.order.receiver_phone),
        "waits": next_title(case, reader=Role.MALL),
        "costs": _costs(case) if is_open else [],
        "bearers": Bearer.choices,
        "photos": [photo.name for photo in case.photos.all()],
        "steps": story_of(case, reader=Role.MALL),
        "messages_shown": messages_of(case, reader=Role.MALL),
        "batches": batches_of(case.line.item_id, case.order.group_id),
        "others": _others(case),
        "pieces_left": left.quantity,
        "paid_left": yuan(left.payer_minor),
        "may_decide": is_deciding and may(request, DECIDE),
        "may_confirm": second and may(request, CONFIRM) and request.user.pk != case.decided_by_id,
        "is_own_approval": second and request.user.pk == case.decided_by_id,
        "may_send_back": second and may(request, CONFIRM),
        "may_compensate": may(request, COMPENSATE) and not is_own and left.payer_minor > 0,
        "two_people": yuan(settings.LINLI_CASE_TWO_PEOPLE_MINOR),
        "goodwill_limit": yuan(allowances.limit_of(allowances.What.GOODWILL)),
        "goodwill_left": yuan(allowances.left_today(request.user, allowances.What.GOODWILL)),
        "refund_url": _refund_url(request, case),
        "order_url": _url(request, "ordering_orderfulfilment", case.order_id),
        "key": secrets.token_urlsafe(12),
    }


def _costs(case: AfterSalesCase) -> list[dict[str, str]]:
    """Return what giving all that is asked costs whom, for each who might bear it."""
    rows = []
    for bearer, label in Bearer.choices:
        try:
            worth = worth_of(case.order, case.line, asked_of(case), bearer=bearer)
        except LinliError:
            return []
        supplier = worth.cost_minor
        rows.append(
            {
                "bearer": bearer,
                "label": str(label),
                "payer": yuan(worth.payer_minor),
                "value": yuan(worth.value_minor),
                "supplier": yuan(supplier),
                "mall": yuan(max(0, worth.value_minor - supplier)),
            }
        )
    return rows


def _others(case: AfterSalesCase) -> list[AfterSalesCase]:
    """Return the same resident's other cases, the newest first."""
    rows = AfterSalesCase.objects.filter(resident=case.resident_id).exclude(pk=case.pk)
    return list(rows.select_related("reason", "line")[:8])


def _refund_url(request: HttpRequest, case: AfterSalesCase) -> str:
    if not case.refund_no or not may(request, "payments.view_refund"):
        return ""
    return reverse("admin:payments_refund_changelist") + f"?q={case.refund_no}"


def _url(request: HttpRequest, model: str, pk: Any) -> str:
    app, _sep, name = model.partition("_")
    return reverse(f"admin:{model}_change", args=[pk]) if may(request, f"{app}.view_{name}") else ""


def shown_bearer(case: AfterSalesCase) -> str:
    """Name who bears it; before a decision who is proposed."""
    label = str(case.get_bearer_display())
    return label if case.value_minor else _("%(bearer)s (proposed)") % {"bearer": label}
