"""Banks and cards in words: what a tile, a row and a card say about them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from mall.catalogue.titles import reads_english
from payments.api import AgreementView, issuer_name, issuers

_KINDS = {
    "debit": gettext_lazy("Debit card"),
    "credit": gettext_lazy("Credit card"),
    "prepaid": gettext_lazy("Prepaid card"),
}
_SCHEMES = {
    "unionpay_single": gettext_lazy("UnionPay"),
    "unionpay_dual": gettext_lazy("UnionPay dual-mark"),
}
# As people call them; other banks go by the name in the table of card prefixes.
_NAMES = {
    "CCB": gettext_lazy("China Construction Bank"),
    "PSBC": gettext_lazy("Postal Savings Bank"),
    "CMBC": gettext_lazy("Minsheng Bank"),
    "ICBC": gettext_lazy("ICBC"),
    "ABC": gettext_lazy("Agricultural Bank of China"),
    "BOC": gettext_lazy("Bank of China"),
    "BOCOM": gettext_lazy("Bank of Communications"),
    "CMB": gettext_lazy("China Merchants Bank"),
    "CITIC": gettext_lazy("China CITIC Bank"),
    "CEB": gettext_lazy("China Everbright Bank"),
    "SPDB": gettext_lazy("SPD Bank"),
    "CIB": gettext_lazy("Industrial Bank"),
    "PAB": gettext_lazy("Ping An Bank"),
    "GDB": gettext_lazy("Guangfa Bank"),
    "HXB": gettext_lazy("Hua Xia Bank"),
}
# One character on a tile says the bank to whoever knows it.
_LETTERS = {
    "CCB": pgettext_lazy("CCB in one character", "C"),
    "PSBC": pgettext_lazy("PSBC in one character", "P"),
    "CMBC": pgettext_lazy("CMBC in one character", "M"),
    "ICBC": pgettext_lazy("ICBC in one character", "I"),
    "ABC": pgettext_lazy("ABC in one character", "A"),
    "BOC": pgettext_lazy("BOC in one character", "B"),
    "CMB": pgettext_lazy("CMB in one character", "Z"),
}


def bank_name(issuer_code: str) -> str:
    """Return a bank's name as people say it; "the bank" where nobody said which."""
    known = _NAMES.get(issuer_code)
    if known is not None:
        return str(known)
    return issuer_name(issuer_code, english=reads_english()) or _("the bank")


def name_of_bank(card: AgreementView) -> str:
    """Return the bank's name as people say it; as the acquirer does where we know no other."""
    is_known = any(issuer.code == card.issuer_code for issuer in issuers())
    return bank_name(card.issuer_code) if is_known or not card.issuer_name else card.issuer_name


def kind_text(kind: str) -> str:
    """Say debit or credit."""
    return str(_KINDS.get(kind, kind))


def scheme_text(scheme: str) -> str:
    """Say the card's mark; nothing where it is not known."""
    return str(_SCHEMES.get(scheme, ""))


def bank_letter(issuer_code: str) -> str:
    """Return the one character of a bank's tile."""
    return str(_LETTERS.get(issuer_code, pgettext("any bank in one character", "B")))
