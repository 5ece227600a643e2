"""What can go wrong when a bank's organisation is changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class BankUnitError(LinliError):
    """A unit would stand where its level does not belong; data: field."""

    code = "bank_unit"
    http_status = 400
    message = _("A branch stands under a bank or a branch, an outlet under a branch.")
