"""What an operator decides about leaders: commission, statements, payouts."""

from __future__ import annotations

from decimal import Decimal

import environ

env = environ.Env()

# Leaders: what a line earns where no rule speaks, when statements are cut, and who may pay them.
LINLI_COMMISSION_RATE = Decimal(env.str("LINLI_COMMISSION_RATE", default="0.10"))
LINLI_COMMISSION_OWN_ORDERS = env.str("LINLI_COMMISSION_OWN_ORDERS", default="normal")  # or none
# A rule above one of these, or a general rate, needs a second person.
LINLI_RULE_FOUR_EYES_RATE = Decimal(env.str("LINLI_RULE_FOUR_EYES_RATE", default="0.20"))
LINLI_RULE_FOUR_EYES_FIXED_MINOR = env.int("LINLI_RULE_FOUR_EYES_FIXED_MINOR", default=1_000)
# Whoever brought a leader in gets this share of her commission for so many days, the mall pays;
# the second figure is for who brought that one in. At most two levels, none by default.
LINLI_REFERRAL_SHARES = tuple(
    Decimal(share) for share in env.list("LINLI_REFERRAL_SHARES", default=[])
)[:2]
LINLI_REFERRAL_DAYS = env.int("LINLI_REFERRAL_DAYS", default=90)
# And once so much (fen) after so many of her orders are finished; 0: no award.
LINLI_REFERRAL_AWARD_MINOR = env.int("LINLI_REFERRAL_AWARD_MINOR", default=0)
LINLI_REFERRAL_AWARD_ORDERS = env.int("LINLI_REFERRAL_AWARD_ORDERS", default=10)
# Whether leaders see which place they have among the others; never anybody else's money.
LINLI_LEADER_RANKING = env.bool("LINLI_LEADER_RANKING", default=True)
# Whom the operator's page says to need help: sales down by this share, so many complaints or bags
# left lying per collected order, or no group for so many days.
LINLI_HELP_SALES_FELL = env.float("LINLI_HELP_SALES_FELL", default=0.3)
LINLI_HELP_COMPLAINTS = env.float("LINLI_HELP_COMPLAINTS", default=0.05)
LINLI_HELP_LEFT_LYING = env.float("LINLI_HELP_LEFT_LYING", default=0.05)
LINLI_HELP_QUIET_DAYS = env.int("LINLI_HELP_QUIET_DAYS", default=14)
LINLI_SETTLEMENT_PERIOD = env.str("LINLI_SETTLEMENT_PERIOD", default="week")
LINLI_SETTLEMENT_SILENCE_DAYS = env.int("LINLI_SETTLEMENT_SILENCE_DAYS", default=3)
LINLI_PAYOUT_FOUR_EYES_MINOR = env.int("LINLI_PAYOUT_FOUR_EYES_MINOR", default=500_000)
# How approved statements leave by themselves: transfer (through the acquirer), or batch: somebody
# makes a file for the bank. Files in other columns than docs/payouts.md names: JSON, by name.
LINLI_PAYOUT_METHOD = env.str("LINLI_PAYOUT_METHOD", default="transfer")
LINLI_PAYOUT_LAYOUTS = env.json("LINLI_PAYOUT_LAYOUTS", default={})
LINLI_PAYEE_COOLING_HOURS = env.int("LINLI_PAYEE_COOLING_HOURS", default=72)

# A leader's words to a group: how often a day and group, and whether they may go as text messages
# (which cost money) where a neighbour has not connected the chat app.
LINLI_BROADCASTS_A_DAY = env.int("LINLI_BROADCASTS_A_DAY", default=3)
LINLI_BROADCAST_TEXTS = env.bool("LINLI_BROADCAST_TEXTS", default=False)
# Of how many bags a leader may see the neighbour's whole number on a day, to call her.
LINLI_CALLS_A_DAY = env.int("LINLI_CALLS_A_DAY", default=60)
# Notes on a neighbour who has not ordered with the leader for so long are deleted.
LINLI_NOTES_KEPT_DAYS = env.int("LINLI_NOTES_KEPT_DAYS", default=400)
# What of a bank's fee for a transfer leaders bear (fen; 0: the operator bears it).
LINLI_TRANSFER_FEE_MINOR = env.int("LINLI_TRANSFER_FEE_MINOR", default=0)
# Corrections above this (fen) count when a second person approved them.
LINLI_CORRECTION_FOUR_EYES_MINOR = env.int("LINLI_CORRECTION_FOUR_EYES_MINOR", default=20_000)
# Suppliers: how often they are settled, and how many days after collection goods are due.
LINLI_SUPPLIER_SETTLEMENT_PERIOD = env.str("LINLI_SUPPLIER_SETTLEMENT_PERIOD", default="half_month")
LINLI_SUPPLIER_HOLD_DAYS = env.int("LINLI_SUPPLIER_HOLD_DAYS", default=0)
