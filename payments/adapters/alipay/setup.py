"""What an account at Alipay is told; every name is explained in docs/adapters/alipay.md."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

_SIGNED: Final = _("Only where this product is signed with Alipay.")
_CERTIFICATES: Final = _("Certificate mode: as Alipay gives it, unchanged.")

SETUP: Final = Setup(
    name=_("Alipay"),
    settings=(
        SettingSpec(
            name="base_url",
            label=_("address"),
            help=_("Empty for Alipay's own: https://openapi.alipay.com"),
        ),
        SettingSpec(
            name="app_id",
            label=_("application number"),
            help=_("The app's page in Alipay's open platform."),
            required=True,
        ),
        SettingSpec(
            name="merchant_id",
            label=_("merchant number"),
            help=_("The PID, 2088… with sixteen digits."),
            required=True,
        ),
        SettingSpec(
            name="page",
            label=_("page the payer gets"),
            choices=(("wap", _("for phones")), ("page", _("for computers"))),
        ),
        SettingSpec(name="app", label=_("payment in an app"), help=_SIGNED, is_flag=True),
        SettingSpec(
            name="mini_program", label=_("payment in a mini program"), help=_SIGNED, is_flag=True
        ),
        SettingSpec(
            name="agreement", label=_("tying an account (商家扣款)"), help=_SIGNED, is_flag=True
        ),
        SettingSpec(
            name="sign_scene",
            label=_("scene of tying"),
            help=_("As agreed with Alipay, for example INDUSTRY|SHOPPING."),
        ),
        SettingSpec(name="royalty", label=_("profit sharing (分账)"), help=_SIGNED, is_flag=True),
        SettingSpec(
            name="split_max_percent",
            label=_("most that may be shared out (percent)"),
            help=_("As the contract says; empty: 30."),
        ),
        SettingSpec(
            name="transfer", label=_("transfers (certificates only)"), help=_SIGNED, is_flag=True
        ),
        SettingSpec(
            name="fee_rate",
            label=_("contract rate"),
            help=_("Such as 0.006; empty: fees are booked from the statements."),
        ),
    ),
    keys=(
        KeySpec(
            name="app_private_key",
            label=_("our private key"),
            help=_("The key the app's certificate or public key was made from, as PEM."),
        ),
        KeySpec(
            name="app_cert",
            label=_("certificate of the app"),
            help=_CERTIFICATES,
            required=False,
        ),
        KeySpec(
            name="alipay_cert",
            label=_("Alipay's certificate"),
            help=_CERTIFICATES,
            required=False,
        ),
        KeySpec(
            name="alipay_root_cert",
            label=_("Alipay's root certificate"),
            help=_CERTIFICATES,
            required=False,
        ),
        KeySpec(
            name="alipay_public_key",
            label=_("Alipay's public key"),
            help=_("Key mode: where there are no certificates."),
            required=False,
        ),
    ),
    guide="docs/adapters/alipay.md",
)
