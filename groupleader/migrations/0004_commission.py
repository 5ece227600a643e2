"""Rules with two people and previews, parts of a line's commission, keepers, own orders."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Rules with two people and previews, parts of a line's commission, keepers, own orders."""

    dependencies = [
        ('groupleader', '0003_becoming'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KeeperShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('point_ref', models.CharField(max_length=40, verbose_name='pickup point')),
                ('point_name', models.CharField(blank=True, max_length=120, verbose_name='called')),
                ('share', models.DecimalField(decimal_places=4, help_text='0.1 is ten percent.', max_digits=5, verbose_name="share of the leader's commission")),
                ('since', models.DateTimeField(verbose_name='since')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('keeper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kept_points', to='groupleader.leader', verbose_name='keeper')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('point_ref',), name='groupleader_keeper_one_at_a_time'), models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='groupleader_keeper_share'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='groupleader_keeper_interval')],
                'verbose_name': "keeper's share",
                'verbose_name_plural': "keepers' shares",
                'ordering': ['point_ref', '-since'],
            },
        ),
        migrations.CreateModel(
            name='RuleEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('what', models.CharField(choices=[('written', 'Written'), ('agreed', 'Agreed'), ('refused', 'Refused'), ('ended', 'Ended')], max_length=8, verbose_name='what')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='groupleader.commissionrule', verbose_name='rule')),
            ],
            options={
                'verbose_name': 'rule event',
                'verbose_name_plural': 'rule events',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='RulePreview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(choices=[('item', 'Item'), ('category', 'Category'), ('leader', 'Leader'), ('tier', 'Tier'), ('default', 'Default')], max_length=10, verbose_name='speaks about')),
                ('target', models.CharField(blank=True, max_length=40, verbose_name='which one')),
                ('target_name', models.CharField(blank=True, max_length=120, verbose_name='called')),
                ('rate', models.DecimalField(decimal_places=4, max_digits=5, null=True, verbose_name='rate')),
                ('fixed_minor', models.BigIntegerField(null=True, verbose_name='fixed amount per piece (fen)')),
                ('first_day', models.DateField(verbose_name='from')),
                ('last_day', models.DateField(verbose_name='until')),
                ('state', models.CharField(choices=[('waiting', 'Waits for its turn'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='state')),
                ('seen', models.PositiveIntegerField(default=0, verbose_name='lines looked at')),
                ('whole', models.PositiveIntegerField(default=0, verbose_name='lines in all')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('began_at', models.DateTimeField(null=True, verbose_name='began at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ('result', models.JSONField(default=dict, verbose_name='result')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('fixed_minor__isnull', True), ('rate__isnull', False)), models.Q(('fixed_minor__isnull', False), ('rate__isnull', True)), _connector='OR'), name='groupleader_preview_one_way'), models.CheckConstraint(condition=models.Q(models.Q(('rate__isnull', True), models.Q(('rate__gte', 0), ('rate__lte', 1)), _connector='OR'), models.Q(('fixed_minor__isnull', True), ('fixed_minor__gte', 0), _connector='OR')), name='groupleader_preview_sane'), models.CheckConstraint(condition=models.Q(models.Q(('scope', 'default'), ('target', '')), models.Q(models.Q(('scope', 'default'), _negated=True), models.Q(('target', ''), _negated=True)), _connector='OR'), name='groupleader_preview_target'), models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='groupleader_preview_days_in_order')],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='groupleader_preview_to_do')],
                'verbose_name': 'preview of a rule',
                'verbose_name_plural': 'previews of rules',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='TakenBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('refund_no', models.CharField(max_length=80, verbose_name='refund')),
                ('value_minor', models.BigIntegerField(verbose_name='of the base (fen)')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('terms', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='takings', to='groupleader.commissionterms', verbose_name='line')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('terms', 'refund_no'), name='groupleader_taken_once'), models.CheckConstraint(condition=models.Q(('value_minor__gt', 0)), name='groupleader_taken_something')],
                'verbose_name': 'part of a base that went back',
                'verbose_name_plural': 'parts of bases that went back',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='OwnOrder',
            fields=[
            ],
            options={
                'verbose_name': "leader's own order",
                'verbose_name_plural': "leaders' own orders",
                'ordering': ['-placed_at', '-pk'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('groupleader.commissionterms',),
        ),
        migrations.AlterModelOptions(
            name='commissionrule',
            options={'ordering': ['scope', 'target', '-valid_from'], 'permissions': [('confirm_commissionrule', 'Can be the second person of a rule')], 'verbose_name': 'commission rule', 'verbose_name_plural': 'commission rules'},
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='needs_second',
            field=models.BooleanField(default=False, verbose_name='needs two people'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='proposed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='status',
            field=models.CharField(choices=[('waiting', 'Waits for a second person'), ('agreed', 'Agreed'), ('refused', 'Refused')], default='agreed', max_length=8, verbose_name='status'),
        ),
        migrations.AddField(
            model_name='commissionrule',
            name='target_name',
            field=models.CharField(blank=True, max_length=120, verbose_name='called'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='category_refs',
            field=models.JSONField(default=list, verbose_name='categories'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='item_ref',
            field=models.CharField(blank=True, max_length=40, verbose_name='item'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='of_leader',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='terms_shared', to='groupleader.leader', verbose_name='share of the commission of'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='own_signs',
            field=models.CharField(blank=True, max_length=40, verbose_name='by what one sees it'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='part',
            field=models.CharField(choices=[('leader', 'Leader'), ('keeper', 'Keeper of the sub-pickup point'), ('referrer', 'Brought the leader in'), ('referrer_2', 'Brought in who brought her in'), ('award', 'Award for bringing a leader in')], default='leader', max_length=10, verbose_name='whose part'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='share',
            field=models.DecimalField(decimal_places=4, default=0, max_digits=5, verbose_name='share'),
        ),
        migrations.AddField(
            model_name='commissionterms',
            name='withheld',
            field=models.CharField(blank=True, choices=[('own', "The leader's own order"), ('outlet', 'The outlet earns no commission'), ('nobody', 'Nobody leads it')], max_length=8, verbose_name='earns nothing because'),
        ),
        migrations.AddField(
            model_name='leader',
            name='invited_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invited', to='groupleader.leader', verbose_name='brought in by'),
        ),
        migrations.AlterField(
            model_name='commissionterms',
            name='line_id',
            field=models.CharField(max_length=40, verbose_name='order line'),
        ),
        migrations.AddIndex(
            model_name='commissionterms',
            index=models.Index(fields=['part', 'placed_at'], name='groupleader_terms_time'),
        ),
        migrations.AddIndex(
            model_name='commissionterms',
            index=models.Index(condition=models.Q(('is_own_order', True), ('part', 'leader')), fields=['-placed_at'], name='groupleader_terms_own'),
        ),
        migrations.AddConstraint(
            model_name='commissionrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('needs_second', True), ('status', 'agreed'), _negated=True), models.Q(('decided_by__isnull', False), ('proposed_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='groupleader_rule_two_people'),
        ),
        migrations.AddConstraint(
            model_name='commissionterms',
            constraint=models.UniqueConstraint(fields=('line_id', 'part'), name='groupleader_terms_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionterms',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='groupleader_terms_share'),
        ),
        migrations.AddConstraint(
            model_name='leader',
            constraint=models.CheckConstraint(condition=models.Q(('invited_by__isnull', True), models.Q(('invited_by', models.F('id')), _negated=True), _connector='OR'), name='groupleader_leader_brought_in_by_another'),
        ),
    ]
