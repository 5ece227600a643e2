"""A winter as most are: everything that can happen to leaders' money happens once."""

from __future__ import annotations

from typing import Any

# Three statements are out at its beginning: of the first, the second and the last leader.
WINTER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("dispute", {"pick": 0}),
    ("answer", {"pick": 0, "who": 0}),
    ("dispute", {"pick": 0}),
    ("answer", {"pick": 0, "who": 1}),
    ("confirm", {"pick": 0}),
    ("dispute", {"pick": 0}),
    ("dispute", {"pick": 1}),
    ("confirm", {"pick": 0}),
    ("refund", {"pick": 0, "which": 0, "percent": 33, "twice": True}),
    ("silence_is_taken_as_yes", {}),
    # Four eyes for a large one; she never approves her own.
    *(("approve", {"pick": 0, "who": who}) for who in (4, 0, 0, 1)),
    ("approve", {"pick": 0, "who": 2}),
    ("change_account", {"leader": 3, "is_good": True}),
    *(("approve", {"pick": 0, "who": who}) for who in (0, 1)),
    # Who approved a large one last does not pay it; a new account waits.
    ("pay", {"pick": 0, "who": 1, "lost": ""}),
    ("change_account", {"leader": 1, "is_good": False}),
    ("pay", {"pick": 1, "who": 0, "lost": ""}),
    ("time_passes", {"hours": 73}),
    ("pay", {"pick": 1, "who": 0, "lost": ""}),
    ("pay", {"pick": 0, "who": 0, "lost": "after"}),
    ("pay", {"pick": 0, "who": 2, "lost": ""}),
    ("job_pays", {}),
    ("bank_answers", {}),
    # Money comes back, from the bank and from neighbours.
    ("refund", {"pick": 0, "which": 1, "percent": 50, "twice": False}),
    ("goodwill", {"pick": 0, "which": 0}),
    ("bank_sends_back", {"pick": 0}),
    ("pay", {"pick": 0, "who": 0, "lost": "before"}),
    ("bank_answers", {}),
    ("change_account", {"leader": 1, "is_good": True}),
    ("deny_a_change", {"leader": 1}),
    ("pay", {"pick": 1, "who": 0, "lost": ""}),
    ("change_account", {"leader": 1, "is_good": True}),
    ("staff_set_an_account", {}),
    ("time_passes", {"hours": 73}),
    ("pay", {"pick": 1, "who": 0, "lost": ""}),
    ("bank_answers", {}),
    # New orders, half of them undone, given back, answered for.
    ("place", {"leader": 2, "values": [3_333, 99], "small": True}),
    ("refund", {"pick": 2, "which": 1, "percent": 100, "twice": True}),
    ("order_goes_on", {"pick": 0}),
    ("refund", {"pick": 2, "which": 0, "percent": 33, "twice": False}),
    ("order_goes_on", {"pick": 0}),
    ("hand_over_undone", {"pick": 0}),
    ("order_goes_on", {"pick": 0}),
    ("refund", {"pick": 2, "which": 0, "percent": 1, "twice": False}),
    ("leader_answers_for_a_case", {"pick": 2, "minor": 1_500, "twice": True}),
    ("order_goes_on", {"pick": 0}),
    ("told_again", {"pick": 2}),
    ("refund", {"pick": 2, "which": 0, "percent": 1, "twice": False}),
    *(("whole_order", {"leader": 0, "values": [31_000_003], "small": n > 0}) for n in range(3)),
    ("place", {"leader": 1, "values": [20_800], "small": False}),
    ("order_goes_on", {"pick": 0}),
    ("all_goes_back", {"pick": 6}),
    ("leader_answers_for_a_case", {"pick": 3, "minor": 60_000, "twice": False}),
    ("correct", {"leader": 0, "minor": 20_001, "who": 0}),
    *(("approve_correction", {"pick": 0, "who": who}) for who in (0, 1)),
    ("correct", {"leader": 1, "minor": -9_000, "who": 0}),
    ("time_passes", {"hours": 24 * 32}),
    ("statements_are_cut", {}),
    ("all_goes_back", {"pick": 3}),
    ("silence_is_taken_as_yes", {}),
    *(("approve", {"pick": 0, "who": who}) for who in (0, 1, 2, 0, 1)),
    ("job_pays", {}),
    ("bank_answers", {}),
    # What goes back now is more than she earns: carried over, and never paid.
    ("whole_order", {"leader": 0, "values": [99], "small": False}),
    ("time_passes", {"hours": 24 * 8}),
    ("statements_are_cut", {}),
    ("whole_order", {"leader": 1, "values": [20_800], "small": False}),
    ("time_passes", {"hours": 24 * 8}),
    ("statements_are_cut", {}),
)
# What it must have done, or it proves nothing.
STATES = ">issued issued>disputed disputed>answered answered>disputed answered>confirmed"
STATES += " disputed>confirmed issued>confirmed confirmed>approved approved>paying paying>paid"
STATES += " paying>failed failed>paying paid>failed confirmed>paid"
PAYOUTS = ">sent >unknown sent>succeeded sent>failed unknown>succeeded succeeded>returned"
REFUNDS = ("nothing", "estimated", "frozen", "available", "a statement confirmed")
FULL = {f"statement {each}" for each in STATES.split()}
FULL |= {f"payout {each}" for each in PAYOUTS.split()}
FULL |= {f"refund of {each}" for each in (*REFUNDS, "a statement paid")}
FULL |= {"undone", "case", "order.cancelled", "order.refunded", "cut", "silence", "job pays"}
FULL |= {"correct", "approve correction", "pay, lost after", "pay, lost before", "deny", "agree"}
FULL |= {
    f"{act} refused: {code}"
    for act, code in (
        ("dispute", "illegal_transition"),
        ("approve", "own_statement"),
        ("approve", "second_person_needed"),
        ("approve correction", "second_person_needed"),
        ("agree", "second_person_needed"),
        ("pay", "another_person_pays"),
        ("pay", "payee_cooling"),
        ("pay", "payee_frozen"),
        ("pay", "illegal_transition"),
        ("change account", "payee_frozen"),
    )
}
