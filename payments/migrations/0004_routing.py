"""Several acquirer accounts: who takes which payment, and who is out of order."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Several acquirer accounts: who takes which payment, and who is out of order."""

    dependencies = [("payments", "0003_splits")]
    operations = [
        migrations.CreateModel(
            name='AcquirerHealth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_code', models.CharField(max_length=40, unique=True, verbose_name='account')),
                ('state', models.CharField(choices=[('closed', 'in order'), ('open', 'out of order'), ('half_open', 'on trial')], default='closed', max_length=10, verbose_name='state')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('pay_failures', models.PositiveIntegerField(default=0, verbose_name='payments that failed in a row')),
                ('ask_failures', models.PositiveIntegerField(default=0, verbose_name='questions that failed in a row')),
                ('last_failed_at', models.DateTimeField(blank=True, null=True, verbose_name='last failure')),
                ('last_error', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                ('openings', models.PositiveIntegerField(default=0, verbose_name='times out of order')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='last out of order')),
                ('next_probe_at', models.DateTimeField(blank=True, null=True, verbose_name='next question')),
                ('trial_until', models.DateTimeField(blank=True, null=True, verbose_name='payment on trial until')),
                ('held_by', models.CharField(blank=True, max_length=64, verbose_name='taken out by')),
            ],
            options={
                'verbose_name': "acquirer's health",
                'verbose_name_plural': "acquirers' health",
                'ordering': ('account_code',),
            },
        ),
        migrations.AddField(
            model_name='acquireraccount',
            name='priority',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Where no rule speaks, the smallest number after the account of the settings is asked. Without a number only rules lead here.', null=True, verbose_name='priority'),
        ),
        migrations.AddField(
            model_name='acquireraccount',
            name='set_up_by',
            field=models.CharField(blank=True, max_length=64, verbose_name='set up by'),
        ),
        migrations.AddField(
            model_name='payment',
            name='seller_ref',
            field=models.CharField(blank=True, help_text='Whose goods are paid, where routing rules look at it.', max_length=64, verbose_name='seller'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='kind',
            field=models.CharField(choices=[('amount_mismatch', 'amount, currency or merchant differs'), ('orphan_notify', 'message about an unknown number'), ('late_payment', 'paid after closing, returned'), ('double_payment', 'paid twice, returned'), ('double_txn', 'two transactions under one number'), ('tender_mismatch', 'the bank gave another discount than quoted'), ('refund_failed', 'refund refused'), ('refund_came_back', 'refund came back after it was done'), ('transfer_failed', 'transfer refused'), ('transfer_came_back', 'transfer came back after it was done'), ('transfer_unfunded', 'payout waits for money in the bank account'), ('split_failed', 'share refused'), ('split_return_failed', 'share not returned, advanced by us'), ('contradiction', 'the acquirer contradicts itself'), ('acquirer_config', 'acquirer account is set up wrongly'), ('acquirer_out', 'acquirer account is out of order'), ('dead_letter', 'a fact could not be delivered')], max_length=32, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='RoutingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_code', models.CharField(max_length=40, verbose_name='account')),
                ('priority', models.PositiveSmallIntegerField(default=100, help_text='The smallest number is asked first.', verbose_name='priority')),
                ('scene', models.CharField(blank=True, choices=[('native_qr', 'QR code'), ('h5', "acquirer's page"), ('miniprogram', 'mini program'), ('app', 'app'), ('barcode', "payer's code"), ('card_token', 'tied card'), ('bind', 'tying a card'), ('transfer', 'paying out')], max_length=20, verbose_name='purpose')),
                ('issuer_code', models.CharField(blank=True, help_text='For example CCB.', max_length=16, verbose_name="card's bank")),
                ('card_kind', models.CharField(blank=True, choices=[('debit', 'debit card'), ('credit', 'credit card')], max_length=16, verbose_name='debit or credit')),
                ('seller_ref', models.CharField(blank=True, max_length=64, verbose_name='seller')),
                ('amount_from_minor', models.BigIntegerField(blank=True, null=True, verbose_name='from (fen)')),
                ('amount_to_minor', models.BigIntegerField(blank=True, help_text='This amount included.', null=True, verbose_name='up to (fen)')),
                ('is_alone', models.BooleanField(default=False, help_text='When the account is out of order, wait for it instead of asking the next.', verbose_name='nobody else may take over')),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('changed_by', models.CharField(blank=True, max_length=64, verbose_name='changed by')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'routing rule',
                'verbose_name_plural': 'routing rules',
                'ordering': ('priority', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_from_minor__isnull', True), ('amount_from_minor__gte', 0), _connector='OR'), name='payments_routingrule_amount_not_negative'), models.CheckConstraint(condition=models.Q(('amount_from_minor__isnull', True), ('amount_to_minor__isnull', True), ('amount_to_minor__gte', models.F('amount_from_minor')), _connector='OR'), name='payments_routingrule_amounts_in_order', violation_error_message='The upper amount is below the lower one.')],
            },
        ),
    ]
