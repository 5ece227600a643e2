"""A leader's own sale: composed from what the mall approved, handed in, approved, published.

Plain values and ids in and out. Goods outside the assortment and prices below their floor are
refused at once; prices above the ceiling and bigger amounts are for a person of the mall.
"""

from __future__ import annotations

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.groupbuy.creating import add_groups
from mall.groupbuy.errors import OwnSaleError
from mall.groupbuy.lifecycle import schedule
from mall.groupbuy.models import Assortment, GroupBuy, GroupBuyItem, OwnSale
from mall.groupbuy.models import State as SaleState
from mall.groupbuy.own_plans import OwnItem, OwnPlan, is_inside, items_of, points_of, require_sane
from mall.groupbuy.own_shelves import OwnSaleView, assortments_of, own_sale, view_of
from payments.api import now, publish, transact

__all__ = [
    "OwnItem",
    "OwnPlan",
    "approve",
    "change",
    "create",
    "hand_in",
    "publish_sale",
    "refuse",
]

State = OwnSale.State
_OPEN_TO_CHANGE = (State.DRAFT, State.REFUSED)


def create(*, leader_id: int, plan: OwnPlan, idem_key: str) -> OwnSaleView:
    """Write a leader's own sale down as a draft; the same key again returns the first one.

    OwnSaleError says what the mall does not allow.
    """
    try:
        return _create(leader_id=leader_id, plan=plan, idem_key=idem_key)
    except IntegrityError:
        return view_of(_by_key(idem_key).get(group_buy__owner=leader_id))


@transact()
def change(*, own_sale_id: int, leader_id: int, plan: OwnPlan) -> OwnSaleView:
    """Write a draft, or a refused sale, anew; OwnSale.DoesNotExist for another's."""
    sale = _locked(own_sale_id, leader_id)
    if sale.state not in _OPEN_TO_CHANGE or sale.group_buy.state != SaleState.DRAFT:
        raise OwnSaleError(_("This sale has been handed in and cannot be changed any more."))
    assortment = _assortment(plan, leader_id)
    require_sane(plan)
    GroupBuy.objects.filter(pk=sale.group_buy_id).update(**_texts(plan))
    sale.group_buy.refresh_from_db()
    sale.group_buy.items.all().delete()
    sale.group_buy.groups.all().delete()
    _fill(sale.group_buy, plan, assortment=assortment, leader_id=leader_id)
    OwnSale.objects.filter(pk=sale.pk).update(
        state=State.DRAFT,
        assortment=assortment,
        submitted_at=None,
        decided_at=None,
        decided_by=None,
    )
    return own_sale(sale.pk, leader_id=leader_id)


@transact()
def hand_in(*, own_sale_id: int, leader_id: int) -> OwnSaleView:
    """Hand a draft in; approved at once where it keeps to an assortment that approves itself.

    Handing in twice changes nothing. OwnSaleError where the assortment has changed meanwhile.
    """
    sale = _locked(own_sale_id, leader_id)
    if sale.state != State.DRAFT:
        return own_sale(sale.pk, leader_id=leader_id)
    assortment = sale.assortment
    if not assortment.active:
        raise OwnSaleError(_("This assortment is no longer offered. Please choose another one."))
    at = now()
    items = list(sale.group_buy.items.all())
    if assortment.approves_itself and is_inside(items, assortment=assortment):
        decided = {"state": State.APPROVED, "decided_at": at}
    else:
        decided = {"state": State.SUBMITTED}
    OwnSale.objects.filter(pk=sale.pk).update(submitted_at=at, refused_because="", **decided)
    _tell("handed_in", sale, state=str(decided["state"]))
    return own_sale(sale.pk, leader_id=leader_id)


@transact()
def approve(*, own_sale_id: int, by: User) -> bool:
    """Let a sale that was handed in be published; False where it was decided already."""
    waiting = OwnSale.objects.filter(pk=own_sale_id, state=State.SUBMITTED)
    if not waiting.update(state=State.APPROVED, decided_at=now(), decided_by=by):
        return False
    _tell("approved", OwnSale.objects.select_related("group_buy").get(pk=own_sale_id))
    return True


