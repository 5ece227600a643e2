"""Who may open what: a line for each address of the portal, the interface and the shop.

An address that is not here fails the test: whoever adds one says whose it is.
"""

from __future__ import annotations

from typing import Final

# What everybody gets of an address: it is there ("ok"), it is not there for her ("gone"), she has
# no business in this part ("no"), or she is to sign in first ("sign_in").
OK, GONE, NO, SIGN_IN = "ok", "gone", "no", "sign_in"
# Sent back to a page of her own with a word, as after pressing a button twice.
BACK: Final = "back"
ANY: Final = "any"
# What stands on pages for all; it is enough that two ask.
PUBLIC: Final = "everybodys"
ENOUGH: Final = {
    PUBLIC: ("nobody", "other"),
    "peoples": ("nobody", "neighbour", "resident", "other_helper"),
}
ASKERS: Final = ("owner", "helper", "other", "other_helper", "resident", "neighbour", "nobody")
# Who asks in which part: strangers first, for the right person may use things up.
LEADERS_PART: Final = ("nobody", "other_helper", "other", "helper", "resident", "owner")
RESIDENTS_PART: Final = ("nobody", "neighbour", "other", "owner", "resident")


def _row(*answers: str) -> dict[str, str]:
    return dict(zip(ASKERS, answers, strict=True))


