"""What an operator decides about the shop: limits, hours, deadlines, who decides up to how much."""

from __future__ import annotations

import environ

env = environ.Env()

# How far away pickup points are shown, and how many at most; 0: no limit of the mall's own.
LINLI_POINTS_WITHIN_METRES = env.int("LINLI_POINTS_WITHIN_METRES", default=0)
LINLI_POINTS_SHOWN = env.int("LINLI_POINTS_SHOWN", default=0)
LINLI_ORDER_PAY_MINUTES = env.int("LINLI_ORDER_PAY_MINUTES", default=15)
# Hours in which the mall takes no orders ("23:00-00:00"; empty: none), and what it says then.
LINLI_SALES_PAUSE = env.str("LINLI_SALES_PAUSE", default="")
LINLI_SALES_PAUSE_TEXT = env.str("LINLI_SALES_PAUSE_TEXT", default="")
# How many orders for others one leader may place a day, each rings a telephone; how many for one
# neighbour, whoever places them; and how many of a leader's may be unpaid in a group at a time:
# their goods are held.
LINLI_ORDERS_FOR_OTHERS_A_DAY = env.int("LINLI_ORDERS_FOR_OTHERS_A_DAY", default=60)
LINLI_ORDERS_FOR_ONE_A_DAY = env.int("LINLI_ORDERS_FOR_ONE_A_DAY", default=3)
LINLI_ORDERS_FOR_OTHERS = env.int("LINLI_ORDERS_FOR_OTHERS", default=20)
# Purchase: how long after the results are fixed orders are drafted, where and by when suppliers
# deliver on the pickup day, how long their links open after that, and what of stock differences
# one person may book alone on a day.
LINLI_PURCHASE_DELAY_MINUTES = env.int("LINLI_PURCHASE_DELAY_MINUTES", default=5)
LINLI_DEPOT_ADDRESS = env.str("LINLI_DEPOT_ADDRESS", default="")
LINLI_DELIVER_BY = env.str("LINLI_DELIVER_BY", default="05:00")
LINLI_SUPPLIER_LINK_DAYS = env.int("LINLI_SUPPLIER_LINK_DAYS", default=7)
LINLI_STOCK_ALONE_MINOR = env.int("LINLI_STOCK_ALONE_MINOR", default=20_000)
# Hours after collection in which something may be wrong with goods, by how they must be kept.
LINLI_AFTER_SALES_HOURS = {"chilled": 24, "frozen": 24, "ambient": 7 * 24}
# A weight below so many per cent of the estimate is not a leader's to enter alone: money goes back.
LINLI_LEADER_WEIGHT_PERCENT = env.int("LINLI_LEADER_WEIGHT_PERCENT", default=50)
# What is missing from a bag must be said within so many hours.
LINLI_CASE_MISSING_HOURS = env.int("LINLI_CASE_MISSING_HOURS", default=24)
# Whether goods may be given back because a resident changed her mind.
LINLI_CASE_CHANGE_OF_MIND = env.bool("LINLI_CASE_CHANGE_OF_MIND", default=False)
# How much a leader may let go back with one case and on one day (fen); above another limit the
# mall's decision needs a second person.
LINLI_CASE_LEADER_MINOR = env.int("LINLI_CASE_LEADER_MINOR", default=5_000)
LINLI_CASE_LEADER_DAY_MINOR = env.int("LINLI_CASE_LEADER_DAY_MINOR", default=30_000)
LINLI_CASE_TWO_PEOPLE_MINOR = env.int("LINLI_CASE_TWO_PEOPLE_MINOR", default=20_000)
# Goodwill beyond a refund, with one gift and of one member of staff on one day (fen).
LINLI_CASE_GOODWILL_MINOR = env.int("LINLI_CASE_GOODWILL_MINOR", default=2_000)
LINLI_CASE_GOODWILL_DAY_MINOR = env.int("LINLI_CASE_GOODWILL_DAY_MINOR", default=20_000)
# How long a leader, the mall, and a resident with an offer have to answer; how long one may appeal.
LINLI_CASE_LEADER_HOURS = env.int("LINLI_CASE_LEADER_HOURS", default=12)
LINLI_CASE_MALL_HOURS = env.int("LINLI_CASE_MALL_HOURS", default=24)
LINLI_CASE_OFFER_HOURS = env.int("LINLI_CASE_OFFER_HOURS", default=48)
LINLI_CASE_APPEAL_HOURS = env.int("LINLI_CASE_APPEAL_HOURS", default=72)
# How many days after collecting goods they may be reviewed.
LINLI_REVIEW_DAYS = env.int("LINLI_REVIEW_DAYS", default=30)
# Bank offers and vouchers: whether a launch or another budget needs a second person, and how many
# days a proposal waits for one.
LINLI_OFFERS_FOUR_EYES = env.bool("LINLI_OFFERS_FOUR_EYES", default=True)
LINLI_PROPOSAL_DAYS = env.int("LINLI_PROPOSAL_DAYS", default=7)
# How many vouchers one member of staff may give by hand on one day.
LINLI_VOUCHER_GRANTS_A_DAY = env.int("LINLI_VOUCHER_GRANTS_A_DAY", default=20)
