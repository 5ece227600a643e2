"""What an account at Stripe is told; every name is explained in docs/adapters/stripe.md."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

SETUP: Final = Setup(
    name="Stripe",
    settings=(
        SettingSpec(
            name="account_id",
            label=_("merchant number"),
            help=_("acct_… on the account page of Stripe's dashboard; it cannot change later."),
        ),
        SettingSpec(name="currency", label=_("currency"), help=_("Three letters; CNY if empty.")),
        SettingSpec(
            name="hosted_pages",
            label=_("Stripe's own pages for paying and tying cards"),
            is_flag=True,
        ),
        SettingSpec(name="connect", label=_("shares through Connect"), is_flag=True),
        SettingSpec(
            name="fee_rate",
            label=_("contract rate"),
            help=_("Such as 0.034; empty: fees are booked from the statements."),
        ),
    ),
    keys=(
        KeySpec(
            name="secret_key",
            label=_("secret key"),
            help=_("A text file with sk_… or rk_…, from the developers' page of the dashboard."),
        ),
        KeySpec(
            name="webhook_secrets",
            label=_("signing secrets of the webhook"),
            help=_("A text file with whsec_…, one a line while one replaces another."),
        ),
    ),
    guide="docs/adapters/stripe.md",
)