WHO_GETS_WHAT: Final[dict[str, dict[str, str]]] = {
    # a leader's rooms: each her own; and one thing of leader A
    "leaders": _row(OK, NO, OK, NO, NO, NO, SIGN_IN),
    "a_leaders": _row(OK, NO, GONE, NO, NO, NO, SIGN_IN),
    # the counter, where helpers stand too; one thing at A's counter; one thing of A the person
    "counters": _row(OK, OK, OK, OK, NO, NO, SIGN_IN),
    "a_counters": _row(OK, OK, GONE, GONE, NO, NO, SIGN_IN),
    "a_persons": _row(OK, GONE, GONE, GONE, NO, NO, SIGN_IN),
    # an invitation to A's helper
    "a_helpers": _row(GONE, OK, GONE, GONE, GONE, GONE, SIGN_IN),
    # everybody who signed in, each her own; one thing of the resident
    "peoples": _row(OK, OK, OK, OK, OK, OK, SIGN_IN),
    # where a bank's posted form leads her back without her sign-in, and on to one that asks for it
    "returns": _row(OK, OK, OK, OK, OK, OK, ANY),
    "a_residents": _row(GONE, GONE, GONE, GONE, OK, GONE, SIGN_IN),
    # what she photographed is looked at by whoever decides
    "a_photo": _row(OK, GONE, GONE, GONE, OK, GONE, SIGN_IN),
    # her own application, which she may not have
    "peoples_if_any": _row(ANY, ANY, ANY, ANY, ANY, ANY, SIGN_IN),
    "a_draft": _row(OK, GONE, GONE, GONE, GONE, GONE, SIGN_IN),
    "a_card": _row(BACK, BACK, BACK, BACK, OK, BACK, SIGN_IN),
    "a_basket": _row(BACK, BACK, BACK, BACK, OK, BACK, BACK),
    # a key in the address is the right: asked here with one that opens nothing
    "keys": _row(GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    # a merchant's counter; the neighbour stands at one
    "merchants": _row(NO, NO, NO, NO, NO, OK, SIGN_IN),
    "a_merchants": _row(NO, NO, NO, NO, NO, GONE, SIGN_IN),
    # who comes there without having asked for a code, or without a key of a scale
    "asks_first": _row(SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    # what a bag's QR opens: a counter, her own order, or a page that says nothing
    "a_code": _row(OK, OK, OK, OK, OK, OK, OK),
    "everybodys": _row(OK, OK, OK, OK, OK, OK, OK),
}


def _lines(**kinds: str) -> dict[str, str]:
    return {name: kind for kind, names in kinds.items() for name in names.split()}


PORTAL: Final = _lines(
    leaders=(
        "home point orders groups open-goods open-times residents cases weighing waiting "
        "earnings earnings-file place statements account identity sign-in-again"
    ),
    a_leaders=(
        "point-sign point-hours point-break point-invite point-break-end point-helper-end "
        "group share again prolong orders-file broadcast behalf capture capture-line for-other "
        "cancel-for-other own-sale resident resident-note resident-tags note case case-act "
        "weigh weighing-undo call extend earning-line statement confirm dispute "
        "statement-write said-paper statement-file"
    ),
    counters="arrivals to-sort scan offline offline-day offline-register conflicts devices",
    a_counters="arrival sorting sorting-tick sorting-report sorting-sheet labels bag part undo",
    a_persons="conflict-settle device-revoke offline-acts",
    peoples="helping apply-where apply-form apply-take-back",
    a_helpers="helping-answer",
    everybodys="apply terms worker manifest",
    a_code="pickup-token",
    keys="not-me",
)

LEADERS_INTERFACE: Final = _lines(
    leaders=(
        "day groups points residents resident-tags find-bags waiting-bags cases earnings "
        "accruals statements"
    ),
    a_leaders=(
        "group items orders for-others prolong delivery preview broadcasts preview-broadcast "
        "resident note orders-of-resident notes tags-of-resident extend-bag bag hand-over "
        "undo case approve-case offer-case reject-case pass-case-on write-case statement "
        "confirm dispute point-sign point-hours point-breaks point-helpers point-break point-helper"
    ),
    peoples_if_any="application",
    peoples=("application-places application-photo hand-in-application withdraw-application"),
)

RESIDENTS_INTERFACE: Final = _lines(
    everybodys="openapi sign-in-code sign-in points point-groups group entries reviews",
    peoples=(
        "sign-out me my-messages read-messages basket basket-item quote place orders waiting "
        "cards tie-card vouchers claim-voucher my-points points-history cases favourites "
        "favourite write-review voucher-rounds card-consent"
    ),
    a_residents=(
        "order pay cancel change move case-reasons card default-card case case-photos "
        "case-messages appeal-case withdraw-case accept-case decline-case"
    ),
)

SHOP: Final = _lines(
    everybodys=(
        "home points choose-point group live poster product set-item set-tolerance basket "
        "more search forget-searches categories category reviews rains rain rain-odds sign-in "
        "sign-out vouchers voucher-round my-offers"
    ),
    peoples=(
        "join-waiting leave-waiting checkout checkout-quote like favourites buy-again my-reviews "
        "orders cases cards tie-card my-vouchers claim-voucher me messages "
        "read-messages choose-messages my-points draw-packet"
    ),
    a_residents=(
        "write-review order pay pay-quote cancel change-order change-quote otherwise move-order "
        "case-ask case case-act voucher voucher-code"
    ),
    returns="card-tied",
    a_draft="preview",
    a_photo="case-photo",
    a_basket="remove-line",
    a_card="default-card untie-card message",
    merchants="redeem redeem-take redeem-statement redeem-token",
    a_merchants="redeem-undo",
    asks_first="sign-in-code scale-weighings",
    keys=(
        "pay-for supplier supplier-goods supplier-new supplier-wish supplier-statement "
        "supplier-order supplier-reply supplier-paper supplier-batch trace driver driver-delivered "
        "paper rain-record styleguide"
    ),
)

SUPPLIERS: Final = _lines(
    keys="statements statement act paper file",
)

# What fills an address where its name alone does not say which of A's things is meant.
OTHERWISE: Final[dict[str, dict[str, object]]] = {
    "groupleader:again": {"group_id": "own_group_id"},
    "groupleader:not-me": {"key": "dead_key"},
    "groupleader:capture-line": {"line_id": "captured_line_id"},
    "groupleader:for-other": {"order_no": "for_other_no"},
    "groupleader:cancel-for-other": {"order_no": "for_other_no"},
    "groupleader_rest_api:for-others": {"group_id": "open_group_id"},
    "storefront:preview": {"share_code": "draft_code"},
    "storefront:write-review": {"line_id": "collected_line_id"},
}

# Not asked where it is allowed: these end the sign-in, or speak with the acquirer or a carrier,
# which nobody does in a transaction. They have tests of their own.
NOT_ASKED_WHERE_ALLOWED: Final = frozenset(
    {
        "groupleader:sign-in-again",
        "rest_api:card",
        "rest_api:pay",
        "rest_api:sign-in-code",
        "rest_api:sign-out",
        "storefront:sign-out",
        "storefront:untie-card",
    }
)
