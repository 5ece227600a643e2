"""What the demo's first leader noted about her neighbours, and told a group whose goods wait."""

from __future__ import annotations

from typing import Final

from groupleader.models import Broadcast, Leader, ResidentNote
from groupleader.residents import residents
from groupleader.services.broadcasts import send_broadcasts, send_to_group
from groupleader.services.neighbours import add_note, set_tags
from mall.accounts.models import User
from mall.config.demo_data.people import LEADERS
from mall.ordering.models import OrderFulfilment, Status
from payments.api import LinliError

_NOTED: Final = (
    (("老人", "送上门"), ("腿脚不方便，住 3 栋 502，货到了送上去。", "儿子周末在家，可以来提。")),
    (("过敏",), ("对花生过敏，有坚果的先问一声。",)),
    (("下班晚",), ("八点半以后才到，袋子留到九点。",)),
)
_WORD: Final = "货都分好了，还没来的邻居今晚八点前来提，绿叶菜放久了不新鲜。"


def load_neighbours(people: dict[str, User]) -> None:
    """Write notes, tags and one word to a group; what is there stays."""
    leader = Leader.objects.get(user=people[LEADERS[0][0]])
    if not ResidentNote.objects.filter(leader=leader).exists():
        for resident, (tags, notes) in zip(residents(leader)[:3], _NOTED, strict=False):
            set_tags(leader=leader, resident_id=resident.resident_id, names=tags)
            for text in notes:
                add_note(leader=leader, resident_id=resident.resident_id, text=text)
    if not Broadcast.objects.filter(leader=leader).exists():
        _tell(leader)


def _tell(leader: Leader) -> None:
    """Tell those whose bags wait; a demo whose bags are all collected has nobody to tell."""
    waiting = OrderFulfilment.objects.filter(leader=leader.user_id, status=Status.ARRIVED)
    group_id = waiting.order_by("-pk").values_list("group_id", flat=True).first()
    if group_id is None:
        return
    try:
        send_to_group(leader=leader, group_id=group_id, whom="waiting", text=_WORD, idem_key="demo")
    except LinliError:
        return
    send_broadcasts(100)
