"""What a resident, her leader and the mall write to each other on a case."""

from __future__ import annotations

from typing import Final

from django.db import IntegrityError, transaction

from mall.accounts.models import User
from mall.aftersales.errors import CaseGoneError, ReasonMissingError
from mall.aftersales.models import AfterSalesCase, CaseMessage
from mall.aftersales.people import may_see
from mall.aftersales.story import tell
from payments.api import now, transact

TEXT_MAX: Final = 500


@transact()
def write(*, case_no: str, by: User, role: str, text: str, key: str) -> CaseMessage:
    """Write a message on a case; the same form sent twice is one.

    CaseGoneError for whoever has nothing to do with it, ReasonMissingError without words.
    """
    case = AfterSalesCase.objects.select_related("order").filter(case_no=case_no).first()
    if case is None or not may_see(case, by=by, role=role):
        raise CaseGoneError(case_no=case_no)
    if not text.strip():
        raise ReasonMissingError
    try:
        with transaction.atomic():
            message = CaseMessage.objects.create(
                case=case,
                role=role,
                author=by,
                text=text.strip()[:TEXT_MAX],
                key=key[:64],
                at=now(),
            )
    except IntegrityError:
        return CaseMessage.objects.get(case=case, author=by, key=key[:64])
    told = {"role": role, "message_id": message.pk}
    tell(case, "message", turn=message.pk, **told)
    return message
