"""What suppliers propose: a new product, or another text, picture, price or cost of one.

Nothing of it is on sale before the mall approves. Texts may go through at once where the mall
trusts the supplier with them; prices and costs always wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product
from oscar.apps.partner.models import Partner, StockRecord

from mall.accounts.models import User
from mall.catalogue.costs import cost_of
from mall.catalogue.models import ProductExtra
from mall.catalogue.services import index_product
from mall.catalogue.suppliers import profile_of
from mall.supply.applying import apply
from mall.supply.errors import ProposalError, ReasonNeededError
from mall.supply.models import ProductProposal
from payments.api import IllegalTransitionError, Money, advance, now, publish, transact

Kind = ProductProposal.Kind
State = ProductProposal.State
_WAITING_MAX: Final = 50
# Texts by how long they may be; the rest are figures.
_TEXTS: Final = {
    "title": 120,
    "short_text": 120,
    "description": 2000,
    "origin": 60,
    "sales_unit": 20,
    "storage_class": 10,
}
_FIGURES: Final = {
    "net_grams": 1_000_000,
    "shelf_life_days": 3650,
    "price_minor": 10_000_000,
    "cost_minor": 10_000_000,
}
_MONEY: Final = frozenset({"price_minor", "cost_minor"})
_NEEDED: Final = ("title", "sales_unit", "cost_minor")


def propose(
    supplier: Partner,
    wished: Mapping[str, Any],
    *,
    wish_key: str,
    product_id: int | None = None,
    picture: Any = None,
    note: str = "",
) -> ProductProposal:
    """Write down what a supplier would like; of a product it sells only what differs.

    The same key again returns the first one. ProposalError: a product of somebody else, nothing
    that differs, something needed missing, a figure out of range, or too many that wait.
    """
    try:
        proposal = _propose(
            supplier,
            wished,
            wish_key=wish_key[:64],
            product_id=product_id,
            picture=picture,
            note=note,
        )
    except IntegrityError:  # the same form sent twice at once
        return ProductProposal.objects.get(supplier=supplier, wish_key=wish_key[:64])
    if proposal.state == State.PENDING and _goes_through(proposal):
        return approve(proposal.pk, by=None, decision=_("Texts of this supplier need no approval."))
    return proposal


@transact()
def _propose(
    supplier: Partner,
    wished: Mapping[str, Any],
    *,
    wish_key: str,
    product_id: int | None,
    picture: Any,
    note: str,
) -> ProductProposal:
    known = ProductProposal.objects.filter(supplier=supplier, wish_key=wish_key).first()
    if known is not None:
        return known
    waiting = ProductProposal.objects.filter(supplier=supplier, state=State.PENDING)
    if waiting.count() >= _WAITING_MAX:
        raise ProposalError(_("Many of your proposals wait already. Please call the mall."))
    said = _cleaned(wished)
    record = None if product_id is None else _own_record(supplier, product_id)
    before = {} if record is None else facts_of(record)
    changed = {name: value for name, value in said.items() if value != before.get(name)}
    if record is None and (missing := [name for name in _NEEDED if not said.get(name)]):
        raise ProposalError(_("Please fill in name, unit and cost."), fields=missing)
    if not changed and picture is None:
        raise ProposalError(_("Nothing is different from what it says now."))
    return ProductProposal.objects.create(
        supplier=supplier,
        kind=Kind.NEW if record is None else Kind.CHANGE,
        product_id=product_id,
        wished=changed,
        before={name: before.get(name) for name in changed} if before else {},
        picture=picture or "",
        note=_plain(note, 300),
        wish_key=wish_key,
        made_at=now(),
    )


def approve(
    proposal_id: int, *, by: User | None, decision: str = "", category_id: int | None = None
) -> ProductProposal:
    """Let a proposal become true: the product is written and found from now on.

    Approved twice it is once. A new product needs a category (ProposalError); ProposalError also
    where the figures contradict each other. Not inside a transaction: pictures are cut.
    """
    proposal, product = _approve(proposal_id, by=by, decision=decision, category_id=category_id)
    if product is not None:
        index_product(product)
    return proposal


@transact()
def _approve(
    proposal_id: int, *, by: User | None, decision: str, category_id: int | None
) -> tuple[ProductProposal, Product | None]:
    proposal = _locked(proposal_id)
    if proposal.state == State.APPROVED:
        return proposal, None
    who = str(by) if by else "–"
    if not advance(
        proposal,
        ProductProposal.EDGES,
        State.APPROVED,
        field="state",
        decided_at=now(),
        decided_by=who[:150],
        decision=_plain(decision, 300),
    ):
        raise IllegalTransitionError(to=State.APPROVED)
    try:
        product = apply(proposal, by=by, category_id=category_id)
    except ValidationError as wrong:
        raise ProposalError(" ".join(wrong.messages)) from wrong
    _tell(proposal)
    return proposal, product


@transact()
def refuse(proposal_id: int, *, by: User, decision: str) -> ProductProposal:
    """Refuse a proposal and say why; refused twice it is once. ReasonNeededError."""
    if not decision.strip():
        raise ReasonNeededError
    proposal = _locked(proposal_id)
    if proposal.state == State.REFUSED:
        return proposal
    if not advance(
        proposal,
        ProductProposal.EDGES,
        State.REFUSED,
        field="state",
        decided_at=now(),
        decided_by=str(by)[:150],
        decision=_plain(decision, 300),
    ):
        raise IllegalTransitionError(to=State.REFUSED)
    _tell(proposal)
    return proposal


def facts_of(record: StockRecord) -> dict[str, Any]:
    """Return what a product says now, under the names a proposal uses; money in fen."""
    product = record.product
    extra: ProductExtra | None = getattr(product, "extra", None)
    price = None if record.price is None else Money.from_major(record.price).minor
    return {
        "title": product.get_title(),
        # markup of the mall's own is no difference a supplier made
        "description": strip_tags(product.description or "").strip(),
        "short_text": extra.short_text if extra else "",
        "origin": extra.origin if extra else "",
        "sales_unit": extra.sales_unit if extra else "",
        "storage_class": extra.storage_class if extra else "",
        "net_grams": extra.net_grams if extra else None,
        "shelf_life_days": extra.shelf_life_days if extra else None,
        "price_minor": price,
        "cost_minor": cost_of(record.pk),
    }


def own_records(supplier: Partner) -> Any:
    """Return the stock records of a supplier's products, by title."""
    rows = StockRecord.objects.filter(partner=supplier).select_related("product__extra")
    return rows.order_by("product__title", "pk")


