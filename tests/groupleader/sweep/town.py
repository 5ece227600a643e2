"""A neighbourhood with one of everything of leader A and her resident, and who else asks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from groupleader.models import (
    DeviceAct,
    Leader,
    LeaderApplication,
    PayeeChange,
    ResidentNote,
    StatementPaper,
)
from groupleader.services.statements import dispute_statement
from groupleader.services.talking import Said
from mall.accounts.models import User
from mall.aftersales.models import CasePhoto
from mall.catalogue.models import Favourite
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.models import OverdueBag
from mall.fulfilment.overdue_jobs import tend_due
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.groupbuy.capturing import paste
from mall.groupbuy.models import Assortment, AssortmentItem, GroupBuy, LeaderGroup
from mall.groupbuy.own_sales import OwnItem, OwnPlan, create, hand_in, publish_sale
from mall.messaging.models import Message
from mall.ordering.behalf import pay_link_of, place_for
from mall.ordering.models import OrderFulfilment
from mall.pickup.helping import accept_invitation, invite_helper
from mall.pickup.models import PickupPoint
from mall.pickup.signs import add_break
from payments.api import business_date, now
from tests.factories.groups import item_of, make_open_group, make_person, make_product
from tests.groupleader.making import make_leader, make_statement
from tests.groupleader.sweep.bodies import body_of
from tests.groupleader.telephones import Telephone
from tests.mall.aftersales.complaining import complain
from tests.mall.fulfilment.counter import all_arrived, by_weight, fresh, keep, line
from tests.mall.ordering.discounted import paid
from tests.mall.ordering.shopping import (
    fill_worked,
    give_card,
    make_worked_group,
    place,
)
from tests.mall.redpackets.rains import make_rain
from tests.mall.vouchers.batches import make_merchant, make_round, make_voucher

PDF = b"%PDF-1.4\nof a delivery note\n%%EOF\n"


@dataclass
class Town:
    """Who asks (``people``), what fills an address (``of_leader``, ``of_resident``), its marks.

    A mark is a word that stands in A's (or her resident's) rows only; nobody else may read it.
    """

    people: dict[str, User] = field(default_factory=dict)
    of_leader: dict[str, Any] = field(default_factory=dict)
    of_resident: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    leader_marks: list[str] = field(default_factory=list)
    resident_marks: list[str] = field(default_factory=list)

    def marks_for(self, who: str, *, is_public: bool) -> list[str]:
        """Return what somebody may not read: A's words, but for those at her counter."""
        if is_public:
            return self.resident_marks if who != "resident" else []
        if who in {"owner", "helper", "resident"}:
            return [] if who == "resident" else ["欧阳翠花"]
        return [*self.leader_marks, *self.resident_marks]


def build() -> Town:
    """Open the town."""
    town = Town()
    group = _people(town)
    orders = _orders(town, group)
    _counter(town, group, orders)
    _money(town)
    _selling(town, group)
    _of_the_resident(town, group, orders)
    town.body = body_of(town.of_leader, group, orders)
    return town


def _leads(group: LeaderGroup, name: str) -> User:
    make_leader(name)  # one more, so that numbers of leaders and of people differ
    Leader.objects.create(user=group.leader, name=name, status=Leader.Status.ACTIVE)
    return group.leader


def _helps(point: PickupPoint, name: str) -> tuple[User, int]:
    person = make_person(name)
    row = invite_helper(point_id=point.pk, phone=person.phone, name=name, by=point.leader)
    return person, accept_invitation(helper_id=row.pk, by=person).pk


