"""Dry runs of offers over past orders."""

from __future__ import annotations


import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('promotions', '0003_approvals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Rehearsal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField(verbose_name='from')),
                ('last_day', models.DateField(verbose_name='until')),
                ('state', models.CharField(choices=[('waiting', 'Waits for its turn'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='state')),
                ('seen', models.PositiveIntegerField(default=0, verbose_name='orders looked at')),
                ('whole', models.PositiveIntegerField(default=0, verbose_name='orders in all')),
                ('asked_by', models.CharField(max_length=150, verbose_name='asked by')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('began_at', models.DateTimeField(null=True, verbose_name='began at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('result', models.JSONField(default=dict, verbose_name='result')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rehearsals', to='promotions.bankoffer', verbose_name='bank offer')),
            ],
            options={
                'verbose_name': 'dry run',
                'verbose_name_plural': 'dry runs',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='offerdesk_rehearsal_to_do')],
                'constraints': [models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='offerdesk_rehearsal_days_in_order')],
            },
        ),
    ]
