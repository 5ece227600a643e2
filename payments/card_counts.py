"""Questions about tied cards inside the queries of the floors above: whose kind, tied when.

They are expressions, so that an upper floor counts a hundred thousand orders without reading them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, Subquery
from django.db.models.functions import Cast

from payments.models import CardAgreement, FirstTie


def card_kind_of(agreement_no: Any) -> Subquery:
    """Return the kind (debit, credit) of the tied card of an outer row's number; NULL for none."""
    cards = CardAgreement.objects.filter(agreement_no=agreement_no)
    return Subquery(cards.values("kind")[:1], output_field=CharField())


def has_first_tie(
    owner: Any,
    *,
    issuers: Collection[str] = (),
    kinds: Collection[str] = (),
    kind: Any = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Exists:
    """Tell whether an outer row's owner first tied such a card in [since, until).

    `owner` is an outer row's number of a person, `kind` an outer row's kind of card; no issuers
    and no kinds mean any.
    """
    ties = _ties(issuers=issuers, kinds=kinds, since=since, until=until)
    ties = ties.filter(owner_ref=Cast(owner, CharField()))
    return Exists(ties if kind is None else ties.filter(kind=kind))


def first_ties_by_kind(
    *,
    issuers: Collection[str] = (),
    kinds: Collection[str] = (),
    since: datetime,
    until: datetime,
) -> dict[str, int]:
    """Return how many cards of each kind were tied for the first time in [since, until)."""
    ties = _ties(issuers=issuers, kinds=kinds, since=since, until=until)
    return dict(ties.order_by().values_list("kind").annotate(count=Count("pk")))


def _ties(
    *,
    issuers: Collection[str],
    kinds: Collection[str],
    since: datetime | None,
    until: datetime | None,
) -> Any:
    # An empty kind says when any card of the bank was first tied; that is another question.
    ties = FirstTie.objects.exclude(kind="")
    wanted: dict[str, Any] = {"tied_at__gte": since, "tied_at__lt": until}
    ties = ties.filter(**{name: at for name, at in wanted.items() if at is not None})
    if issuers:
        ties = ties.filter(issuer_code__in=issuers)
    return ties.filter(kind__in=kinds) if kinds else ties