def _people(town: Town) -> LeaderGroup:
    group, other = make_worked_group(), make_open_group()
    GroupBuy.objects.filter(pk=group.group_buy_id).update(title="只有甲团才有的标题")
    helper, helper_id = _helps(group.pickup_point, "帮甲")
    town.people = {
        "owner": _leads(group, "甲团长"),
        "helper": helper,
        "other": _leads(other, "乙团长"),
        "other_helper": _helps(other.pickup_point, "帮乙")[0],
        "resident": make_person("欧阳翠花", phone="+8613800138001"),
        "neighbour": make_person("路人"),
    }
    rest = business_date() + timedelta(days=20)
    row = add_break(point_id=group.pickup_point_id, first_day=rest, last_day=rest, by=group.leader)
    town.of_leader |= {
        "group_id": group.pk,
        "point_id": group.pickup_point_id,
        "helper_id": helper_id,
        "what": "write",
        "break_id": row.pk,
    }
    town.leader_marks += ["只有甲团才有的标题"]
    return group


def _orders(town: Town, group: LeaderGroup) -> list[OrderFulfilment]:
    """Two bags that wait, one of them complained about; one collected."""
    resident = town.people["resident"]
    keep(group, storage="chilled")
    by_weight(group, position=3)
    orders = [paid(place(fill_worked(group, resident), resident)) for _nth in range(3)]
    all_arrived(group)
    tend_due(50)
    collect_order(order_no=orders[1].order_no, by=group.leader)
    case = complain(fresh(orders[0]), text="甲家的鸡蛋碎了")
    bag = OverdueBag.objects.filter(order__order_no=orders[0].order_no).first()
    town.of_leader |= {
        "order_no": orders[0].order_no,
        "case_no": case.case_no,
        "bag_id": bag.pk,
        "resident_id": resident.pk,
        "token": fresh(orders[0]).pickup_token,
    }
    town.leader_marks += [
        *(order.order_no for order in orders),
        case.case_no,
        "欧*花",
        "甲家的鸡蛋",
    ]
    return orders


def _counter(town: Town, group: LeaderGroup, orders: list[OrderFulfilment]) -> None:
    """A telephone with a conflict, a weight, notes about a resident."""
    owner, resident = town.people["owner"], town.people["resident"]
    phone = Telephone(owner, name="甲的手机")
    unknown = {
        "order_no": "M1",
        "means": "code",
        "point": group.pickup_point_id,
        "pieces": {"1": 1},
    }
    phone.tells(phone.does(kind="hand_over", **unknown))
    note = ResidentNote.objects.create(
        leader=owner.leader,
        resident=resident,
        text="甲记的一笔",
        written_at=now(),
        kept_until=now() + timedelta(days=400),
    )
    weight = Weight(line_id=line(orders[2], 2).pk, grams=990)
    weighing = record_weighing(weight, weigher=Weigher(user=owner), key="sweep")
    town.of_leader |= {
        "act_id": DeviceAct.objects.get(end=DeviceAct.End.CONFLICT).act_id,
        "ref": phone.device.ref,
        "note_id": note.pk,
        "line_id": line(orders[0], 2).pk,
        "weighing_id": weighing.pk,
    }
    town.leader_marks += ["甲记的一笔", "甲的手机", phone.device.ref]


def _money(town: Town) -> None:
    leader = town.people["owner"].leader
    statement = make_statement(leader, 20_800)
    said = Said(text="甲的疑问", by=leader.user, files=[SimpleUploadedFile("n.pdf", PDF)])
    dispute_statement(statement=statement, reason="甲的疑问", by=leader.user, said=said)
    change = PayeeChange.objects.create(
        leader=leader,
        key="k" * 32,
        way=PayeeChange.Way.PORTAL,
        bank="甲的银行",
        holder=leader.name,
        account_sealed="sealed",
        last4="7123",
        status=PayeeChange.Status.APPLIED,
        asked_at=now(),
    )
    town.of_leader |= {
        "statement_no": statement.statement_no,
        "accrual_id": statement.accruals.first().pk,
        "name": StatementPaper.objects.get(message__statement=statement).name,
        "form": "xlsx",
        "key": change.key,
    }
    town.leader_marks += [statement.statement_no, "甲的疑问", "甲的银行"]


