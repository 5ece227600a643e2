"""Splits, and what refunds and transfers learned."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


def rename_states(apps, schema_editor):
    """Call what was there by its new words: sendable transfers are approved, returned ones so."""
    transfers = apps.get_model("payments", "Transfer").objects
    transfers.filter(status="created").update(status="approved")
    transfers.filter(status="failed_after_success").update(status="returned")
    refunds = apps.get_model("payments", "Refund").objects
    done = refunds.filter(status__in=["succeeded", "failed_after_success"], done_at__isnull=False)
    done.update(succeeded_at=models.F("done_at"))


class Migration(migrations.Migration):
    """Splits, and what refunds and transfers learned."""

    dependencies = [("payments", "0002_ledger_guards")]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision_no', models.CharField(max_length=32, unique=True, verbose_name='decision number')),
                ('kind', models.CharField(choices=[('held_return', 'return the held money to where it came from'), ('held_release', 'release: nothing wrong came'), ('refund_by_hand', 'the refund was paid by hand'), ('advance_repaid', 'the receiver repaid what we advanced')], max_length=20, verbose_name='decision')),
                ('subject_no', models.CharField(db_index=True, max_length=64, verbose_name='number')),
                ('amount_minor', models.BigIntegerField(default=0, verbose_name='amount')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('acquirer_no', models.CharField(blank=True, max_length=64, verbose_name="acquirer's number")),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('status', models.CharField(choices=[('proposed', 'waits for a second person'), ('carried_out', 'carried out'), ('rejected', 'rejected')], default='proposed', max_length=20, verbose_name='status')),
                ('proposed_by', models.CharField(max_length=64, verbose_name='proposed by')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed')),
                ('decided_by', models.CharField(blank=True, max_length=64, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='ErrandStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('errand_no', models.CharField(db_index=True, max_length=32, verbose_name='number')),
                ('edge', models.CharField(max_length=4, verbose_name='edge')),
                ('from_status', models.CharField(blank=True, max_length=24, verbose_name='from')),
                ('to_status', models.CharField(max_length=24, verbose_name='to')),
                ('by', models.CharField(blank=True, max_length=64, verbose_name='person')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'errand step',
                'verbose_name_plural': 'errand steps',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='Split',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('failure_code', models.CharField(blank=True, max_length=64, verbose_name='reason of failure')),
                ('failure_message', models.CharField(blank=True, max_length=500, verbose_name="acquirer's words")),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                ('next_action_at', models.DateTimeField(blank=True, null=True, verbose_name='next step due')),
                ('tries', models.PositiveIntegerField(default=0, verbose_name='tries')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('split_no', models.CharField(max_length=32, unique=True, verbose_name='split number')),
                ('split_key', models.CharField(help_text='The same wish is one split.', max_length=128, unique=True, verbose_name='split key')),
                ('merchant', models.CharField(max_length=110, verbose_name='acquirer and merchant number')),
                ('reference', models.CharField(db_index=True, max_length=64, verbose_name='for')),
                ('status', models.CharField(choices=[('created', 'prepared'), ('sent', 'sent to the acquirer'), ('processing', 'being carried out'), ('unknown', 'no trustworthy answer yet'), ('succeeded', 'done'), ('partial', 'some shares were refused'), ('failed', 'refused')], default='created', max_length=24, verbose_name='status')),
                ('amount_minor', models.BigIntegerField(verbose_name='shared out')),
                ('acquirer_split_no', models.CharField(blank=True, max_length=64, verbose_name="acquirer's number")),
                ('finish', models.CharField(blank=True, choices=[('', 'not asked for'), ('wanted', 'to be released'), ('done', 'released')], default='', max_length=10, verbose_name='rest')),
            ],
            options={
                'verbose_name': 'split',
                'verbose_name_plural': 'splits',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='SplitReceiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_code', models.CharField(max_length=40, verbose_name='acquirer account')),
                ('receiver', models.CharField(max_length=64, verbose_name='receiver')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('kind', models.CharField(default='merchant', max_length=20, verbose_name='kind')),
                ('status', models.CharField(choices=[('created', 'prepared'), ('active', 'may receive shares'), ('removed', 'removed')], default='created', max_length=20, verbose_name='status')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'receiver of shares',
                'verbose_name_plural': 'receivers of shares',
                'ordering': ('account_code', 'receiver'),
            },
        ),
        migrations.CreateModel(
            name='SplitReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('failure_code', models.CharField(blank=True, max_length=64, verbose_name='reason of failure')),
                ('failure_message', models.CharField(blank=True, max_length=500, verbose_name="acquirer's words")),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
                ('next_action_at', models.DateTimeField(blank=True, null=True, verbose_name='next step due')),
                ('tries', models.PositiveIntegerField(default=0, verbose_name='tries')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('return_no', models.CharField(max_length=32, unique=True, verbose_name='return number')),
                ('return_key', models.CharField(max_length=128, unique=True, verbose_name='return key')),
                ('merchant', models.CharField(max_length=110, verbose_name='acquirer and merchant number')),
                ('status', models.CharField(choices=[('waiting', 'waits for the share to be paid'), ('created', 'prepared'), ('sent', 'sent to the acquirer'), ('processing', 'being carried out'), ('unknown', 'no trustworthy answer yet'), ('succeeded', 'taken back'), ('failed', 'refused, advanced by us'), ('void', 'not needed, the share was never paid')], default='created', max_length=24, verbose_name='status')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('acquirer_return_no', models.CharField(blank=True, max_length=64, verbose_name="acquirer's number")),
                ('advanced_at', models.DateTimeField(blank=True, null=True, verbose_name='advanced by us')),
            ],
            options={
                'verbose_name': 'return of a share',
                'verbose_name_plural': 'returns of shares',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='SplitShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share_no', models.CharField(max_length=32, unique=True, verbose_name='share number')),
                ('share_key', models.CharField(max_length=128, verbose_name='share key')),
                ('receiver', models.CharField(db_index=True, max_length=64, verbose_name='receiver')),
                ('ledger', models.JSONField(default=dict, verbose_name='drawer in the books')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount')),
                ('back_committed_minor', models.BigIntegerField(default=0, verbose_name='taken back or to be')),
                ('status', models.CharField(choices=[('waiting', 'not paid yet'), ('succeeded', 'paid'), ('failed', 'refused')], default='waiting', max_length=20, verbose_name='status')),
                ('failure_code', models.CharField(blank=True, max_length=64, verbose_name='reason of failure')),
                ('failure_message', models.CharField(blank=True, max_length=500, verbose_name="acquirer's words")),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done at')),
            ],
            options={
                'verbose_name': 'share',
                'verbose_name_plural': 'shares',
                'ordering': ('split', 'pk'),
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='split_committed_minor',
            field=models.BigIntegerField(default=0, verbose_name='shared out or to be'),
        ),
        migrations.AddField(
            model_name='refund',
            name='of_acquirer_no',
            field=models.CharField(blank=True, help_text="Only where it is not the payment's own, but held money under its number.", max_length=64, verbose_name="acquirer's transaction returned"),
        ),
        migrations.AddField(
            model_name='refund',
            name='refusals',
            field=models.PositiveIntegerField(default=0, verbose_name='times refused'),
        ),
        migrations.AddField(
            model_name='refund',
            name='succeeded_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='first done at'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='approved_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='approved'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='approved_by',
            field=models.CharField(blank=True, max_length=64, verbose_name='approved by'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='created_by',
            field=models.CharField(blank=True, max_length=64, verbose_name='created by'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='kind',
            field=models.CharField(choices=[('amount_mismatch', 'amount, currency or merchant differs'), ('orphan_notify', 'message about an unknown number'), ('late_payment', 'paid after closing, returned'), ('double_payment', 'paid twice, returned'), ('double_txn', 'two transactions under one number'), ('tender_mismatch', 'the bank gave another discount than quoted'), ('refund_failed', 'refund refused'), ('refund_came_back', 'refund came back after it was done'), ('transfer_failed', 'transfer refused'), ('transfer_came_back', 'transfer came back after it was done'), ('transfer_unfunded', 'payout waits for money in the bank account'), ('split_failed', 'share refused'), ('split_return_failed', 'share not returned, advanced by us'), ('contradiction', 'the acquirer contradicts itself'), ('acquirer_config', 'acquirer account is set up wrongly'), ('dead_letter', 'a fact could not be delivered')], max_length=32, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='stage',
            field=models.CharField(choices=[('before_pickup', 'before pickup'), ('after_pickup', 'after pickup'), ('goodwill', 'goodwill'), ('surplus', 'money we could not take'), ('held', 'money held for a person')], max_length=20, verbose_name='stage'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='status',
            field=models.CharField(choices=[('taking_back', 'shares are being taken back first'), ('created', 'prepared'), ('sent', 'sent to the acquirer'), ('processing', 'being carried out'), ('unknown', 'no trustworthy answer yet'), ('succeeded', 'done'), ('failed', 'refused'), ('closed', 'closed by the acquirer without paying'), ('abnormal', "the payer's account takes no money"), ('failed_after_success', 'came back after it was done'), ('paid_by_hand', 'paid by hand')], default='created', max_length=24, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='status',
            field=models.CharField(choices=[('created', 'waits for approval'), ('approved', 'approved'), ('sent', 'sent to the acquirer'), ('wait_user_confirm', 'waits for the payee to confirm'), ('processing', 'being carried out'), ('unknown', 'no trustworthy answer yet'), ('succeeded', 'done'), ('failed', 'refused'), ('cancelled', 'cancelled'), ('returned', 'came back after it was done')], default='created', max_length=24, verbose_name='status'),
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payments_payment_captured_nothing_or_all',
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('captured_minor__gte', 0), ('captured_minor__lte', models.F('amount_minor'))), name='payments_payment_captured_within_amount'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('split_committed_minor__gte', 0), ('split_committed_minor__lte', django.db.models.expressions.CombinedExpression(models.F('captured_minor'), '-', models.F('refund_committed_minor')))), name='payments_payment_shares_within_rest'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by', ''), models.Q(('approved_by', models.F('created_by')), _negated=True), _connector='OR'), name='payments_transfer_two_people'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('subject_no', 'acquirer_no'), name='payments_decision_one_open'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'carried_out'), _negated=True), models.Q(models.Q(('decided_by', ''), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='payments_decision_two_people'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='payments_decision_amount_not_negative'),
        ),
        migrations.AddField(
            model_name='errandstep',
            name='fact',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='errand_steps', to='payments.channelfact', verbose_name='evidence'),
        ),
        migrations.AddField(
            model_name='split',
            name='payment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='payments.payment', verbose_name='payment'),
        ),
        migrations.AddField(
            model_name='channelfact',
            name='split',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='payments.split', verbose_name='split'),
        ),
        migrations.AddConstraint(
            model_name='splitreceiver',
            constraint=models.UniqueConstraint(fields=('account_code', 'receiver'), name='payments_splitreceiver_once'),
        ),
        migrations.AddField(
            model_name='splitreturn',
            name='refund',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='share_returns', to='payments.refund', verbose_name='refund'),
        ),
        migrations.AddField(
            model_name='channelfact',
            name='split_return',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='payments.splitreturn', verbose_name='return of a share'),
        ),
        migrations.AddField(
            model_name='splitshare',
            name='split',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='payments.split', verbose_name='split'),
        ),
        migrations.AddField(
            model_name='splitreturn',
            name='share',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='payments.splitshare', verbose_name='share'),
        ),
        migrations.AddConstraint(
            model_name='errandstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('to_status', 'succeeded'), _negated=True), ('fact__isnull', False), ('from_status', ''), _connector='OR'), name='payments_errandstep_success_has_evidence'),
        ),
        migrations.AddIndex(
            model_name='split',
            index=models.Index(condition=models.Q(('next_action_at__isnull', False)), fields=['next_action_at'], name='payments_split_due'),
        ),
        migrations.AddConstraint(
            model_name='split',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payments_split_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='split',
            constraint=models.UniqueConstraint(condition=models.Q(('acquirer_split_no', ''), _negated=True), fields=('merchant', 'acquirer_split_no'), name='payments_split_acquirer_no_once'),
        ),
        migrations.AddConstraint(
            model_name='splitshare',
            constraint=models.UniqueConstraint(fields=('split', 'share_key'), name='payments_splitshare_key_once'),
        ),
        migrations.AddConstraint(
            model_name='splitshare',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payments_splitshare_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='splitshare',
            constraint=models.CheckConstraint(condition=models.Q(('back_committed_minor__gte', 0), ('back_committed_minor__lte', models.F('amount_minor'))), name='payments_splitshare_back_within_amount'),
        ),
        migrations.AddIndex(
            model_name='splitreturn',
            index=models.Index(condition=models.Q(('next_action_at__isnull', False)), fields=['next_action_at'], name='payments_splitreturn_due'),
        ),
        migrations.AddConstraint(
            model_name='splitreturn',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='payments_splitreturn_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='splitreturn',
            constraint=models.UniqueConstraint(condition=models.Q(('acquirer_return_no', ''), _negated=True), fields=('merchant', 'acquirer_return_no'), name='payments_splitreturn_acquirer_no_once'),
        ),
        migrations.AlterModelOptions(
            name='decision',
            options={'ordering': ('-pk',), 'permissions': (('propose_decision', 'Can propose what happens to stuck money'), ('carry_out_decision', 'Can decide what another proposed about stuck money')), 'verbose_name': 'decision', 'verbose_name_plural': 'decisions'},
        ),
        migrations.AlterModelOptions(
            name='refund',
            options={'ordering': ('-pk',), 'permissions': (('retry_refund', 'Can send a refused refund again'),), 'verbose_name': 'refund', 'verbose_name_plural': 'refunds'},
        ),
        migrations.AlterModelOptions(
            name='splitreturn',
            options={'ordering': ('-pk',), 'permissions': (('retry_splitreturn', 'Can ask again for a share that was not returned'),), 'verbose_name': 'return of a share', 'verbose_name_plural': 'returns of shares'},
        ),
        migrations.AlterModelOptions(
            name='transfer',
            options={'ordering': ('-pk',), 'permissions': (('approve_transfer', 'Can approve a transfer somebody else created'), ('cancel_transfer', 'Can take a transfer back')), 'verbose_name': 'transfer', 'verbose_name_plural': 'transfers'},
        ),
        migrations.RunPython(rename_states, migrations.RunPython.noop),
    ]
