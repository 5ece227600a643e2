"""Cases, their story and money, reasons to choose from, recalls of batches."""

from __future__ import annotations

import django.db.models.deletion
import mall.aftersales.models.photos
from django.conf import settings
from django.db import migrations, models


# What residents choose from at first; the mall changes the list in its admin.
REASONS = [
    ("rotten", "quality", "变质、发霉、腐烂", "Rotten or mouldy", "supplier", True),
    ("not-fresh", "quality", "不新鲜、品质不符", "Not fresh, not as described", "supplier", True),
    ("broken", "quality", "破损、压坏、漏液", "Broken, crushed or leaking", "courier", True),
    ("not-kept-cold", "quality", "冷藏冷冻品化冻、变温", "Thawed or not kept cold", "leader", True),
    ("missing", "missing", "袋里少件、漏发", "Missing from the bag", "leader", False),
    ("wrong-goods", "wrong", "发错商品、规格不对", "Other goods than I ordered", "platform", True),
    ("too-light", "weight", "分量不足", "Lighter than it should be", "supplier", True),
    ("changed-mind", "mind", "不想要了", "I changed my mind", "platform", False),
    ("other", "other", "其他问题", "Something else", "platform", True),
]


def write_reasons(apps, _editor):
    reason = apps.get_model("aftersales", "CaseReason")
    reason.objects.bulk_create(
        reason(
            code=code,
            kind=kind,
            name=name,
            name_en=name_en,
            bearer=bearer,
            needs_photo=needs_photo,
            position=number * 10,
        )
        for number, (code, kind, name, name_en, bearer, needs_photo) in enumerate(REASONS, start=1)
    )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('mall_catalogue', '0003_suppliers'),
        ('ordering', '0005_changes'),
        ('partner', '0007_partneraddress_code'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=30, unique=True, verbose_name='code')),
                ('kind', models.CharField(choices=[('quality', 'Not good'), ('missing', 'Missing from the bag'), ('wrong', 'Other goods than ordered'), ('weight', 'Lighter than it should be'), ('mind', 'Changed my mind'), ('other', 'Something else')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(max_length=30, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=60, verbose_name='English name')),
                ('bearer', models.CharField(choices=[('supplier', 'supplier'), ('platform', 'platform'), ('leader', 'group leader'), ('courier', 'courier')], help_text='Proposed for every case; whoever decides at the mall may say otherwise.', max_length=8, verbose_name='borne by')),
                ('needs_photo', models.BooleanField(default=True, verbose_name='photo needed')),
                ('hours', models.PositiveSmallIntegerField(blank=True, help_text='Empty: as long as goods of this storage may be complained about.', null=True, verbose_name='hours after collection')),
                ('is_active', models.BooleanField(default=True, verbose_name='offered')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='position')),
            ],
            options={
                'verbose_name': 'reason of a case',
                'verbose_name_plural': 'reasons of cases',
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('hours', None), ('hours__gt', 0), _connector='OR'), name='aftersales_casereason_some_time', violation_error_message='Leave it empty, or give at least one hour.')],
            },
        ),
        migrations.CreateModel(
            name='AfterSalesCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case_no', models.CharField(max_length=20, unique=True, verbose_name='case number')),
                ('idem_key', models.CharField(max_length=64, verbose_name="form's key")),
                ('kind', models.CharField(choices=[('quality', 'Not good'), ('missing', 'Missing from the bag'), ('wrong', 'Other goods than ordered'), ('weight', 'Lighter than it should be'), ('mind', 'Changed my mind'), ('other', 'Something else')], max_length=8, verbose_name='kind')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='what happened')),
                ('asked_quantity', models.PositiveIntegerField(default=0, verbose_name='pieces asked for')),
                ('asked_minor', models.PositiveBigIntegerField(verbose_name='asked (fen)')),
                ('paid_minor', models.PositiveBigIntegerField(verbose_name='paid for the line (fen)')),
                ('status', models.CharField(choices=[('requested', 'To be decided'), ('approved', 'Waits for a second person'), ('rejected', 'Rejected'), ('refunding', 'Refund on its way'), ('refunded', 'Refunded'), ('cancelled', 'Withdrawn')], default='requested', max_length=10, verbose_name='status')),
                ('turn', models.CharField(blank=True, choices=[('leader', 'group leader'), ('mall', 'the mall'), ('resident', 'resident'), ('second', 'a second person'), ('', 'nobody')], default='leader', max_length=8, verbose_name='whose turn')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due at')),
                ('passed', models.CharField(blank=True, choices=[('', '–'), ('leader', 'Passed on by the leader'), ('silence', 'The leader did not answer in time'), ('appeal', 'The resident appealed'), ('own', "The leader's own order"), ('declined', 'The resident declined an offer'), ('lapsed', 'An offer was not answered in time')], default='', max_length=8, verbose_name='why the mall decides')),
                ('given_quantity', models.PositiveIntegerField(default=0, verbose_name='pieces given back for')),
                ('given_minor', models.PositiveBigIntegerField(default=0, verbose_name='to the resident (fen)')),
                ('value_minor', models.PositiveBigIntegerField(default=0, verbose_name='in all (fen)')),
                ('cost_minor', models.PositiveBigIntegerField(default=0, verbose_name='not owed to the supplier (fen)')),
                ('bearer', models.CharField(choices=[('supplier', 'supplier'), ('platform', 'platform'), ('leader', 'group leader'), ('courier', 'courier')], max_length=8, verbose_name='borne by')),
                ('decision_text', models.CharField(blank=True, max_length=300, verbose_name='reason in words')),
                ('decided_by_leader', models.BooleanField(default=False, verbose_name='decided by the leader')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('needs_second', models.BooleanField(default=False, verbose_name='needs two people')),
                ('counted_on', models.DateField(blank=True, null=True, verbose_name='counted on')),
                ('appealed_at', models.DateTimeField(blank=True, null=True, verbose_name='appealed at')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
                ('refund_failed_at', models.DateTimeField(blank=True, null=True, verbose_name='refund failed at')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases_confirmed', to=settings.AUTH_USER_MODEL, verbose_name='second person')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases_decided', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases_led', to=settings.AUTH_USER_MODEL, verbose_name='group leader')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='ordering.linefulfilment', verbose_name='order line')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases_opened', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='ordering.orderfulfilment', verbose_name='order')),
                ('resident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL, verbose_name='resident')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='partner.partner', verbose_name='supplier')),
                ('reason', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='aftersales.casereason', verbose_name='reason')),
            ],
            options={
                'verbose_name': 'after-sales case',
                'verbose_name_plural': 'after-sales cases',
                'ordering': ['-opened_at', '-pk'],
                'permissions': [('decide_aftersalescase', 'Can decide after-sales cases'), ('confirm_aftersalescase', 'Can be the second person of an after-sales case'), ('compensate_aftersalescase', 'Can give goodwill beyond a refund')],
            },
        ),
        migrations.CreateModel(
            name='CaseStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('opened', 'Case opened'), ('photos', 'Photos added'), ('passed', 'Passed on to the mall'), ('offered', 'Another amount offered'), ('accepted', 'Offer accepted'), ('declined', 'Offer declined'), ('approved', 'Approved'), ('confirmed', 'Confirmed by a second person'), ('sent_back', 'Not confirmed by the second person'), ('rejected', 'Rejected'), ('appealed', 'Appealed to the mall'), ('withdrawn', 'Withdrawn'), ('overtaken', 'Everything had gone back already'), ('refund_failed', 'The refund was refused by the bank'), ('refunded', 'Refunded'), ('compensated', 'Goodwill given')], max_length=14, verbose_name='step')),
                ('role', models.CharField(choices=[('resident', 'resident'), ('leader', 'group leader'), ('mall', 'the mall'), ('clock', 'by itself')], max_length=8, verbose_name='as')),
                ('minor', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='amount (fen)')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='aftersales.aftersalescase', verbose_name='case')),
            ],
            options={
                'verbose_name': 'step of a case',
                'verbose_name_plural': 'steps of cases',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Compensation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minor', models.PositiveBigIntegerField(verbose_name='to the resident (fen)')),
                ('value_minor', models.PositiveBigIntegerField(verbose_name='in all (fen)')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('key', models.CharField(max_length=64, verbose_name="form's key")),
                ('refund_no', models.CharField(max_length=32, unique=True, verbose_name='refund')),
                ('counted_on', models.DateField(verbose_name='counted on')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='compensations', to='aftersales.aftersalescase', verbose_name='case')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='compensations_given', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
            ],
            options={
                'verbose_name': 'goodwill',
                'verbose_name_plural': 'goodwill',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='DecisionAllowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('cases', 'Cases decided by a leader'), ('goodwill', 'Goodwill given')], max_length=8, verbose_name='what')),
                ('day', models.DateField(verbose_name='day')),
                ('used_minor', models.PositiveBigIntegerField(default=0, verbose_name='used (fen)')),
                ('limit_minor', models.PositiveBigIntegerField(verbose_name='limit (fen)')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decision_allowances', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': "day's decisions of a person",
                'verbose_name_plural': "days' decisions of persons",
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('proposed', 'waits for a second person'), ('running', 'being carried out'), ('done', 'carried out'), ('withdrawn', 'not carried out')], default='proposed', max_length=10, verbose_name='status')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('collected', models.CharField(choices=[('refund', 'All of their money'), ('tell', 'A message only')], default='refund', max_length=8, verbose_name='goods taken home')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('is_listed', models.BooleanField(default=False, verbose_name='all lines are written down')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='mall_catalogue.batch', verbose_name='batch')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recalls_proposed', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recalls_started', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'recall',
                'verbose_name_plural': 'recalls',
                'ordering': ['-pk'],
                'permissions': [('start_recall', 'Can start a recall that another person proposed')],
            },
        ),
        migrations.CreateModel(
            name='RecallLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'to be done'), ('refunded', 'refunded and told'), ('told', 'told'), ('nothing', 'nothing was left to give back; told'), ('failed', 'failed')], default='waiting', max_length=8, verbose_name='state')),
                ('quantity', models.PositiveIntegerField(default=0, verbose_name='quantity')),
                ('minor', models.PositiveBigIntegerField(default=0, verbose_name='to the resident (fen)')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
                ('was_collected', models.BooleanField(default=False, verbose_name='had been collected')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('at', models.DateTimeField(blank=True, null=True, verbose_name='at')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='ordering.linefulfilment', verbose_name='order line')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='ordering.orderfulfilment', verbose_name='order')),
                ('recall', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='aftersales.recall', verbose_name='recall')),
            ],
            options={
                'verbose_name': 'order line called back',
                'verbose_name_plural': 'order lines called back',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='CaseMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('resident', 'resident'), ('leader', 'group leader'), ('mall', 'the mall'), ('clock', 'by itself')], max_length=8, verbose_name='as')),
                ('text', models.CharField(max_length=500, verbose_name='message')),
                ('key', models.CharField(max_length=64, verbose_name="form's key")),
                ('at', models.DateTimeField(verbose_name='at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='case_messages', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='aftersales.aftersalescase', verbose_name='case')),
            ],
            options={
                'verbose_name': 'message of a case',
                'verbose_name_plural': 'messages of cases',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('case', 'author', 'key'), name='aftersales_message_once')],
            },
        ),
        migrations.CreateModel(
            name='CasePhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32, unique=True, verbose_name='name')),
                ('file', models.FileField(max_length=120, storage=mall.aftersales.models.photos.PhotoStorage(), upload_to=mall.aftersales.models.photos.photo_path, verbose_name='file')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='aftersales.aftersalescase', verbose_name='case')),
            ],
            options={
                'verbose_name': 'photo of a case',
                'verbose_name_plural': 'photos of cases',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('case', 'position'), name='aftersales_photo_place_once'), models.CheckConstraint(condition=models.Q(('position__gte', 1), ('position__lte', 6)), name='aftersales_photo_six_at_most')],
            },
        ),
        migrations.AddIndex(
            model_name='aftersalescase',
            index=models.Index(fields=['resident', '-opened_at'], name='aftersales_case_of_resident'),
        ),
        migrations.AddIndex(
            model_name='aftersalescase',
            index=models.Index(fields=['leader', 'status', 'due_at'], name='aftersales_case_of_leader'),
        ),
        migrations.AddIndex(
            model_name='aftersalescase',
            index=models.Index(condition=models.Q(('status', 'requested')), fields=['due_at'], name='aftersales_case_due'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['requested', 'approved'])), fields=('line',), name='aftersales_case_one_open_per_line'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.UniqueConstraint(fields=('resident', 'idem_key'), name='aftersales_case_asked_once'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.UniqueConstraint(condition=models.Q(('refund_no', ''), _negated=True), fields=('refund_no',), name='aftersales_case_refund_of_one'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.CheckConstraint(condition=models.Q(('asked_minor__lte', models.F('paid_minor')), ('given_minor__lte', models.F('paid_minor')), ('cost_minor__gte', 0), ('given_minor__lte', models.F('value_minor'))), name='aftersales_case_within_what_was_paid'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('needs_second', True), ('status__in', ['refunding', 'refunded']), _negated=True), models.Q(('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('decided_by')), _negated=True)), _connector='OR'), name='aftersales_case_two_people'),
        ),
        migrations.AddConstraint(
            model_name='aftersalescase',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['refunding', 'refunded']), ('refund_no', ''), _connector='OR'), name='aftersales_case_refund_when_decided'),
        ),
        migrations.AddConstraint(
            model_name='compensation',
            constraint=models.UniqueConstraint(fields=('case', 'key'), name='aftersales_compensation_once'),
        ),
        migrations.AddConstraint(
            model_name='compensation',
            constraint=models.CheckConstraint(condition=models.Q(('minor__lte', models.F('value_minor')), ('value_minor__gt', 0)), name='aftersales_compensation_gives_something'),
        ),
        migrations.AddConstraint(
            model_name='decisionallowance',
            constraint=models.UniqueConstraint(fields=('what', 'person', 'day'), name='aftersales_allowance_one_a_day'),
        ),
        migrations.AddConstraint(
            model_name='decisionallowance',
            constraint=models.CheckConstraint(condition=models.Q(('used_minor__lte', models.F('limit_minor'))), name='aftersales_allowance_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'withdrawn'), _negated=True), fields=('batch',), name='aftersales_recall_one_per_batch'),
        ),
        migrations.AddConstraint(
            model_name='recall',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'withdrawn']), models.Q(('started_by__isnull', False), models.Q(('started_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='aftersales_recall_two_people'),
        ),
        migrations.AddIndex(
            model_name='recallline',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['recall', 'id'], name='aftersales_recallline_to_do'),
        ),
        migrations.AddIndex(
            model_name='recallline',
            index=models.Index(fields=['recall', 'order'], name='aftersales_recallline_order'),
        ),
        migrations.AddConstraint(
            model_name='recallline',
            constraint=models.UniqueConstraint(fields=('recall', 'line'), name='aftersales_recallline_once'),
        ),
        migrations.RunPython(write_reasons, migrations.RunPython.noop),
    ]
