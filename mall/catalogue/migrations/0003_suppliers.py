"""What a supplier is beyond its name: contact, licence, what it may see."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import mall.catalogue.paper_store


class Migration(migrations.Migration):
    dependencies = [
        ("mall_catalogue", "0002_fresh"),
        ("partner", "0006_auto_20200724_0909"),
    ]

    operations = [
        migrations.CreateModel(
            name='SupplierChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.CharField(max_length=150, verbose_name='by')),
                ('changed', models.JSONField(default=dict, verbose_name='what changed')),
            ],
            options={
                'verbose_name': 'change of a supplier',
                'verbose_name_plural': 'changes of suppliers',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SupplierProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('applied', 'Applied'), ('normal', 'Normal'), ('frozen', 'Frozen')], default='applied', help_text='Goods of a frozen supplier, or of one that only applied, are not on sale.', max_length=8, verbose_name='state')),
                ('frozen_because', models.CharField(blank=True, max_length=200, verbose_name='why it is frozen')),
                ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                ('contact', models.CharField(blank=True, max_length=40, verbose_name='contact')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone number')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='depot or farm address')),
                ('licence_no', models.CharField(blank=True, max_length=60, verbose_name='licence number')),
                ('licence_until', models.DateField(blank=True, null=True, verbose_name='licence valid until')),
                ('licence_file', models.FileField(blank=True, help_text='A PDF or a picture.', max_length=120, storage=mall.catalogue.paper_store.PaperStorage(), upload_to='licences', verbose_name='licence')),
                ('sees_names', models.BooleanField(default=False, help_text='Names of residents on its lists, masked. Off: sums per pickup point only.', verbose_name='sees names')),
                ('sees_phones', models.BooleanField(default=False, help_text='The last four digits beside a name.', verbose_name='sees phone numbers')),
                ('audits_new', models.BooleanField(default=True, verbose_name='new goods wait for the mall')),
                ('audits_changes', models.BooleanField(default=True, verbose_name='changes of goods wait for the mall')),
                ('is_sent_by_itself', models.BooleanField(default=False, help_text='Complete purchase orders are sent without anybody pressing a button.', verbose_name='orders go out by themselves')),
                ('delivers_by', models.TimeField(blank=True, help_text="On the pickup day, at the mall's depot. Empty: as the mall always asks.", null=True, verbose_name='delivers until')),
                ('break_from', models.DateField(blank=True, null=True, verbose_name='does not deliver from')),
                ('break_until', models.DateField(blank=True, help_text='The last day of it.', null=True, verbose_name='does not deliver until')),
                ('delivery_notes', models.CharField(blank=True, max_length=200, verbose_name='notes on delivery')),
                ('cost_terms', models.CharField(blank=True, help_text='For example: weekly.', max_length=200, verbose_name='terms of payment')),
                ('remind_minutes', models.PositiveSmallIntegerField(default=30, help_text='How long an order may stay unanswered before the supplier is asked again.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(1440)], verbose_name='minutes until a reminder')),
            ],
            options={
                'verbose_name': "supplier's details",
                'verbose_name_plural': "suppliers' details",
                'ordering': ['partner__name'],
            },
        ),
        migrations.AddField(
            model_name='supplierprofile',
            name='partner',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile', to='partner.partner', verbose_name='supplier'),
        ),
        migrations.AddField(
            model_name='supplierchange',
            name='profile',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='mall_catalogue.supplierprofile', verbose_name='supplier'),
        ),
        migrations.AddConstraint(
            model_name='supplierprofile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('break_from__isnull', True), ('break_until__isnull', True)), models.Q(('break_from__isnull', False), ('break_until__gte', models.F('break_from')), ('break_until__isnull', False)), _connector='OR'), name='mall_catalogue_supplier_break_has_both_ends', violation_error_message='A break needs a first and a last day, in that order.'),
        ),
        migrations.AddConstraint(
            model_name='supplierprofile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'frozen'), _negated=True), models.Q(('frozen_because', ''), _negated=True), _connector='OR'), name='mall_catalogue_supplier_frozen_because', violation_error_message='Say why the supplier is frozen.'),
        ),
        migrations.AddConstraint(
            model_name='supplierprofile',
            constraint=models.CheckConstraint(condition=models.Q(('sees_names', True), ('sees_phones', False), _connector='OR'), name='mall_catalogue_supplier_phones_with_names', violation_error_message='Phone numbers are only shown beside names.'),
        ),
    ]
