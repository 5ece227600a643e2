"""Suppliers' statements, deductions, and talk about a statement; closed ones stay as they are.

SQLite makes a table anew to change it and forgets its triggers: those of 0002 are made here again.
A later migration that changes one of these tables ends with the same.
"""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import groupleader.models.talks

STATEMENT = "groupleader_settlementstatement"
ACCRUAL = "groupleader_commissionaccrual"
DEDUCTION = "groupleader_deduction"
CORRECTION = "groupleader_correction"
DUE = "groupleader_supplierdue"
CLOSED = (
    "statement_no",
    "leader_id",
    "supplier_id",
    "period",
    "since",
    "until",
    "gross_minor",
    "tax_minor",
    "deductions_minor",
    "net_minor",
    "tax_regime",
    "tax_date",
)
SETTLED = {
    ACCRUAL: ("statement_id", "earned_minor", "reduced_minor", "leader_id"),
    DEDUCTION: ("statement_id", "amount_minor", "whole_minor", "leader_id", "supplier_id"),
    CORRECTION: ("statement_id", "amount_minor", "leader_id", "supplier_id"),
    DUE: ("statement_id", "amount_minor", "supplier_id"),
}


def _differs(columns: tuple[str, ...], is_distinct: str) -> str:
    return " OR ".join(f"NEW.{column} {is_distinct} OLD.{column}" for column in columns)


def _triggers(is_distinct: str) -> dict[str, tuple[str, str, str]]:
    """Name -> table, event, condition under which it is refused."""
    triggers = {
        "groupleader_statement_closed": (
            STATEMENT,
            "UPDATE",
            f"OLD.status <> 'draft' AND ({_differs(CLOSED, is_distinct)} OR NEW.status = 'draft')",
        ),
        "groupleader_statement_kept": (STATEMENT, "DELETE", "OLD.status <> 'draft'"),
    }
    for table, columns in SETTLED.items():
        name = table.removeprefix("groupleader_").removeprefix("commission")
        settled = f"OLD.statement_id IS NOT NULL AND ({_differs(columns, is_distinct)})"
        triggers[f"groupleader_{name}_settled"] = (table, "UPDATE", settled)
        triggers[f"groupleader_{name}_kept"] = (table, "DELETE", "OLD.statement_id IS NOT NULL")
    return triggers


def _create(_apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for name, (table, event, refused) in _triggers("IS NOT").items():
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {refused} "
                f"BEGIN SELECT RAISE(ABORT, 'a closed statement never changes'); END"
            )
        return
    for name, (table, event, refused) in _triggers("IS DISTINCT FROM").items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({refused}) "
            "EXECUTE FUNCTION groupleader_refuse()"
        )


