"""What can go wrong in a rain of red packets."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class RainNotOnError(LinliError):
    """It does not rain now; data: state."""

    code = "rain_not_on"
    message = _("It is not raining red packets right now.")


class NoDrawsLeftError(LinliError):
    """She, or somebody with one of her bank cards, has had all her draws."""

    code = "no_draws_left"
    message = _("You have had all your draws of this rain.")


class CardNeededError(LinliError):
    """Only people with a tied card may draw in it."""

    code = "card_needed"
    message = _("Tie a bank card first: this rain is for tied cards.")


class RainRuleError(LinliError):
    """A session cannot be announced as it is."""

    code = "rain_rule"