@transact()
def refuse(*, own_sale_id: int, by: User, because: str) -> bool:
    """Refuse a sale that was handed in; OwnSaleError without a reason, False if decided already."""
    because = " ".join(because.split())[:200]
    if not because:
        raise OwnSaleError(_("Please tell the leader why."))
    changes = {"state": State.REFUSED, "decided_at": now(), "decided_by": by}
    waiting = OwnSale.objects.filter(pk=own_sale_id, state=State.SUBMITTED)
    if not waiting.update(refused_because=because, **changes):
        return False
    _tell("refused", OwnSale.objects.select_related("group_buy").get(pk=own_sale_id))
    return True


@transact()
def publish_sale(*, own_sale_id: int, leader_id: int) -> OwnSaleView:
    """Let an approved sale wait for its opening; once published it stays so.

    OwnSaleError before it is approved, NotReadyError as for every sale.
    """
    sale = _locked(own_sale_id, leader_id)
    if sale.state != State.APPROVED:
        raise OwnSaleError(_("The mall has not approved this sale yet."))
    if sale.group_buy.state == SaleState.DRAFT:
        schedule(group_buy_id=sale.group_buy_id)
    return own_sale(sale.pk, leader_id=leader_id)


@transact()
def _create(*, leader_id: int, plan: OwnPlan, idem_key: str) -> OwnSaleView:
    known = _by_key(idem_key).filter(group_buy__owner=leader_id).first()
    if known is not None:
        return view_of(known)
    assortment = _assortment(plan, leader_id)
    require_sane(plan)
    group_buy = GroupBuy.objects.create(
        owner_kind=GroupBuy.Owner.LEADER, owner_id=leader_id, **_texts(plan)
    )
    _fill(group_buy, plan, assortment=assortment, leader_id=leader_id)
    sale = OwnSale.objects.create(
        group_buy=group_buy, assortment=assortment, idem_key=idem_key[:64]
    )
    return own_sale(sale.pk, leader_id=leader_id)


def _fill(group_buy: GroupBuy, plan: OwnPlan, *, assortment: Assortment, leader_id: int) -> None:
    items = items_of(plan, assortment=assortment)
    for item in items:
        item.group_buy = group_buy
    GroupBuyItem.objects.bulk_create(items)
    points = points_of(plan, leader_id=leader_id)
    minimum = (plan.minimum_kind, plan.minimum_value)
    add_groups(group_buy, points, minimums={point.pk: minimum for point in points})


def _texts(plan: OwnPlan) -> dict[str, object]:
    names = ("opens_at", "closes_at", "pickup_on", "pickup_from", "pickup_until")
    texts = {"title": _plain(plan.title).strip(), "text": _plain(plan.text)[:2000]}
    return texts | {name: getattr(plan, name) for name in names}


def _plain(text: str) -> str:
    return text.replace("\0", "")


def _assortment(plan: OwnPlan, leader_id: int) -> Assortment:
    found = assortments_of(leader_id).filter(pk=plan.assortment_id).first()
    if found is None:
        raise OwnSaleError(_("This assortment is no longer offered. Please choose another one."))
    return found


def _locked(own_sale_id: int, leader_id: int) -> OwnSale:
    sales = OwnSale.objects.select_for_update(of=("self",), no_key=True)
    sales = sales.select_related("group_buy", "assortment")
    return sales.get(pk=own_sale_id, group_buy__owner=leader_id)


def _by_key(idem_key: str) -> QuerySet[OwnSale]:
    return OwnSale.objects.filter(idem_key=idem_key[:64]).select_related("group_buy")


def _tell(what: str, sale: OwnSale, *, state: str = "") -> None:
    """Publish own_sale.handed_in, .approved or .refused with who it is for and what was said."""
    at = now()
    sale.refresh_from_db(fields=["refused_because"])
    publish(
        f"own_sale.{what}",
        key=f"own_sale.{what}:{sale.pk}:{at.isoformat()}",
        aggregate=f"own_sale:{sale.pk}",
        payload={
            "own_sale_id": sale.pk,
            "group_buy_id": sale.group_buy_id,
            "title": sale.group_buy.title,
            "leader_id": sale.group_buy.owner_id,
            "state": state or what,
            "because": sale.refused_because,
            "at": at.isoformat(),
        },
    )
