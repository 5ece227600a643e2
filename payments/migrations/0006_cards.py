"""The BIN table, who tied which card first, what was agreed to, and how often cards may be tried."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F

BINS = Path(__file__).parent.parent / "data" / "bins.csv"
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
TEXTS = {
    "zh-hans": """本商城请求您授权把一张银行卡与您的账户绑定。
一、卡号、姓名、证件号、手机号和验证码只在银行的页面上填写，本商城看不到、也不保存。
二、银行交给本商城的是：一个只能由本商城使用的扣款凭证、卡号的前几位和末四位、发卡银行、借记卡或信用卡、卡的标识，以及用来识别同一张卡的指纹。
三、本商城只在您选择用这张卡付款、并确认金额之后扣款；退款退回原卡。
四、本商城用上述信息为您计算该卡的优惠，并防止盗刷；首次绑定某家银行某类卡的时间会一直保留，用于首绑礼，解绑后再绑不重复计算。
五、您可以随时在“银行卡”页面解绑，解绑后凭证在银行处立即作废。您同意的文本版本、时间和网络地址会保存，供您和监管查询。""",
    "en": """This shop asks for your permission to tie a bank card to your account.
1. Card number, name, identity number, phone and one-time code are typed on the bank's page only. This shop neither sees nor keeps them.
2. The bank gives this shop: a token that only this shop can charge with, the first and the last four digits, the issuing bank, debit or credit, the card's mark, and a fingerprint by which the same card is recognised.
3. This shop charges the card only when you choose to pay with it and have confirmed the amount. Refunds go back to the same card.
4. This shop uses the above to work out the savings of this card and to prevent fraud. The time you first tied a kind of card of a bank is kept for good, for first-tie gifts; untying and tying again does not count anew.
5. You can untie the card on the page "Bank cards" at any time; the token then ends at the bank at once. The version of the text you agreed to, the time and your network address are kept, for you and for the authorities to look up.""",
}


def write_consent_texts(apps, schema_editor):
    """Begin with a text in each language."""
    rows = [
        apps.get_model("payments", "ConsentText")(
            version="2026-11",
            language=language,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            valid_from=BEGAN,
            written_by="Linli",
            written_at=BEGAN,
        )
        for language, text in TEXTS.items()
    ]
    apps.get_model("payments", "ConsentText").objects.bulk_create(rows)


def fill_bin_table(apps, schema_editor):
    """Begin with the prefixes this version of Linli brings along."""
    lines = [line for line in BINS.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [
        apps.get_model("payments", "CardBin")(
            prefix=row["prefix"],
            issuer_code=row["issuer_code"],
            issuer_name=row["issuer_name"],
            issuer_name_en=row["issuer_name_en"],
            kind=row["kind"],
            mark=row["mark"],
            length=int(row["length"]),
            is_doubtful=row["doubtful"] == "yes",
            source=row["source"],
            note=row["note"],
            updated_at=BEGAN,
        )
        for row in csv.DictReader(lines)
    ]
    apps.get_model("payments", "CardBin").objects.bulk_create(rows, batch_size=500)
    apps.get_model("payments", "BinImport").objects.create(
        follows=0,
        file_name=BINS.name,
        sha256=hashlib.sha256(BINS.read_bytes()).hexdigest(),
        added=len(rows),
        by="Linli",
        at=BEGAN,
    )


def remember_first_ties(apps, schema_editor):
    """Count the cards that are tied already: in the order they were signed for."""
    known = apps.get_model("payments", "KnownCard").objects
    first = apps.get_model("payments", "FirstTie").objects
    agreements = apps.get_model("payments", "CardAgreement").objects
    agreements.filter(consented_at__isnull=True).update(consented_at=F("created_at"))
    for card in agreements.filter(signed_at__isnull=False).order_by("signed_at", "pk"):
        about = {"agreement": card, "first_tied_at": card.signed_at}
        if card.fingerprint:
            seen, _new = known.get_or_create(
                fingerprint=card.fingerprint, defaults={"first_owner_ref": card.owner_ref} | about
            )
            if seen.first_owner_ref != card.owner_ref:
                continue
        if not card.issuer_code:
            continue
        for kind in {card.kind, ""}:
            first.get_or_create(
                owner_ref=card.owner_ref,
                issuer_code=card.issuer_code,
                kind=kind,
                defaults={"agreement": card, "tied_at": card.signed_at},
            )


def nothing(apps, schema_editor):
    """Going back drops the tables with what is in them."""


class Migration(migrations.Migration):
    """The BIN table, who tied which card first, what was agreed to, and how often cards may be tried."""

    dependencies = [("payments", "0005_day_seals")]
    operations = [
        migrations.CreateModel(
            name='BinImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('follows', models.PositiveBigIntegerField(unique=True, verbose_name='follows version')),
                ('file_name', models.CharField(blank=True, max_length=200, verbose_name='file')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the file')),
                ('added', models.PositiveIntegerField(default=0, verbose_name='added')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('removed', models.PositiveIntegerField(default=0, verbose_name='removed')),
                ('by', models.CharField(max_length=64, verbose_name='by')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'change of card prefixes',
                'verbose_name_plural': 'changes of card prefixes',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='SigningStreak',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_ref', models.CharField(max_length=64, unique=True, verbose_name='owner')),
                ('failures', models.PositiveIntegerField(default=0, verbose_name='failed in a row')),
                ('last_failed_at', models.DateTimeField(blank=True, null=True, verbose_name='last failure')),
                ('blocked_until', models.DateTimeField(blank=True, null=True, verbose_name='may not try until')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='refused')),
            ],
            options={
                'verbose_name': 'failed signings in a row',
                'verbose_name_plural': 'failed signings in a row',
                'ordering': ('-last_failed_at',),
            },
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='bin_check',
            field=models.CharField(blank=True, choices=[('', 'not compared'), ('agrees', 'as our table says'), ('differs', 'our table says otherwise'), ('unknown', 'not in our table')], default='', max_length=10, verbose_name='card prefix'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='consent_sha256',
            field=models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the text'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='consented_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='agreed at'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='device',
            field=models.CharField(blank=True, max_length=64, verbose_name='device'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='table_issuer_code',
            field=models.CharField(blank=True, max_length=16, verbose_name='issuer by our table'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='table_kind',
            field=models.CharField(blank=True, max_length=16, verbose_name='kind by our table'),
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='table_mark',
            field=models.CharField(blank=True, max_length=20, verbose_name='mark by our table'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='kind',
            field=models.CharField(choices=[('amount_mismatch', 'amount, currency or merchant differs'), ('orphan_notify', 'message about an unknown number'), ('late_payment', 'paid after closing, returned'), ('double_payment', 'paid twice, returned'), ('double_txn', 'two transactions under one number'), ('tender_mismatch', 'the bank gave another discount than quoted'), ('refund_failed', 'refund refused'), ('refund_came_back', 'refund came back after it was done'), ('transfer_failed', 'transfer refused'), ('transfer_came_back', 'transfer came back after it was done'), ('transfer_unfunded', 'payout waits for money in the bank account'), ('split_failed', 'share refused'), ('split_return_failed', 'share not returned, advanced by us'), ('contradiction', 'the acquirer contradicts itself'), ('acquirer_config', 'acquirer account is set up wrongly'), ('acquirer_out', 'acquirer account is out of order'), ('no_bill', 'a bill is missing'), ('bad_bill', 'a bill is not what it says it is'), ('bill_reissued', 'a bill was issued again with other contents'), ('money_missing', 'booked here, and in no bill'), ('card_testing', 'many tries to tie cards'), ('dead_letter', 'a fact could not be delivered')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='CardBin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(max_length=10, unique=True, validators=[django.core.validators.RegexValidator('^[0-9]{6,10}\\Z')], verbose_name='first digits')),
                ('issuer_code', models.CharField(db_index=True, max_length=16, verbose_name='issuer')),
                ('issuer_name', models.CharField(max_length=60, verbose_name="issuer's name")),
                ('issuer_name_en', models.CharField(blank=True, max_length=60, verbose_name="issuer's English name")),
                ('kind', models.CharField(choices=[('debit', 'debit card'), ('credit', 'credit card'), ('prepaid', 'prepaid card')], max_length=16, verbose_name='debit or credit')),
                ('mark', models.CharField(choices=[('unionpay_single', 'UnionPay single-mark'), ('dual_or_brand', 'dual-mark or foreign brand')], max_length=20, verbose_name='mark')),
                ('length', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='digits of the number')),
                ('is_doubtful', models.BooleanField(default=False, verbose_name='doubtful')),
                ('source', models.CharField(blank=True, max_length=120, verbose_name='source')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('updated_at', models.DateTimeField(verbose_name='changed')),
            ],
            options={
                'verbose_name': 'card prefix',
                'verbose_name_plural': 'card prefixes',
                'ordering': ('prefix',),
                'constraints': [models.CheckConstraint(condition=models.Q(('length__isnull', True), models.Q(('length__gte', 12), ('length__lte', 19)), _connector='OR'), name='payments_cardbin_length_of_a_card')],
            },
        ),
        migrations.CreateModel(
            name='ConsentText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.CharField(help_text='For example 2026-11; one name for all languages.', max_length=20, verbose_name='version')),
                ('language', models.CharField(choices=[('zh-hans', '简体中文'), ('en', 'English')], max_length=10, verbose_name='language')),
                ('text', models.TextField(verbose_name='text')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='SHA-256 of the text')),
                ('valid_from', models.DateTimeField(verbose_name='in force from')),
                ('written_by', models.CharField(blank=True, max_length=64, verbose_name='written by')),
                ('written_at', models.DateTimeField(verbose_name='written at')),
            ],
            options={
                'verbose_name': 'consent text',
                'verbose_name_plural': 'consent texts',
                'ordering': ('-valid_from', 'language'),
                'constraints': [models.UniqueConstraint(fields=('version', 'language'), name='payments_consenttext_once')],
            },
        ),
        migrations.AddField(
            model_name='cardagreement',
            name='consent_text',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='payments.consenttext', verbose_name='text agreed to'),
        ),
        migrations.CreateModel(
            name='KnownCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=128, unique=True, verbose_name='card fingerprint')),
                ('first_owner_ref', models.CharField(db_index=True, max_length=64, verbose_name='first owner')),
                ('first_tied_at', models.DateTimeField(verbose_name='first tied')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.cardagreement', verbose_name='first tied as')),
            ],
            options={
                'verbose_name': 'known card',
                'verbose_name_plural': 'known cards',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='TyingAllowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(choices=[('ip', 'IP address'), ('device', 'device')], max_length=10, verbose_name='counted by')),
                ('subject', models.CharField(max_length=80, verbose_name='who')),
                ('window_seconds', models.PositiveIntegerField(verbose_name='window in seconds')),
                ('started_at', models.DateTimeField(verbose_name='window began')),
                ('taken', models.PositiveIntegerField(default=0, verbose_name='begun')),
                ('most', models.PositiveIntegerField(verbose_name='at most')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='refused')),
                ('last_refused_at', models.DateTimeField(blank=True, null=True, verbose_name='last refused')),
            ],
            options={
                'verbose_name': 'limit of tying cards',
                'verbose_name_plural': 'limits of tying cards',
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(fields=('subject_kind', 'subject', 'window_seconds'), name='payments_tyingallowance_one_per_window'), models.CheckConstraint(condition=models.Q(('taken__lte', models.F('most'))), name='payments_tyingallowance_not_above')],
            },
        ),
        migrations.CreateModel(
            name='FirstTie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_ref', models.CharField(max_length=64, verbose_name='owner')),
                ('issuer_code', models.CharField(max_length=16, verbose_name='issuer')),
                ('kind', models.CharField(blank=True, max_length=16, verbose_name='debit or credit')),
                ('tied_at', models.DateTimeField(verbose_name='tied at')),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='first_ties', to='payments.cardagreement', verbose_name='tied card')),
            ],
            options={
                'verbose_name': 'first tie',
                'verbose_name_plural': 'first ties',
                'ordering': ('-pk',),
                'constraints': [models.UniqueConstraint(fields=('owner_ref', 'issuer_code', 'kind'), name='payments_firsttie_once'), models.CheckConstraint(condition=models.Q(('issuer_code', ''), _negated=True), name='payments_firsttie_names_a_bank')],
            },
        ),
        migrations.RunPython(write_consent_texts, nothing),
        migrations.RunPython(fill_bin_table, nothing),
        migrations.RunPython(remember_first_ties, nothing),
    ]
