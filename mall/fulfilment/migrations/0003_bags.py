"""Weights, collections in part, and what happens to bags nobody collects."""

from __future__ import annotations

import datetime
from datetime import time

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import mall.fulfilment.models.overdue
import mall.fulfilment.models.weighings
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

FIRST = (
    {
        "storage_class": "chilled",
        "keep_days": 0,
        "keep_until": time(22),
        "remind_hours": [3, 1],
        "outcome": "part",
        "back_percent": 50,
        "extension_hours": 12,
        "text": "冷藏商品仅保留至提货当日22:00，逾期未取为保证食品安全将作销毁处理，退还一半货款。",
        "text_en": (
            "Chilled goods are kept until 22:00 of the pickup day. What is not collected by then is "
            "disposed of, and half of its price goes back."
        ),
    },
    {
        "storage_class": "frozen",
        "keep_days": 1,
        "keep_until": time(20),
        "remind_hours": [12, 2],
        "outcome": "part",
        "back_percent": 50,
        "extension_hours": 24,
        "text": "冷冻商品保留至提货次日20:00，逾期未取将作销毁处理，退还一半货款。",
        "text_en": (
            "Frozen goods are kept until 20:00 of the day after pickup. What is not collected by "
            "then is disposed of, and half of its price goes back."
        ),
    },
    {
        "storage_class": "ambient",
        "keep_days": 3,
        "keep_until": time(20),
        "remind_hours": [48, 24, 3],
        "outcome": "return",
        "extension_hours": 72,
        "text": "常温商品保留3天，至第3天20:00；逾期未取将退回商城，货款全额退还。",
        "text_en": (
            "Other goods are kept for three days, until 20:00 of the third. What is not collected "
            "by then goes back to the mall, and so does your money."
        ),
    },
)


def write_first_policies(apps, schema_editor):
    """Begin with rules a small operator can live with; orders placed before have none."""
    at = timezone.now()
    policies = apps.get_model("fulfilment", "OverduePolicy").objects
    policies.bulk_create(policies.model(valid_from=at, **each) for each in FIRST)


def forget_policies(apps, schema_editor):
    """Go with the tables."""


