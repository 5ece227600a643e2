"""Keepers of points: who keeps one when, and who helps there."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keepers of points: who keeps one when, and who helps there."""

    dependencies = [
        ("banks", "0001_initial"),
        ("pickup", "0002_capacity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PointBreak',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField(verbose_name='on holiday from')),
                ('last_day', models.DateField(help_text='The last day of the holiday.', verbose_name='on holiday until')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='breaks', to='pickup.pickuppoint', verbose_name='pickup point')),
            ],
            options={
                'verbose_name': 'break of a pickup point',
                'verbose_name_plural': 'breaks of pickup points',
                'ordering': ['first_day', 'last_day'],
                'constraints': [models.UniqueConstraint(fields=('point', 'first_day', 'last_day'), name='pickup_break_once'), models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='pickup_break_in_order', violation_error_message='A holiday needs a first and a last day, in that order.')],
            },
        ),
        migrations.CreateModel(
            name='PointHandover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on_day', models.DateField(verbose_name='on the day')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('moving', 'Orders are following'), ('done', 'Handed over'), ('called_off', 'Called off')], default='planned', max_length=12, verbose_name='status')),
                ('keys', models.CharField(blank=True, max_length=200, verbose_name='keys and other things handed over')),
                ('groups_moved', models.PositiveIntegerField(default=0, verbose_name='groups that followed')),
                ('orders_moved', models.PositiveIntegerField(default=0, verbose_name='orders that followed')),
                ('planned_at', models.DateTimeField(verbose_name='decided at')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='handed over at')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('from_leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='from')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='pickup.pickuppoint', verbose_name='pickup point')),
                ('to_leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to')),
            ],
            options={
                'verbose_name': 'handover of a pickup point',
                'verbose_name_plural': 'handovers of pickup points',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['planned', 'moving'])), fields=('point',), name='pickup_handover_one_open'), models.CheckConstraint(condition=models.Q(('from_leader', models.F('to_leader')), _negated=True), name='pickup_handover_to_another'), models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'called_off']), models.Q(('status__in', ['moving', 'done']), ('taken_at__isnull', False)), _connector='OR'), name='pickup_handover_taken')],
            },
        ),
        migrations.CreateModel(
            name='PointHelper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=20, verbose_name='phone number')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='name')),
                ('invited_at', models.DateTimeField(verbose_name='invited at')),
                ('since', models.DateTimeField(blank=True, null=True, verbose_name='helps since')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ended by')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='helpers', to='pickup.pickuppoint', verbose_name='pickup point')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='helps_at', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'helper at a pickup point',
                'verbose_name_plural': 'helpers at pickup points',
                'ordering': ['point', 'ended_at', '-invited_at'],
                'indexes': [models.Index(fields=['user', 'ended_at'], name='pickup_helper_of_user')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('point', 'phone'), name='pickup_helper_once'), models.CheckConstraint(condition=models.Q(('since__isnull', True), ('user__isnull', False), _connector='OR'), name='pickup_helper_known')],
            },
        ),
        migrations.CreateModel(
            name='PointTenure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed over by')),
                ('leader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='point_tenures', to=settings.AUTH_USER_MODEL, verbose_name='group leader')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tenures', to='pickup.pickuppoint', verbose_name='pickup point')),
            ],
            options={
                'verbose_name': 'tenure of a pickup point',
                'verbose_name_plural': 'tenures of pickup points',
                'ordering': ['point', '-since'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('point',), name='pickup_tenure_one_keeper'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='pickup_tenure_in_order')],
            },
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='bank_unit',
            field=models.ForeignKey(blank=True, help_text="Whose counter it is; residents see the bank's name.", limit_choices_to={'level': 'outlet'}, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pickup_points', to='banks.bankunit', verbose_name='bank outlet'),
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='kind',
            field=models.CharField(choices=[('shop', 'Shop'), ('home', 'At home'), ('property_office', 'Property office'), ('parcel_station', 'Parcel station'), ('bank_outlet', 'Bank outlet')], default='shop', max_length=20, verbose_name='kind of place'),
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='paused_at',
            field=models.DateTimeField(blank=True, editable=False, help_text="The mall's own sign beside the leader's: her account is paused.", null=True, verbose_name='stopped by the mall at'),
        ),
        migrations.AddConstraint(
            model_name='pickuppoint',
            constraint=models.CheckConstraint(condition=models.Q(('bank_unit__isnull', True), ('kind', 'bank_outlet'), _connector='OR'), name='pickup_point_of_a_bank', violation_error_message="Only a bank's outlet belongs to a bank."),
        ),
    ]
