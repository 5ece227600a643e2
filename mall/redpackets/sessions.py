"""A rain's life: announced with its seed sealed, stopped by people, over by itself."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from mall.redpackets.chance import new_seed
from mall.redpackets.errors import RainRuleError
from mall.redpackets.models import RainPrize, RainSession
from mall.redpackets.models.sessions import WHOLE
from mall.vouchers.models import VoucherBatch
from payments.api import IllegalTransitionError, advance, now, transact

State = RainSession.State
_LONGEST_SECONDS: Final = 24 * 3600


def require_announceable(session: RainSession) -> None:
    """Refuse a session that makes no sense or begins too soon; RainRuleError, with a sentence."""
    if session.state != State.DRAFT:
        raise IllegalTransitionError(to=State.PLANNED)
    prizes = list(session.prizes.all())
    if problem := _problem_of_prizes(session, prizes) or _problem_of_batch(session, prizes):
        raise RainRuleError(problem)
    if session.seconds > _LONGEST_SECONDS:
        raise RainRuleError(_("A rain lasts a day at most."))
    if session.starts_at <= now():
        raise RainRuleError(_("A rain is announced before it begins."))


def _problem_of_prizes(session: RainSession, prizes: list[RainPrize]) -> str:
    if not prizes:
        return _("A rain needs at least one prize.")
    if sum(prize.chances for prize in prizes) > WHOLE:
        return _("The chances add up to more than 10,000.")
    if max(prize.amount_minor for prize in prizes) > session.budget_minor:
        return _("A prize is worth more than the whole budget.")
    return ""


def _problem_of_batch(session: RainSession, prizes: list[RainPrize]) -> str:
    """Say why the batch cannot give all the packets the budget allows; empty when it can."""
    batch = VoucherBatch.objects.filter(code=session.batch_code).first()
    if batch is None or batch.kind != VoucherBatch.Kind.RED_PACKET:
        return _("There is no batch of red packets with that code.")
    if batch.state != VoucherBatch.State.ACTIVE:
        return _("The batch of red packets does not run.")
    if not _is_of_its_bank(session, batch):
        return _("A bank's rain gives packets of a batch of that bank.")
    worths = [prize.amount_minor for prize in prizes]
    if max(worths) > batch.discount_minor:
        return _("A prize is worth more than a packet of the batch may be.")
    return _problem_of_room(session, batch, least=min(worths))


def _is_of_its_bank(session: RainSession, batch: VoucherBatch) -> bool:
    """Tell whether a rain spends its own house's money; the mall's people may use any batch."""
    if session.owner is None:
        return True
    return batch.owner is not None and batch.owner.issuer_code == session.owner.issuer_code


def _problem_of_room(session: RainSession, batch: VoucherBatch, *, least: int) -> str:
    """Say whether the batch has less than this rain and the others announced may give of it."""
    promised = RainSession.objects.filter(state=State.PLANNED, batch_code=session.batch_code)
    others = [(each.budget_minor - each.spent_minor, _smallest(each)) for each in promised]
    wanted = [*others, (session.budget_minor, least)]
    money = batch.budget_or_all_minor - batch.issued_minor
    if sum(minor for minor, _least in wanted) > money:
        return _("The batch's budget is smaller than what may fall.")
    if sum(minor // least for minor, least in wanted) > batch.left:
        return _("The batch has fewer packets than may fall.")
    return ""


def _smallest(session: RainSession) -> int:
    return min(session.prizes.values_list("amount_minor", flat=True))


@transact()
def announce(session: RainSession) -> None:
    """Fix a draft for good and seal its seed; RainRuleError, IllegalTransitionError."""
    require_announceable(session)
    seed = new_seed()
    sealed = {"seed": seed.secret, "seed_sha256": seed.sha256}
    if not advance(session, RainSession.EDGES, State.PLANNED, field="state", **sealed):
        raise IllegalTransitionError(to=State.PLANNED)


@transact()
def stop(session: RainSession) -> None:
    """End a rain at once, before or while it falls; the seed is shown. IllegalTransitionError."""
    if not advance(session, RainSession.EDGES, State.STOPPED, field="state", ended_at=now()):
        raise IllegalTransitionError(to=State.STOPPED)


def end_due(limit: int) -> dict[str, int]:
    """End the rains whose time is over, so that their seeds are shown; a job."""
    planned = RainSession.objects.filter(state=State.PLANNED, starts_at__lt=now())
    due = [each for each in planned.order_by("starts_at", "pk")[:limit] if each.ends_at <= now()]
    return {"over": sum(_end(session) for session in due)}


@transact()
def _end(session: RainSession) -> bool:
    return advance(session, RainSession.EDGES, State.OVER, field="state", ended_at=now())