class Migration(migrations.Migration):
    dependencies = [
        ("fulfilment", "0002_day"),
        ("ordering", "0005_changes"),
        ("pickup", "0002_capacity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AskedOften',
            fields=[
                ('subject', models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name='who')),
                ('started_at', models.DateTimeField(verbose_name='since')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='how often')),
            ],
            options={
                'verbose_name': 'requests counted',
                'verbose_name_plural': 'requests counted',
            },
        ),
        migrations.CreateModel(
            name='CollectionLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(verbose_name='quantity')),
            ],
            options={
                'verbose_name': 'pieces handed over',
                'verbose_name_plural': 'pieces handed over',
            },
        ),
        migrations.CreateModel(
            name='LineAtPoint',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='at_point', serialize=False, to='ordering.linefulfilment', verbose_name='line')),
                ('received', models.PositiveIntegerField(verbose_name='came')),
                ('collected', models.PositiveIntegerField(default=0, verbose_name='handed over')),
                ('disposed', models.PositiveIntegerField(default=0, verbose_name='not collected in time')),
            ],
            options={
                'verbose_name': 'line at the pickup point',
                'verbose_name_plural': 'lines at the pickup point',
            },
        ),
        migrations.CreateModel(
            name='OverdueBag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage_class', models.CharField(choices=[('ambient', 'Room temperature'), ('chilled', 'Chilled 0–4 °C'), ('frozen', 'Frozen −18 °C')], max_length=10, verbose_name='storage')),
                ('until', models.DateTimeField(verbose_name='kept until')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next step at')),
                ('reminded', models.PositiveSmallIntegerField(default=0, verbose_name='reminders sent')),
                ('extended_hours', models.PositiveSmallIntegerField(default=0, verbose_name='kept longer for hours')),
                ('extension_reason', models.CharField(blank=True, max_length=120, verbose_name='why kept longer')),
                ('called_at', models.DateTimeField(blank=True, null=True, verbose_name='called at')),
                ('ended', models.CharField(blank=True, choices=[('collected', 'Collected'), ('refund', 'Disposed of, all money back'), ('part', 'Disposed of, a part of the money back'), ('nothing', 'Disposed of, no money back'), ('return', 'Sent back to the mall, money back'), ('gone', 'Given back otherwise')], max_length=10, verbose_name='how it ended')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('pieces', models.PositiveIntegerField(default=0, verbose_name='pieces not collected')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
            ],
            options={
                'verbose_name': 'bag that waits',
                'verbose_name_plural': 'bags that wait',
                'ordering': ['until', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='OverduePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage_class', models.CharField(choices=[('ambient', 'Room temperature'), ('chilled', 'Chilled 0–4 °C'), ('frozen', 'Frozen −18 °C')], max_length=10, verbose_name='storage')),
                ('keep_days', models.PositiveSmallIntegerField(default=0, help_text='After the pickup day; 0: until the evening of the same day.', validators=[django.core.validators.MaxValueValidator(30)], verbose_name='kept for days')),
                ('keep_until', models.TimeField(default=datetime.time(22, 0), verbose_name='kept until')),
                ('remind_hours', models.JSONField(blank=True, default=list, help_text='For example [24, 3].', validators=[mall.fulfilment.models.overdue.check_hours], verbose_name='reminders, hours before the end')),
                ('outcome', models.CharField(choices=[('refund', 'Disposed of, all money back'), ('part', 'Disposed of, a part of the money back'), ('nothing', 'Disposed of, no money back'), ('return', 'Sent back to the mall, money back')], max_length=8, verbose_name='what then')),
                ('back_percent', models.PositiveSmallIntegerField(default=100, help_text='Counts where a part of the money goes back.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='of the money back (%)')),
                ('fee_minor', models.PositiveIntegerField(default=0, help_text='Kept of the money that goes back; nothing more is ever charged.', verbose_name='storage fee (fen)')),
                ('extension_hours', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(240)], verbose_name='the leader may keep it longer for hours')),
                ('text', models.CharField(help_text="Shown before they order and on the order's page.", max_length=200, verbose_name='what residents read')),
                ('text_en', models.CharField(blank=True, max_length=300, verbose_name='the same in English')),
                ('valid_from', models.DateTimeField(editable=False, verbose_name='for orders placed from')),
            ],
            options={
                'verbose_name': 'rule for bags not collected',
                'verbose_name_plural': 'rules for bags not collected',
                'ordering': ['storage_class', '-valid_from', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ScaleDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device_no', models.CharField(editable=False, max_length=20, unique=True, verbose_name='device number')),
                ('name', models.CharField(help_text='Where it stands: depot, table 2.', max_length=60, verbose_name='name')),
                ('is_at_depot', models.BooleanField(default=False, help_text='Then it weighs the goods of every point, until they arrive there.', verbose_name='stands at the depot')),
                ('key_hash', models.CharField(editable=False, max_length=64, verbose_name='key')),
                ('old_key_hash', models.CharField(blank=True, editable=False, max_length=64, verbose_name='key before')),
                ('old_key_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='key before valid until')),
                ('made_at', models.DateTimeField(editable=False, verbose_name='created at')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked at')),
                ('last_seen_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last heard of')),
            ],
            options={
                'verbose_name': 'scale',
                'verbose_name_plural': 'scales',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TraceCode',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='trace_code', serialize=False, to='ordering.linefulfilment', verbose_name='line')),
                ('code', models.CharField(max_length=16, unique=True, verbose_name='code')),
            ],
            options={
                'verbose_name': 'trace code',
                'verbose_name_plural': 'trace codes',
            },
        ),
        migrations.CreateModel(
            name='Weighing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('piece', models.PositiveSmallIntegerField(default=0, help_text='Which bag of the line; 0: all of it together.', verbose_name='piece')),
                ('grams', models.PositiveIntegerField(verbose_name='net weight (grams)')),
                ('tare_grams', models.PositiveIntegerField(default=0, verbose_name='tare (grams)')),
                ('typed', models.CharField(blank=True, max_length=60, verbose_name='as typed')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='reason')),
                ('photo', models.ImageField(blank=True, max_length=120, upload_to=mall.fulfilment.models.weighings._photo_path, verbose_name='photo')),
                ('pieces', models.PositiveIntegerField(verbose_name='pieces')),
                ('line_grams', models.PositiveIntegerField(blank=True, null=True, verbose_name='whole line (grams)')),
                ('off_minor', models.PositiveBigIntegerField(default=0, verbose_name='taken off with it (fen)')),
                ('off_whole_minor', models.PositiveBigIntegerField(default=0, verbose_name='taken off in all (fen)')),
                ('off_cost_minor', models.PositiveBigIntegerField(default=0, verbose_name='not owed to the supplier in all (fen)')),
                ('refund_no', models.CharField(blank=True, max_length=32, verbose_name='refund')),
                ('key', models.CharField(max_length=110, unique=True, verbose_name='wish')),
                ('body_hash', models.CharField(blank=True, max_length=64, verbose_name='what was sent')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
            ],
            options={
                'verbose_name': 'weighing',
                'verbose_name_plural': 'weighings',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='collection',
            name='fulfilment_collection_once_per_order',
        ),
        migrations.AddField(
            model_name='collection',
            name='is_last',
            field=models.BooleanField(default=True, verbose_name='took all that was left'),
        ),
        migrations.AddField(
            model_name='collection',
            name='key',
            field=models.CharField(blank=True, max_length=64, verbose_name='wish'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.UniqueConstraint(condition=models.Q(('is_last', True), ('undone_at', None)), fields=('order',), name='fulfilment_collection_once_per_order'),
        ),
        migrations.AddConstraint(
            model_name='collection',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('order', 'key'), name='fulfilment_collection_wish_once'),
        ),
        migrations.AddField(
            model_name='collectionline',
            name='collection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='fulfilment.collection', verbose_name='collection'),
        ),
        migrations.AddField(
            model_name='collectionline',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collection_lines', to='ordering.linefulfilment', verbose_name='line'),
        ),
        migrations.AddConstraint(
            model_name='lineatpoint',
            constraint=models.CheckConstraint(condition=models.Q(('received__gte', django.db.models.expressions.CombinedExpression(models.F('collected'), '+', models.F('disposed')))), name='fulfilment_lineatpoint_no_more_than_came'),
        ),
        migrations.AddField(
            model_name='overduebag',
            name='extended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overdue_bags_extended', to=settings.AUTH_USER_MODEL, verbose_name='kept longer by'),
        ),
        migrations.AddField(
            model_name='overduebag',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overdue_bags', to='ordering.orderfulfilment', verbose_name='order'),
        ),
        migrations.AddField(
            model_name='overduepolicy',
            name='made_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='overdue_policies', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='overduebag',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bags', to='fulfilment.overduepolicy', verbose_name='rule'),
        ),
        migrations.AddField(
            model_name='scaledevice',
            name='made_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='scales_made', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='scaledevice',
            name='points',
            field=models.ManyToManyField(blank=True, help_text='It weighs the goods of these points only.', related_name='scales', to='pickup.pickuppoint', verbose_name='pickup points'),
        ),
        migrations.AddField(
            model_name='weighing',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='weighings', to=settings.AUTH_USER_MODEL, verbose_name='weighed by'),
        ),
        migrations.AddField(
            model_name='weighing',
            name='device',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='weighings', to='fulfilment.scaledevice', verbose_name='scale'),
        ),
        migrations.AddField(
            model_name='weighing',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='weighings', to='ordering.linefulfilment', verbose_name='line'),
        ),
        migrations.AddField(
            model_name='weighing',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='weighings_undone', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
        ),
        migrations.AddConstraint(
            model_name='collectionline',
            constraint=models.UniqueConstraint(fields=('collection', 'line'), name='fulfilment_collectionline_once'),
        ),
        migrations.AddConstraint(
            model_name='collectionline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='fulfilment_collectionline_something'),
        ),
        migrations.AddConstraint(
            model_name='overduepolicy',
            constraint=models.UniqueConstraint(fields=('storage_class', 'valid_from'), name='fulfilment_policy_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='overduepolicy',
            constraint=models.CheckConstraint(condition=models.Q(('back_percent__lte', 100)), name='fulfilment_policy_gives_back_no_more'),
        ),
        migrations.AddIndex(
            model_name='overduebag',
            index=models.Index(condition=models.Q(('ended', '')), fields=['next_at'], name='fulfilment_overdue_due'),
        ),
        migrations.AddConstraint(
            model_name='overduebag',
            constraint=models.UniqueConstraint(fields=('order', 'storage_class'), name='fulfilment_overdue_once_per_class'),
        ),
        migrations.AddConstraint(
            model_name='overduebag',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended', ''), ('ended_at', None), ('next_at__isnull', False)), models.Q(models.Q(('ended', ''), _negated=True), ('ended_at__isnull', False), ('next_at', None)), _connector='OR'), name='fulfilment_overdue_open_or_ended'),
        ),
        migrations.AddConstraint(
            model_name='overduebag',
            constraint=models.CheckConstraint(condition=models.Q(('next_at', None), ('next_at__lte', models.F('until')), _connector='OR'), name='fulfilment_overdue_steps_before_the_end'),
        ),
        migrations.AddIndex(
            model_name='weighing',
            index=models.Index(fields=['line', 'id'], name='fulfilment_weighing_of_line'),
        ),
        migrations.AddConstraint(
            model_name='weighing',
            constraint=models.CheckConstraint(condition=models.Q(('grams__gt', 0)), name='fulfilment_weighing_has_weight'),
        ),
        migrations.AddConstraint(
            model_name='weighing',
            constraint=models.CheckConstraint(condition=models.Q(('by__isnull', False), ('device__isnull', False), _connector='OR'), name='fulfilment_weighing_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='weighing',
            constraint=models.CheckConstraint(condition=models.Q(('off_minor__lte', models.F('off_whole_minor'))), name='fulfilment_weighing_part_of_whole'),
        ),
        migrations.RunPython(write_first_policies, forget_policies),
    ]