def _own_record(supplier: Partner, product_id: int) -> StockRecord:
    record = own_records(supplier).filter(product=product_id).first()
    if record is None:
        raise ProposalError(_("This product is not one of yours."))
    return record


def _locked(proposal_id: int) -> ProductProposal:
    rows = ProductProposal.objects.select_for_update(no_key=True)
    return rows.get(pk=proposal_id)


def _cleaned(wished: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain texts and whole figures; what is not said is left out."""
    said: dict[str, Any] = {}
    for name, most in _TEXTS.items():
        if name in wished:
            said[name] = _plain(wished[name], most)
    for name, most in _FIGURES.items():
        value = wished.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or not 0 < value <= most:
            raise ProposalError(_("One of the figures cannot be."), fields=[name])
        said[name] = value
    storage = said.get("storage_class")
    if storage and storage not in ProductExtra.Storage.values:
        raise ProposalError(_("Choose how it must be kept."), fields=["storage_class"])
    return said


def _plain(text: Any, most: int) -> str:
    return strip_tags(str(text)).replace("\x00", "").strip()[:most]


def _goes_through(proposal: ProductProposal) -> bool:
    profile = profile_of(proposal.supplier)
    is_text_only = not _MONEY & set(proposal.wished)
    return proposal.kind == Kind.CHANGE and is_text_only and not profile.audits_changes


def _tell(proposal: ProductProposal) -> None:
    publish(
        "proposal.decided",
        key=f"proposal.decided:{proposal.pk}",
        aggregate=f"proposal:{proposal.pk}",
        payload={
            "proposal_id": proposal.pk,
            "supplier_id": proposal.supplier_id,
            "state": str(proposal.state),
            "title": str(proposal),
            "decision": proposal.decision,
        },
    )
