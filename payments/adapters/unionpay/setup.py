"""What an account at UnionPay is told, and where at UnionPay each of it is found."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.setup import KeySpec, SettingSpec, Setup

_PLATFORM: Final = _("Shown by UnionPay's merchant service platform (银联商户服务平台).")

SETUP: Final = Setup(
    name=_("UnionPay"),
    settings=(
        SettingSpec(
            name="base_url",
            label=_("address"),
            help=_("The gateway's host: https://gateway.95516.com"),
            required=True,
        ),
        SettingSpec(
            name="file_url",
            label=_("address of statements"),
            help=_("The file server's host: https://filedownload.95516.com"),
        ),
        SettingSpec(name="merchant_id", label=_("merchant number"), help=_PLATFORM, required=True),
        SettingSpec(
            name="tr_id",
            label=_("token requestor (trId)"),
            help=_("Given by UnionPay for tied cards; in its test environment all share one."),
        ),
        SettingSpec(
            name="charge_code",
            label=_("a code for each charge"),
            help=_("false only where UnionPay has agreed that tied cards pay without a code."),
        ),
        SettingSpec(
            name="void_same_day",
            label=_("undo whole payments of today"),
            help=_("A whole refund before 22:30 of the same day is sent as an undoing (31)."),
            is_flag=True,
        ),
        SettingSpec(
            name="sha1_certificates",
            label=_("take certificates signed with SHA-1"),
            help=_("UnionPay's test environment has such; leave it off for real money."),
            is_flag=True,
        ),
        SettingSpec(name="fee_rate", label=_("contract rate")),
        SettingSpec(name="is_test", label=_("test account"), is_flag=True),
    ),
    keys=(
        KeySpec(
            name="merchant_pfx",
            label=_("our certificate with its key (PFX)"),
            help=_("Downloaded from CFCA with the two codes UnionPay sent, then exported."),
        ),
        KeySpec(
            name="merchant_pfx_password",
            label=_("password of the PFX file"),
            help=_("A file with nothing but the password in it."),
        ),
        KeySpec(
            name="unionpay_root",
            label=_("root certificate"),
            help=_("From UnionPay's developer kit: acp_prod_root.cer"),
        ),
        KeySpec(
            name="unionpay_middle",
            label=_("middle certificate"),
            help=_("From UnionPay's developer kit: acp_prod_middle.cer"),
        ),
        KeySpec(
            name="unionpay_encrypt_cert",
            label=_("certificate for secrets"),
            help=_("From UnionPay's developer kit: acp_prod_enc.cer. Phones are sealed with it."),
            required=False,
        ),
        KeySpec(
            name="fingerprint_key",
            label=_("key of card fingerprints"),
            help=_("Any long random text. With it the same card is known again; never change it."),
            required=False,
        ),
    ),
    guide="docs/adapters/unionpay.md",
)
