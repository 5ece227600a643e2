"""What went wrong for the demo's residents: cases in every state somebody has to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Case, Q, When

from mall.accounts.models import User
from mall.aftersales.asking import Complaint, open_case
from mall.aftersales.deciding import accept_offer, appeal
from mall.aftersales.leader_acts import approve_case, offer_on_case, pass_case_on, reject_case
from mall.aftersales.models import AfterSalesCase, CaseReason
from mall.aftersales.worth import Claimed, left_of
from mall.config.demo_data.goods import PICTURES
from mall.config.demo_data.people import LEADERS, RESIDENTS
from mall.ordering.models import LineFulfilment, Status
from payments.api import LinliError, deliver_pending

Decide = Callable[[AfterSalesCase, User], object]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One complaint: what she chooses and writes, and how far it went since."""

    reason: str
    text: str
    then: tuple[Decide, ...] = ()


def _approved(case: AfterSalesCase, leader: User) -> None:
    approve_case(case_no=case.case_no, leader=leader, note="已当面看过，退您这一份。")


def _half_offered(case: AfterSalesCase, leader: User) -> None:
    half = max(1, left_of(case.line).payer_minor // 2)
    words = "大部分还能吃，先退您一半，您看可以吗？"
    offer_on_case(case_no=case.case_no, leader=leader, text=words, payer_minor=half)


def _rejected(case: AfterSalesCase, leader: User) -> None:
    words = "照片里看不出问题，提货时也是好的。"
    reject_case(case_no=case.case_no, leader=leader, text=words)


def _passed_on(case: AfterSalesCase, leader: User) -> None:
    pass_case_on(case_no=case.case_no, leader=leader, note="整箱都这样，请平台和供应商核实。")


def _accepted(case: AfterSalesCase, _leader: User) -> None:
    accept_offer(case_no=case.case_no, by=case.resident)


def _appealed(case: AfterSalesCase, _leader: User) -> None:
    appeal(case_no=case.case_no, by=case.resident, text="底下几个都软了，请平台再看看。")


_STORIES: Final = (
    Story(reason="not-fresh", text="打开有两个压软了，其他是好的。"),
    Story(reason="broken", text="瓶盖松了，漏了小半瓶。", then=(_approved,)),
    Story(reason="rotten", text="有一角发霉。", then=(_half_offered,)),
    Story(reason="missing", text="袋里少了这一样。", then=(_passed_on,)),
    Story(reason="not-fresh", text="叶子黄了不少。", then=(_half_offered, _accepted)),
    Story(reason="too-light", text="称了一下少了二两。", then=(_rejected, _appealed)),
    Story(reason="missing", text="单子上有，袋里没有。"),
    Story(reason="broken", text="到家发现包装破了。", then=(_rejected,)),
)


def load_cases() -> None:
    """Tell each story about a line of another order, as far as there are orders; once."""
    if AfterSalesCase.objects.exists():
        return
    lines = _lines()
    for story in _STORIES:
        # Of some goods it is too late to complain; then it is about another order's.
        case = next((case for line in lines if (case := _opened(story, line))), None)
        for act in story.then if case else ():
            try:
                act(case, case.order.leader)
            except LinliError:
                break
    deliver_pending(1000)


def _lines() -> Iterator[LineFulfilment]:
    """Yield a line of each order collected lately, newest first; of what leaders may decide."""
    small = {"value_minor__lte": settings.LINLI_CASE_LEADER_MINOR}
    collected = LineFulfilment.objects.filter(order__status=Status.COLLECTED, **small)
    # Those the demo's own resident and leader see come first.
    hers = Q(order__resident__phone=RESIDENTS[0][0]) | Q(order__leader__phone=LEADERS[0][0])
    told_first = Case(When(hers, then=0), default=1)
    newest = collected.order_by(told_first, "-order__collected_at", "pk")
    seen = set()
    for line in newest.select_related("order__resident", "order__leader", "product"):
        if line.order_id not in seen and left_of(line).quantity:
            seen.add(line.order_id)
            yield line


def _opened(story: Story, line: LineFulfilment) -> AfterSalesCase | None:
    reason = CaseReason.objects.get(code=story.reason)
    said = Complaint(
        line_id=line.pk,
        reason_id=reason.pk,
        claimed=Claimed(quantity=1),
        text=story.text,
        photos=[_photo(line)] if reason.needs_photo else [],
    )
    try:
        return open_case(
            order_no=line.order.order_no,
            resident_id=line.order.resident_id,
            complaint=said,
            by=line.order.resident,
            idem_key=f"demo-{line.pk}",
        )
    except LinliError:
        return None


def _photo(line: LineFulfilment) -> SimpleUploadedFile:
    picture = PICTURES / f"{line.product.slug}.webp"
    return SimpleUploadedFile("photo.webp", picture.read_bytes(), content_type="image/webp")
