"""What an operator decides about leaders: commission, statements, payouts."""

from __future__ import annotations

from decimal import Decimal

import environ

env = environ.Env()

# Leaders: what a line earns where no rule speaks, when statements are cut, and who may pay them.
LINLI_COMMISSION_RATE = Decimal(env.str("LINLI_COMMISSION_RATE", default="0.10"))
LINLI_COMMISSION_OWN_ORDERS = env.str("LINLI_COMMISSION_OWN_ORDERS", default="normal")  # or none
LINLI_SETTLEMENT_PERIOD = env.str("LINLI_SETTLEMENT_PERIOD", default="week")
LINLI_SETTLEMENT_SILENCE_DAYS = env.int("LINLI_SETTLEMENT_SILENCE_DAYS", default=3)
LINLI_PAYOUT_FOUR_EYES_MINOR = env.int("LINLI_PAYOUT_FOUR_EYES_MINOR", default=500_000)
LINLI_PAYEE_COOLING_HOURS = env.int("LINLI_PAYEE_COOLING_HOURS", default=72)

# A leader's words to a group: how often a day and group, and whether they may go as text messages
# (which cost money) where a neighbour has not connected the chat app.
LINLI_BROADCASTS_A_DAY = env.int("LINLI_BROADCASTS_A_DAY", default=3)
LINLI_BROADCAST_TEXTS = env.bool("LINLI_BROADCAST_TEXTS", default=False)
# Notes on a neighbour who has not ordered with the leader for so long are deleted.
LINLI_NOTES_KEPT_DAYS = env.int("LINLI_NOTES_KEPT_DAYS", default=400)
