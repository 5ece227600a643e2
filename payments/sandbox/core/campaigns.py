"""What banks take off for their card holders by themselves: found and spent when an order is paid.

The merchant asks the whole amount and hears afterwards what its payer and her bank each gave, as at
acquirers whose banks decide at the cashier. Campaigns are made on the admin plane.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core.cards import Card
from payments.sandbox.refusals import Refusal

_FITS: Final = (
    "ended_ms IS NULL AND issuer_code = :issuer AND threshold_minor <= :amount"
    " AND (kinds = '' OR instr(',' || kinds || ',', ',' || :kind || ',') > 0)"
)
_HAS_BUDGET: Final = "(budget_minor IS NULL OR budget_minor - spent_minor >= discount_minor)"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A bank's rule. Amounts in fen; `kinds` is empty for every card of the issuer."""

    code: str
    giver: str
    issuer_code: str
    kinds: tuple[str, ...]
    threshold_minor: int
    discount_minor: int
    budget_minor: int | None


def start(connection: sqlite3.Connection, campaign: Campaign) -> None:
    """Begin a campaign, or begin it again with other figures; what was spent stays spent.

    Refusal PARAM_ERROR for figures that make no sense.
    """
    try:
        connection.execute(
            "INSERT INTO campaigns (code, giver, issuer_code, kinds, threshold_minor,"
            " discount_minor, budget_minor, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (code) DO UPDATE SET giver = excluded.giver,"
            " issuer_code = excluded.issuer_code, kinds = excluded.kinds,"
            " threshold_minor = excluded.threshold_minor,"
            " discount_minor = excluded.discount_minor,"
            " budget_minor = excluded.budget_minor, ended_ms = NULL",
            (
                campaign.code,
                campaign.giver,
                campaign.issuer_code,
                ",".join(campaign.kinds),
                campaign.threshold_minor,
                campaign.discount_minor,
                campaign.budget_minor,
                now_ms(),
            ),
        )
    except sqlite3.IntegrityError as error:
        raise Refusal("PARAM_ERROR", "the campaign's amounts make no sense") from error


def end(connection: sqlite3.Connection, code: str) -> None:
    """End a campaign; Refusal CAMPAIGN_NOT_FOUND."""
    ended = connection.execute(
        "UPDATE campaigns SET ended_ms = coalesce(ended_ms, ?) WHERE code = ?", (now_ms(), code)
    )
    if ended.rowcount != 1:
        raise Refusal("CAMPAIGN_NOT_FOUND", "no such campaign", status=404)


def expected_minor(connection: sqlite3.Connection, order: sqlite3.Row, card: Card | None) -> int:
    """Return what would be taken off an order for a card now (fen)."""
    found = _best(connection, order, card)
    return int(found["discount_minor"]) if found is not None else 0


def apply(connection: sqlite3.Connection, order: sqlite3.Row, card: Card | None) -> None:
    """Take the best campaign's discount off an order that is just being paid, within its budget."""
    while (found := _best(connection, order, card)) is not None:
        if _spend(connection, found["code"]):
            connection.execute(
                "UPDATE orders SET campaign_code = ?, discount_minor = ?,"
                " received_minor = amount_minor - ? WHERE id = ?",
                (found["code"], found["discount_minor"], found["discount_minor"], order["id"]),
            )
            return


def spend_again(connection: sqlite3.Connection, order: sqlite3.Row) -> None:
    """Give the discount of an order's first payment to its second one too, whatever the budget."""
    if order["campaign_code"] is not None:
        connection.execute(
            "UPDATE campaigns SET spent_minor = spent_minor + ?,"
            " budget_minor = max(budget_minor, spent_minor + ?) WHERE code = ?",
            (order["discount_minor"], order["discount_minor"], order["campaign_code"]),
        )


def discounts_of(connection: sqlite3.Connection, order: sqlite3.Row) -> list[dict[str, Any]]:
    """Say who took what off a paid order, for its merchant."""
    if order["campaign_code"] is None:
        return []
    (giver,) = connection.execute(
        "SELECT giver FROM campaigns WHERE code = ?", (order["campaign_code"],)
    ).fetchone()
    amount = {"minor": order["discount_minor"], "currency": order["currency"]}
    return [{"funder": "bank", "ref": f"{giver}:{order['campaign_code']}", "amount": amount}]


def listed(connection: sqlite3.Connection) -> list[Mapping[str, Any]]:
    """List the campaigns with what they have spent."""
    rows = connection.execute("SELECT * FROM campaigns ORDER BY created_ms, code").fetchall()
    return [
        {
            **{name: row[name] for name in ("code", "giver", "issuer_code", "threshold_minor")},
            "kinds": row["kinds"].split(",") if row["kinds"] else [],
            "discount_minor": row["discount_minor"],
            "budget_minor": row["budget_minor"],
            "spent_minor": row["spent_minor"],
            "ended_at": to_text(row["ended_ms"]),
        }
        for row in rows
    ]


def _best(
    connection: sqlite3.Connection, order: sqlite3.Row, card: Card | None
) -> sqlite3.Row | None:
    if card is None:
        return None
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM campaigns WHERE {_FITS} AND {_HAS_BUDGET}"  # noqa: S608 - our own words
        " ORDER BY discount_minor DESC, code LIMIT 1",
        {"issuer": card.issuer_code, "kind": card.kind, "amount": order["amount_minor"]},
    ).fetchone()
    return row


def _spend(connection: sqlite3.Connection, code: str) -> bool:
    spent = connection.execute(
        "UPDATE campaigns SET spent_minor = spent_minor + discount_minor"  # noqa: S608
        f" WHERE code = ? AND {_HAS_BUDGET}",
        (code,),
    )
    return spent.rowcount == 1
