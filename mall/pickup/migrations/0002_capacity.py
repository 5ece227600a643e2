"""How many boxes a point holds, and holidays of its own."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('pickup', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PointDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='pickup day')),
                ('boxes', models.PositiveIntegerField(blank=True, help_text='Empty: no limit. 0: nothing more that day.', null=True, verbose_name='boxes')),
                ('is_exception', models.BooleanField(default=False, help_text="Keeps its number when the point's boxes a day change.", verbose_name='differs from other days')),
                ('used', models.IntegerField(default=0, editable=False, verbose_name='boxes taken')),
            ],
            options={
                'verbose_name': 'room at a pickup point',
                'verbose_name_plural': 'room at pickup points',
                'ordering': ['day', 'point'],
            },
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='boxes_a_day',
            field=models.PositiveIntegerField(blank=True, help_text='How many boxes of goods it can keep for one pickup day. Empty: no limit.', null=True, verbose_name='boxes a day'),
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='used_from',
            field=models.DateField(blank=True, help_text='Empty: a point that stays.', null=True, verbose_name='temporary, from'),
        ),
        migrations.AddField(
            model_name='pickuppoint',
            name='used_until',
            field=models.DateField(blank=True, help_text='The last pickup day.', null=True, verbose_name='temporary, until'),
        ),
        migrations.AddConstraint(
            model_name='pickuppoint',
            constraint=models.CheckConstraint(condition=models.Q(('used_from__isnull', True), ('used_until__isnull', True), ('used_until__gte', models.F('used_from')), _connector='OR'), name='pickup_point_temporary_days_in_order', violation_error_message='The last day is not before the first.'),
        ),
        migrations.AddField(
            model_name='pointday',
            name='point',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='pickup.pickuppoint', verbose_name='pickup point'),
        ),
        migrations.AddConstraint(
            model_name='pointday',
            constraint=models.UniqueConstraint(fields=('point', 'day'), name='pickup_pointday_once'),
        ),
        migrations.AddConstraint(
            model_name='pointday',
            constraint=models.CheckConstraint(condition=models.Q(('used__gte', 0)), name='pickup_pointday_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='pointday',
            constraint=models.CheckConstraint(condition=models.Q(('boxes__isnull', True), ('boxes__gte', models.F('used')), _connector='OR'), name='pickup_pointday_within_room', violation_error_message='Orders have taken more boxes than this. Move orders to another point first, or choose a number not below what is taken.'),
        ),
    ]