def _drop(_apps, schema_editor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    tables = set(schema_editor.connection.introspection.table_names())
    for name, (table, _event, _refused) in _triggers("").items():
        if table in tables:
            on = "" if is_sqlite else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


class Migration(migrations.Migration):
    dependencies = [
        ("groupleader", "0004_commission"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunPython(_drop, _create),
        migrations.CreateModel(
            name='SupplierAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payee_bank', models.CharField(blank=True, max_length=60, verbose_name='bank')),
                ('payee_name', models.CharField(blank=True, max_length=60, verbose_name='account holder')),
                ('payee_account_sealed', models.TextField(blank=True, editable=False, verbose_name='account number, sealed')),
                ('payee_last4', models.CharField(blank=True, max_length=4, verbose_name='last four digits')),
                ('payee_changed_at', models.DateTimeField(blank=True, null=True, verbose_name='account changed at')),
                ('settlement_period', models.CharField(blank=True, choices=[('day', 'Every day'), ('week', 'Every week'), ('half_month', 'Twice a month'), ('month', 'Every month')], help_text="Empty: as the shop's settings say.", max_length=12, verbose_name='settled')),
                ('supplier_ref', models.CharField(max_length=64, unique=True, verbose_name='label in the books')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('is_settled', models.BooleanField(default=True, help_text="Off: it is paid by the acquirer's split, or by hand.", verbose_name='settled by statements')),
            ],
            options={
                'verbose_name': "supplier's account",
                'verbose_name_plural': "suppliers' accounts",
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('payee_account_sealed', ''), ('payee_last4', '')), models.Q(models.Q(('payee_account_sealed', ''), _negated=True), models.Q(('payee_last4', ''), _negated=True)), _connector='OR'), name='groupleader_supplier_payee_whole')],
            },
        ),
        migrations.CreateModel(
            name='Deduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('case', 'Responsibility for a complaint'), ('fee', 'Transfer fee'), ('service', 'Service fee')], max_length=12, verbose_name='kind')),
                ('key', models.CharField(max_length=100, unique=True, verbose_name='what it is of')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount (fen)')),
                ('whole_minor', models.BigIntegerField(verbose_name='whole amount (fen)')),
                ('case_no', models.CharField(blank=True, db_index=True, max_length=32, verbose_name='case')),
                ('order_no', models.CharField(blank=True, max_length=32, verbose_name='order number')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deductions', to='groupleader.leader', verbose_name='leader')),
                ('part_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='groupleader.deduction', verbose_name='part of')),
                ('statement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deductions', to='groupleader.settlementstatement', verbose_name='statement')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deductions', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': 'deduction',
                'verbose_name_plural': 'deductions',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['leader', 'statement'], name='groupleader_deduction_leader'), models.Index(fields=['supplier', 'statement'], name='groupleader_deduction_supplier')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('leader__isnull', False), ('supplier__isnull', True)), models.Q(('leader__isnull', True), ('supplier__isnull', False)), _connector='OR'), name='groupleader_deduction_party'), models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0), ('whole_minor__gte', models.F('amount_minor'))), name='groupleader_deduction_positive')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('correction_no', models.CharField(max_length=32, unique=True, verbose_name='correction number')),
                ('amount_minor', models.BigIntegerField(help_text='Below zero: it is taken back.', verbose_name='amount (fen)')),
                ('reason', models.CharField(max_length=400, verbose_name='reason')),
                ('key', models.CharField(max_length=64, unique=True, verbose_name='asked for as')),
                ('status', models.CharField(choices=[('proposed', 'Waiting for a second person'), ('approved', 'Counts'), ('refused', 'Refused')], default='proposed', max_length=10, verbose_name='status')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('needs_two', models.BooleanField(verbose_name='needs a second person')),
                ('about', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='groupleader.settlementstatement', verbose_name='corrects statement')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('leader', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='groupleader.leader', verbose_name='leader')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('statement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='groupleader.settlementstatement', verbose_name='statement')),
                ('supplier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['-pk'],
                'permissions': [('approve_correction', 'Can approve corrections')],
                'indexes': [models.Index(fields=['leader', 'status'], name='groupleader_correction_leader'), models.Index(fields=['supplier', 'status'], name='groupleader_correction_suppl')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('leader__isnull', False), ('supplier__isnull', True)), models.Q(('leader__isnull', True), ('supplier__isnull', False)), _connector='OR'), name='groupleader_correction_party'), models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='groupleader_correction_not_nothing'), models.CheckConstraint(condition=models.Q(('statement__isnull', True), ('status', 'approved'), _connector='OR'), name='groupleader_correction_settled'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('needs_two', False), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='groupleader_correction_two')],
            },
        ),
        migrations.CreateModel(
            name='SupplierDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('goods', 'Goods collected'), ('undone', 'Hand-over undone'), ('returned', 'Cost of goods refunded'), ('voucher', 'Voucher redeemed')], max_length=10, verbose_name='kind')),
                ('key', models.CharField(max_length=120, unique=True, verbose_name='what it is of')),
                ('order_no', models.CharField(blank=True, db_index=True, max_length=32, verbose_name='order number')),
                ('line_id', models.CharField(blank=True, db_index=True, max_length=40, verbose_name='order line')),
                ('title', models.CharField(blank=True, max_length=255, verbose_name='goods')),
                ('quantity', models.IntegerField(default=0, verbose_name='quantity')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount (fen)')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('due_at', models.DateTimeField(verbose_name='settled from')),
                ('statement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dues', to='groupleader.settlementstatement', verbose_name='statement')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dues', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': "supplier's line",
                'verbose_name_plural': "suppliers' lines",
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('statement__isnull', True)), fields=['supplier', 'due_at'], name='groupleader_due_open'), models.Index(fields=['supplier', '-at'], name='groupleader_due_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='groupleader_due_not_nothing')],
            },
        ),
        migrations.CreateModel(
            name='SupplierTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fee_rate', models.DecimalField(decimal_places=4, help_text='0.1 is ten percent.', max_digits=5, verbose_name='service fee')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, help_text='The last day; empty: without end.', null=True, verbose_name='valid until')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='groupleader.supplieraccount', verbose_name='supplier')),
            ],
            options={
                'verbose_name': "supplier's terms",
                'verbose_name_plural': "suppliers' terms",
                'ordering': ['supplier', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('supplier', 'valid_from'), name='groupleader_terms_one_a_day'), models.CheckConstraint(condition=models.Q(('fee_rate__gte', 0), ('fee_rate__lte', 1)), name='groupleader_terms_fee_sane'), models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='groupleader_terms_days')],
            },
        ),
        migrations.CreateModel(
            name='StatementMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('party', 'Leader or supplier'), ('finance', 'Finance')], max_length=10, verbose_name='side')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('text', models.CharField(max_length=1000, verbose_name='text')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('accrual', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='groupleader.commissionaccrual', verbose_name='about line')),
                ('by', models.ForeignKey(help_text='Empty when a supplier wrote through its link.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='groupleader.settlementstatement', verbose_name='statement')),
                ('due', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='groupleader.supplierdue', verbose_name='about line')),
            ],
            options={
                'verbose_name': 'message about a statement',
                'verbose_name_plural': 'messages about statements',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('accrual__isnull', True), ('due__isnull', True), _connector='OR'), name='groupleader_message_one_line')],
            },
        ),
        migrations.CreateModel(
            name='StatementPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('file', models.FileField(max_length=120, storage=groupleader.models.talks.PaperStorage(), upload_to=groupleader.models.talks.paper_path, verbose_name='file')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='groupleader.statementmessage', verbose_name='message')),
            ],
            options={
                'verbose_name': 'paper about a statement',
                'verbose_name_plural': 'papers about statements',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='TaxIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_name', models.CharField(max_length=60, verbose_name='name on the identity card')),
                ('number_sealed', models.TextField(editable=False, verbose_name='identity number, sealed')),
                ('last4', models.CharField(max_length=4, verbose_name='last four digits')),
                ('entered_at', models.DateTimeField(verbose_name='entered at')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('leader', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='tax_identity', to='groupleader.leader', verbose_name='leader')),
            ],
            options={
                'verbose_name': 'tax identity',
                'verbose_name_plural': 'tax identities',
                'ordering': ['leader'],
            },
        ),
        migrations.CreateModel(
            name='TaxReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.CharField(max_length=7, unique=True, verbose_name='quarter')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('people', models.PositiveIntegerField(verbose_name='people')),
                ('gross_minor', models.BigIntegerField(verbose_name='income (fen)')),
                ('tax_minor', models.BigIntegerField(verbose_name='tax withheld (fen)')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the lines')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
            ],
            options={
                'verbose_name': 'report to the tax office',
                'verbose_name_plural': 'reports to the tax office',
                'ordering': ['-quarter'],
                'permissions': [('open_taxreport', "Can open the tax office's file")],
            },
        ),
        migrations.CreateModel(
            name='TaxReportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('number_sealed', models.TextField(blank=True, editable=False, verbose_name='identity number, sealed')),
                ('tax_regime', models.CharField(max_length=24, verbose_name='taxed as')),
                ('orders', models.PositiveIntegerField(verbose_name='orders')),
                ('earned_minor', models.BigIntegerField(verbose_name='earned (fen)')),
                ('taken_back_minor', models.BigIntegerField(verbose_name='taken back by refunds (fen)')),
                ('gross_minor', models.BigIntegerField(verbose_name='income (fen)')),
                ('deductions_minor', models.BigIntegerField(verbose_name='deductions (fen)')),
                ('tax_minor', models.BigIntegerField(verbose_name='tax withheld (fen)')),
                ('net_minor', models.BigIntegerField(verbose_name='net (fen)')),
                ('leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='groupleader.leader', verbose_name='leader')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='groupleader.taxreport', verbose_name='report')),
            ],
            options={
                'verbose_name': 'line of a report to the tax office',
                'verbose_name_plural': 'lines of reports to the tax office',
                'ordering': ['leader'],
                'constraints': [models.UniqueConstraint(fields=('report', 'leader'), name='groupleader_taxrow_one_a_person'), models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('earned_minor'), '-', models.F('taken_back_minor'))), ('net_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('gross_minor'), '-', models.F('tax_minor')), '-', models.F('deductions_minor')))), name='groupleader_taxrow_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='TaxFileOpened',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('form', models.CharField(max_length=4, verbose_name='file')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opened', to='groupleader.taxreport', verbose_name='report')),
            ],
            options={
                'verbose_name': "opening of the tax office's file",
                'verbose_name_plural': "openings of the tax office's file",
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='TaxRemittance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.CharField(max_length=7, unique=True, verbose_name='month')),
                ('amount_minor', models.BigIntegerField(verbose_name='amount (fen)')),
                ('people', models.PositiveIntegerField(verbose_name='people')),
                ('paid_on', models.DateField(verbose_name='paid on')),
                ('receipt_no', models.CharField(max_length=40, verbose_name='number of the tax receipt')),
                ('proof', models.FileField(max_length=120, storage=groupleader.models.talks.PaperStorage(), upload_to=groupleader.models.talks.paper_path, verbose_name='proof')),
                ('prepared_at', models.DateTimeField(verbose_name='prepared at')),
                ('booked_at', models.DateTimeField(null=True, verbose_name='booked at')),
                ('booked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='booked by')),
                ('prepared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
            ],
            options={
                'verbose_name': 'tax remittance',
                'verbose_name_plural': 'tax remittances',
                'ordering': ['-month'],
                'permissions': [('book_taxremittance', 'Can book tax remittances another prepared')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='groupleader_remittance_positive'), models.CheckConstraint(condition=models.Q(('booked_by__isnull', True), models.Q(('booked_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='groupleader_remittance_two')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='settlementstatement',
            name='groupleader_statement_adds_up',
        ),
        migrations.AddField(
            model_name='leader',
            name='settlement_period',
            field=models.CharField(blank=True, choices=[('day', 'Every day'), ('week', 'Every week'), ('half_month', 'Twice a month'), ('month', 'Every month')], help_text="Empty: as the shop's settings say.", max_length=12, verbose_name='settled'),
        ),
        migrations.AddField(
            model_name='settlementstatement',
            name='since',
            field=models.DateTimeField(help_text='Where the statement before it ended.', null=True, verbose_name='from'),
        ),
        migrations.AlterField(
            model_name='settlementstatement',
            name='asked_at',
            field=models.DateTimeField(null=True, verbose_name='asked at'),
        ),
        migrations.AlterField(
            model_name='settlementstatement',
            name='leader',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='groupleader.leader', verbose_name='leader'),
        ),
        migrations.AlterField(
            model_name='settlementstatement',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('issued', 'Waiting for confirmation'), ('confirmed', 'Confirmed'), ('disputed', 'Disputed'), ('answered', 'Answered, waiting for confirmation'), ('approved', 'Approved'), ('paying', 'Being paid'), ('paid', 'Paid out'), ('failed', 'Payment failed')], default='draft', max_length=12, verbose_name='status'),
        ),
        migrations.AddIndex(
            model_name='commissionaccrual',
            index=models.Index(condition=models.Q(('status', 'available')), fields=['leader', 'available_at'], name='groupleader_accrual_free'),
        ),
        migrations.AddField(
            model_name='settlementstatement',
            name='supplier',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='groupleader.supplieraccount', verbose_name='supplier'),
        ),
        migrations.AddConstraint(
            model_name='settlementstatement',
            constraint=models.UniqueConstraint(fields=('supplier', 'period'), name='groupleader_statement_supplier'),
        ),
        migrations.AddConstraint(
            model_name='settlementstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('leader__isnull', False), ('supplier__isnull', True)), models.Q(('leader__isnull', True), ('supplier__isnull', False)), _connector='OR'), name='groupleader_statement_party'),
        ),
        migrations.AddConstraint(
            model_name='settlementstatement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deductions_minor__isnull', True), ('gross_minor__isnull', True), ('net_minor__isnull', True), ('status', 'draft'), ('tax_minor__isnull', True)), models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('tax_minor')), '+', models.F('deductions_minor'))), ('deductions_minor__gte', 0), ('gross_minor__gt', 0), ('tax_minor__gte', 0), ('issued_at__isnull', False), ('net_minor__gte', 0), ('tax_date__isnull', False), ('deductions_minor__isnull', False), ('gross_minor__isnull', False), ('net_minor__isnull', False), ('tax_minor__isnull', False), models.Q(('status', 'draft'), _negated=True)), _connector='OR'), name='groupleader_statement_adds_up'),
        ),
        migrations.RunPython(_create, _drop),
    ]
