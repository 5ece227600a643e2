"""Payouts in a bank's batch file, and by the acquirer's split."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Payouts in a bank's batch file, and by the acquirer's split."""

    dependencies = [
        ("groupleader", "0005_settling"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='PayoutShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment_no', models.CharField(db_index=True, max_length=32, verbose_name='payment number')),
                ('order_no', models.CharField(blank=True, max_length=32, verbose_name='order number')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount (fen)')),
                ('back_minor', models.BigIntegerField(default=0, verbose_name='came back (fen)')),
                ('status', models.CharField(choices=[('planned', 'To be asked for'), ('asked', 'Asked for'), ('paid', 'Paid by the acquirer'), ('failed', 'Not paid')], default='planned', max_length=12, verbose_name='status')),
                ('tries', models.PositiveIntegerField(default=0, verbose_name='tries')),
                ('split_key', models.CharField(blank=True, db_index=True, max_length=128, verbose_name='split key')),
                ('share_no', models.CharField(blank=True, db_index=True, max_length=32, verbose_name='share number')),
                ('reason', models.CharField(blank=True, max_length=60, verbose_name='why not')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name="the acquirer's words")),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('payout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='groupleader.payout', verbose_name='payout')),
            ],
            options={
                'verbose_name': 'part of a split payout',
                'verbose_name_plural': 'parts of split payouts',
                'ordering': ['payout', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('payout', 'payment_no'), name='groupleader_payoutshare_once'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('back_minor__gte', 0), ('back_minor__lte', models.F('amount_minor'))), name='groupleader_payoutshare_sane')],
            },
        ),
        migrations.CreateModel(
            name='PayeeChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(editable=False, max_length=32, unique=True, verbose_name='key')),
                ('way', models.CharField(choices=[('portal', 'by the leader herself'), ('admin', 'by staff'), ('setup', 'when it was set up')], max_length=8, verbose_name='asked for')),
                ('bank', models.CharField(max_length=60, verbose_name='bank')),
                ('holder', models.CharField(max_length=60, verbose_name='account holder')),
                ('account_sealed', models.TextField(editable=False, verbose_name='account number, sealed')),
                ('last4', models.CharField(max_length=4, verbose_name='last four digits')),
                ('before_masked', models.CharField(blank=True, max_length=80, verbose_name='account before')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('status', models.CharField(choices=[('proposed', 'waits for a second person'), ('applied', 'in force'), ('refused', 'refused')], default='proposed', max_length=10, verbose_name='status')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('denied_at', models.DateTimeField(null=True, verbose_name='“this was not me” at')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payee_changes', to='groupleader.leader', verbose_name='leader')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payee_changes', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': 'change of an account',
                'verbose_name_plural': 'changes of accounts',
                'ordering': ['-pk'],
                'permissions': [('decide_payeechange', 'Can decide about an account another proposed'), ('reveal_payeechange', 'Can see whole account numbers')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('leader__isnull', False), ('supplier__isnull', True)), models.Q(('leader__isnull', True), ('supplier__isnull', False)), _connector='OR'), name='groupleader_payee_party'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('leader',), name='groupleader_payee_one_leader'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('supplier',), name='groupleader_payee_one_supplier'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'applied'), ('way', 'admin'), _negated=True), models.Q(('asked_by__isnull', False), ('decided_by__isnull', False), models.Q(('decided_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='groupleader_payee_two_people')],
            },
        ),
        migrations.CreateModel(
            name='PayeeReveal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('reason', models.CharField(max_length=200, verbose_name='why')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reveals', to='groupleader.payeechange', verbose_name='account')),
            ],
            options={
                'verbose_name': 'look at an account number',
                'verbose_name_plural': 'looks at account numbers',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch_no', models.CharField(max_length=20, unique=True, verbose_name='batch number')),
                ('layout', models.CharField(max_length=20, verbose_name='columns as for')),
                ('form', models.CharField(choices=[('csv_gbk', 'CSV in GBK'), ('csv_utf8', 'CSV in UTF-8'), ('xlsx', 'Excel workbook')], max_length=12, verbose_name='file')),
                ('purpose', models.CharField(max_length=40, verbose_name='purpose')),
                ('status', models.CharField(choices=[('proposed', 'Waits for a second person'), ('approved', 'Ready to be downloaded'), ('handed_out', "Waits for the bank's result"), ('closed', 'Every row is decided'), ('cancelled', 'Cancelled')], default='proposed', max_length=12, verbose_name='status')),
                ('count', models.PositiveIntegerField(verbose_name='payouts')),
                ('total_minor', models.BigIntegerField(verbose_name='total (fen)')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('handed_out_at', models.DateTimeField(blank=True, null=True, verbose_name='handed out at')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled at')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='why cancelled')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('file_name', models.CharField(blank=True, max_length=80, verbose_name='file name')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='digest')),
                ('size', models.PositiveIntegerField(default=0, verbose_name='size in bytes')),
                ('bank_line', models.CharField(blank=True, max_length=120, verbose_name='booking on the bank account')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='cancelled by')),
                ('handed_out_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed out by')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'payout batch',
                'verbose_name_plural': 'payout batches',
                'ordering': ['-pk'],
                'permissions': [('approve_payoutbatch', 'Can let a batch go that another made'), ('download_payoutbatch', "Can download a batch's file"), ('import_payoutbatch', "Can import the bank's result"), ('decide_payout', 'Can propose and decide what became of a payout, by evidence')],
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gt', 0), ('total_minor__gt', 0)), name='groupleader_batch_not_empty'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('made_by')), _negated=True), _connector='OR'), name='groupleader_batch_two_people'), models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'cancelled']), models.Q(('approved_by__isnull', False), ('size__gt', 0), models.Q(('sha256', ''), _negated=True)), _connector='OR'), name='groupleader_batch_let_go')],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatchDownload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='downloads', to='groupleader.payoutbatch', verbose_name='batch')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'download of a batch',
                'verbose_name_plural': 'downloads of batches',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PayoutBatchFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_sealed', models.BinaryField(verbose_name='content, sealed')),
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='groupleader.payoutbatch', verbose_name='batch')),
            ],
        ),
        migrations.CreateModel(
            name='PayoutDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('paid', 'the bank paid it'), ('failed', 'the bank did not pay it'), ('returned', 'the money came back')], max_length=10, verbose_name='decision')),
                ('reason', models.CharField(max_length=300, verbose_name='evidence')),
                ('status', models.CharField(choices=[('proposed', 'waits for a second person'), ('carried_out', 'carried out'), ('rejected', 'rejected')], default='proposed', max_length=12, verbose_name='status')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('batch', models.ForeignKey(help_text='All its rows that are still unknown.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='groupleader.payoutbatch', verbose_name='batch')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('payout', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='groupleader.payout', verbose_name='payout')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'decision about a payout',
                'verbose_name_plural': 'decisions about payouts',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('payout',), name='groupleader_decision_one_open'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('batch',), name='groupleader_decision_one_batch'), models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', True), ('payout__isnull', False)), models.Q(('batch__isnull', False), ('payout__isnull', True)), _connector='OR'), name='groupleader_decision_about_one'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'carried_out'), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='groupleader_decision_two_people')],
            },
        ),
        migrations.CreateModel(
            name='BatchResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=120, verbose_name='file name')),
                ('sha256', models.CharField(max_length=64, verbose_name='digest')),
                ('imported_at', models.DateTimeField(verbose_name='imported at')),
                ('paid_count', models.PositiveIntegerField(default=0, verbose_name='paid')),
                ('failed_count', models.PositiveIntegerField(default=0, verbose_name='failed')),
                ('unknown_count', models.PositiveIntegerField(default=0, verbose_name='still unknown')),
                ('known_count', models.PositiveIntegerField(default=0, verbose_name='known already')),
                ('applied_at', models.DateTimeField(null=True, verbose_name='applied at')),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='groupleader.payoutbatch', verbose_name='batch')),
            ],
            options={
                'verbose_name': "bank's result",
                'verbose_name_plural': "bank's results",
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'sha256'), name='groupleader_result_once')],
            },
        ),
        migrations.CreateModel(
            name='BatchAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('paid', 'paid'), ('failed', 'not paid')], max_length=8, verbose_name='outcome')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name="the bank's words")),
                ('bank_ref', models.CharField(blank=True, max_length=64, verbose_name="bank's number")),
                ('applied_at', models.DateTimeField(null=True, verbose_name='applied at')),
                ('payout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='groupleader.payout', verbose_name='payout')),
                ('result', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='groupleader.batchresult', verbose_name='result')),
            ],
            options={
                'verbose_name': "bank's answer",
                'verbose_name_plural': "bank's answers",
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('applied_at__isnull', True)), fields=['result'], name='groupleader_answer_open')],
            },
        ),
        migrations.AddField(
            model_name='leader',
            name='payee_frozen_at',
            field=models.DateTimeField(blank=True, help_text='Somebody said that a change of the account was not hers.', null=True, verbose_name='payouts frozen at'),
        ),
        migrations.AddField(
            model_name='leader',
            name='split_receiver',
            field=models.CharField(blank=True, help_text='In split mode: the account the acquirer pays shares to.', max_length=64, verbose_name='receiver at the acquirer'),
        ),
        migrations.AddField(
            model_name='payout',
            name='method',
            field=models.CharField(choices=[('transfer', 'Transfer'), ('batch', 'Bank batch file'), ('split', "Acquirer's split")], default='transfer', max_length=12, verbose_name='way'),
        ),
        migrations.AddField(
            model_name='payout',
            name='row_no',
            field=models.PositiveIntegerField(null=True, verbose_name='row of the file'),
        ),
        migrations.AddField(
            model_name='supplieraccount',
            name='payee_frozen_at',
            field=models.DateTimeField(blank=True, help_text='Somebody said that a change of the account was not hers.', null=True, verbose_name='payouts frozen at'),
        ),
        migrations.AddField(
            model_name='supplieraccount',
            name='split_receiver',
            field=models.CharField(blank=True, help_text='In split mode: the account the acquirer pays shares to.', max_length=64, verbose_name='receiver at the acquirer'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='status',
            field=models.CharField(choices=[('new', 'To be sent'), ('sent', 'Sent to the bank'), ('unknown', "Waiting for the bank's answer"), ('succeeded', 'Paid'), ('failed', 'Failed'), ('returned', 'Sent back by the bank'), ('cancelled', 'Cancelled before it left')], default='new', max_length=12, verbose_name='status'),
        ),
        migrations.AddField(
            model_name='payout',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='groupleader.payoutbatch', verbose_name='batch'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(condition=models.Q(('batch__isnull', False)), fields=('batch', 'row_no'), name='groupleader_payout_batch_row'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', False), ('method', 'batch'), ('row_no__isnull', False)), models.Q(models.Q(('method', 'batch'), _negated=True), ('batch__isnull', True), ('row_no__isnull', True)), _connector='OR'), name='groupleader_payout_in_its_batch'),
        ),
    ]