def _selling(town: Town, group: LeaderGroup) -> None:
    """An own sale being written, a pasted chain, an order for somebody, an application."""
    owner = town.people["owner"]
    open_group = make_open_group(point=group.pickup_point)
    shelf = Assortment.objects.create(name="常备")
    product = make_product("土豆")
    AssortmentItem.objects.create(
        assortment=shelf,
        product=product,
        stockrecord=product.stockrecords.get(),
        cost_minor=1000,
        floor_minor=1200,
        ceiling_minor=2000,
        commission_rate="0.1000",
        most_pieces=100,
    )
    at = now()
    plan = OwnPlan(
        assortment_id=shelf.pk,
        title="甲自己的团",
        opens_at=at + timedelta(hours=1),
        closes_at=at + timedelta(hours=9),
        pickup_on=business_date(at) + timedelta(days=2),
        pickup_from=time(16),
        pickup_until=time(20),
        point_ids=[group.pickup_point_id],
        items=[OwnItem(product_id=product.pk, price_minor=1500, quota=50)],
    )
    sale = create(leader_id=owner.pk, plan=plan, idem_key="sweep")
    repeated = create(leader_id=owner.pk, plan=replace(plan, title="甲开过的团"), idem_key="before")
    hand_in(own_sale_id=repeated.own_sale_id, leader_id=owner.pk)
    publish_sale(own_sale_id=repeated.own_sale_id, leader_id=owner.pk)
    own_group = LeaderGroup.objects.get(group_buy__title="甲开过的团")
    inbox = paste(group_id=open_group.pk, leader_id=owner.pk, text="1. 甲群里的李姐 玉米2")
    ordered = place_for(
        leader=owner,
        group_id=open_group.pk,
        phone="13811112222",
        name="甲帮的奶奶",
        items={item_of(open_group).pk: 1},
    )
    LeaderApplication.objects.create(
        user=owner, status="withdrawn", name="甲当年的申请", started_at=at
    )
    town.of_leader |= {
        "own_sale_id": sale.own_sale_id,
        "captured_line_id": inbox.lines[0].line_id,
        "for_other_no": ordered.order_no,
        "open_group_id": open_group.pk,
        "open_item_id": item_of(open_group).pk,
        "own_group_id": own_group.pk,
        "draft_code": LeaderGroup.objects.get(group_buy__title=sale.title).share_code,
    }
    town.of_resident |= {"pay_token": pay_link_of(ordered)}
    town.leader_marks += [
        sale.title,
        "甲群里的李姐",
        "甲帮的奶奶",
        ordered.order_no,
        "甲当年的申请",
    ]


def _of_the_resident(town: Town, group: LeaderGroup, orders: list[OrderFulfilment]) -> None:
    """What the resident has herself."""
    resident = town.people["resident"]
    card, voucher = give_card(resident, last4="8642"), make_voucher(resident)
    item = item_of(group)
    Favourite.objects.create(resident=resident, product=item.product, at=now())
    message = Message.objects.create(
        kind="order.paid", key="sweep", user=resident, created_at=now(), link="/orders/"
    )
    town.of_resident |= {
        "order_no": orders[0].order_no,
        "share_code": group.share_code,
        "item_id": item.pk,
        "line_id": line(orders[0]).pk,
        "collected_no": orders[1].order_no,
        "collected_line_id": line(orders[1]).pk,
        "case_no": town.of_leader["case_no"],
        "what": "write",
        "name": CasePhoto.objects.first().name,
        "agreement_no": card.agreement_no,
        "voucher_no": voucher.voucher_no,
        "round_id": make_round().pk,
        "number": message.pk,
        "product_id": item.product_id,
        "point_id": group.pickup_point_id,
        "code": make_rain().code,
    }
    make_merchant(town.people["neighbour"])
    town.resident_marks += [
        *(order.order_no for order in orders),
        town.of_leader["case_no"],
        voucher.voucher_no,
        card.agreement_no,
        "甲家的鸡蛋",
        "欧阳翠花",
    ]
