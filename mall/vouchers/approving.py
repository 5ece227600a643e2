"""How a batch of vouchers is approved: its whole rule for a launch, old and new for a budget."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mall.promotions.approvals import Action, Approvable, Subject, register
from mall.promotions.models import Proposal
from mall.vouchers import lifecycle
from mall.vouchers.errors import BatchRuleError
from mall.vouchers.models import VoucherBatch
from mall.vouchers.models.sense import batch_errors
from payments.api import IllegalTransitionError

BATCH: Final = "voucher_batch"
State = VoucherBatch.State
_NOT_RULE: Final = frozenset({"id", "state"})


def register_batches() -> None:
    """Make batches known to approvals."""
    effects = {Action.LAUNCH.value: _launch, Action.BUDGET.value: _change_budget}
    register(BATCH, Approvable(read=_read, check=_check, effects=effects))


def facts_of(batch: VoucherBatch) -> dict[str, Any]:
    """Return a batch's whole rule by field: what a person approves, with its merchants."""
    fields = batch._meta.concrete_fields  # noqa: SLF001 - Django documents it
    facts = {
        field.attname: getattr(batch, field.attname)
        for field in fields
        if field.editable and field.attname not in _NOT_RULE
    }
    merchants = batch.merchants.order_by("code").values_list("code", flat=True)
    return facts | {"merchants": list(merchants)}


def stock_for(batch: VoucherBatch, budget_minor: int) -> int:
    """Return how many vouchers a budget (fen) makes; red packets are as many as before."""
    if batch.kind == VoucherBatch.Kind.RED_PACKET:
        return batch.total_stock
    return budget_minor // batch.discount_minor


def _read(pk: int) -> Subject:
    rows = VoucherBatch.objects.select_for_update(of=("self",), no_key=True)
    batch = rows.select_related("owner").get(pk=pk)
    return Subject(
        name=batch.name,
        facts=facts_of(batch),
        owner=batch.owner,
        budget_minor=batch.budget_or_all_minor,
    )


def _check(pk: int, action: str, budget_minor: int | None) -> None:
    batch = VoucherBatch.objects.get(pk=pk)
    if action == Action.LAUNCH:
        _check_launch(batch)
    else:
        _check_budget(batch, budget_minor)


def _check_launch(batch: VoucherBatch) -> None:
    if batch.state != State.DRAFT:
        raise IllegalTransitionError(to=State.ACTIVE)
    if errors := batch_errors(batch):
        field, sentence = next(iter(errors.items()))
        raise BatchRuleError(sentence, field=field)
    lifecycle.require_funded(batch)


def _check_budget(batch: VoucherBatch, budget_minor: int | None) -> None:
    if batch.state not in {State.ACTIVE, State.PAUSED}:
        raise BatchRuleError(_("Only a running batch gets another budget."), field="budget_minor")
    if budget_minor is None:
        raise BatchRuleError(_("A batch has a budget in figures."), field="budget_minor")
    if budget_minor == batch.budget_or_all_minor:
        raise BatchRuleError(_("That is its budget already."), field="budget_minor")
    too_few = stock_for(batch, budget_minor) < batch.issued_count
    if too_few or budget_minor < batch.issued_minor:
        raise BatchRuleError(_("More than that is given out already."), field="budget_minor")
    if budget_minor > batch.budget_or_all_minor:
        lifecycle.require_funded(batch, budget_minor=budget_minor)


def _launch(pk: int, _proposal: Proposal) -> None:
    lifecycle.launch(VoucherBatch.objects.get(pk=pk))


def _change_budget(pk: int, proposal: Proposal) -> None:
    batch = VoucherBatch.objects.get(pk=pk)
    budget = proposal.budget_to_minor or 0
    lifecycle.change_budget(batch, budget_minor=budget, total_stock=stock_for(batch, budget))
