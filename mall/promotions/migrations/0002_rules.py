"""Every part of an offer's rule: benefits, funders, limits, who decides, whose offer it is.

And the database itself keeps a launched rule as it is: a trigger refuses what no code should ask.
"""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, OuterRef, Subquery

TABLE = "promotions_bankoffer"
# Only these move once an offer is launched; the budget only within its check.
MOVING = frozenset(
    "state budget_minor reserved_count used_count reserved_minor used_minor changed_at".split()
)
RULE = (
    "id code version replaces_id owner_id name terms funder_ref issuers kinds marks bins "
    "first_tied_within_days new_to_bank included_id excluded_id physical_only decided_by "
    "benefit_kind threshold_minor discount_minor most_minor steps percent_bp cap_minor "
    "random_from_minor random_to_minor starts_at ends_at weekdays month_days hours "
    "resident_day_limit resident_month_limit resident_total_limit card_day_limit card_month_limit "
    "card_total_limit device_day_limit device_month_limit device_total_limit day_limit month_limit "
    "total_limit funding refund_policy"
).split()
EDGES = (
    "draft>scheduled scheduled>active scheduled>ended active>paused active>exhausted active>ended "
    "paused>active paused>ended exhausted>active exhausted>paused exhausted>ended"
).split()

_CHANGED = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in RULE)
_NO_EDGE = "OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({})".format(
    ", ".join(f"'{edge}'" for edge in EDGES)
)
_LAUNCHED = "promotions_offer_launched: a launched rule never changes, a new version replaces it"
_STEP = "promotions_offer_step: an offer does not go this way"
_KEPT = "promotions_offer_kept: only a draft is thrown away"

SQLITE = {
    "promotions_offer_launched": f"""
        BEFORE UPDATE ON {TABLE} WHEN OLD.state <> 'draft' AND ({_CHANGED})
        BEGIN SELECT RAISE(ABORT, '{_LAUNCHED}'); END""".replace("IS DISTINCT FROM", "IS NOT"),
    "promotions_offer_step": f"""
        BEFORE UPDATE ON {TABLE} WHEN {_NO_EDGE}
        BEGIN SELECT RAISE(ABORT, '{_STEP}'); END""",
    "promotions_offer_kept": f"""
        BEFORE DELETE ON {TABLE} WHEN OLD.state <> 'draft'
        BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END""",
}
POSTGRESQL = f"""
CREATE FUNCTION promotions_offer_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'draft' THEN
      RAISE EXCEPTION '{_KEPT}' USING ERRCODE = '23514';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.state <> 'draft' AND ({_CHANGED}) THEN
    RAISE EXCEPTION '{_LAUNCHED}' USING ERRCODE = '23514';
  END IF;
  IF {_NO_EDGE} THEN
    RAISE EXCEPTION '{_STEP}' USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $guard$;
CREATE TRIGGER promotions_offer_guard BEFORE UPDATE OR DELETE ON {TABLE}
FOR EACH ROW EXECUTE FUNCTION promotions_offer_guard()
"""


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say in the new columns what the old ones said: hours, families of places, estimates."""
    offers = apps.get_model("promotions", "BankOffer")
    for offer in offers.objects.exclude(from_time=None).exclude(until_time=None):
        hours = [[f"{offer.from_time:%H:%M}", f"{offer.until_time:%H:%M}"]]
        offers.objects.filter(pk=offer.pk).update(hours=hours)
    offers.objects.filter(benefit_kind="fixed").update(most_minor=F("discount_minor"))
    code = offers.objects.filter(pk=OuterRef("offer_id")).values("code")
    apps.get_model("promotions", "OfferSlot").objects.update(family=Subquery(code))
    uses = apps.get_model("promotions", "OfferReservation")
    uses.objects.update(estimated_minor=F("discount_minor"))


def guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guard up."""
    if schema_editor.connection.vendor == "sqlite":
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {name} {body}", params=None)
    else:
        schema_editor.execute(POSTGRESQL, params=None)


def unguard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the guard down."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER {name}")
    else:
        schema_editor.execute("DROP FUNCTION promotions_offer_guard() CASCADE")


class Migration(migrations.Migration):
    """Columns first, then what the old ones said, then the guards."""

    dependencies = [
        ("banks", "0001_initial"),
        ("offer", "0013_range_excluded_categories"),
        ("promotions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='OfferMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('limit', models.PositiveIntegerField(null=True, verbose_name='limit')),
                ('reserved_count', models.PositiveIntegerField(default=0, verbose_name='reserved')),
                ('used_count', models.PositiveIntegerField(default=0, verbose_name='used')),
            ],
            options={
                'verbose_name': 'month of an offer',
                'verbose_name_plural': 'months of offers',
            },
        ),
        migrations.RemoveConstraint(
            model_name='bankoffer',
            name='promotions_bankoffer_within_budget',
        ),
        migrations.RemoveConstraint(
            model_name='bankoffer',
            name='promotions_bankoffer_within_total',
        ),
        migrations.RemoveConstraint(
            model_name='offerslot',
            name='promotions_offerslot_taken_once',
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='cap_minor',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='at most (fen)'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='decided_by',
            field=models.CharField(choices=[('shop', 'The mall: it asks for less and claims the rest from the bank'), ('bank', 'The bank: it is asked for all and takes its discount off by itself')], default='shop', max_length=4, verbose_name='who decides'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='device_day_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='per device a day'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='device_month_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='per device a month'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='device_total_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='per device in all'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='first_tied_within_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Counted from the first time this person tied such a card; empty asks nothing.', null=True, verbose_name='days after the card was first tied'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='hours',
            field=models.JSONField(blank=True, default=list, help_text='For example [["10:00", "12:00"], ["22:00", "02:00"]]; none means all day.', verbose_name='hours'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='month_limit',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='in all a month'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='most_minor',
            field=models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name='at most (fen)'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='new_to_bank',
            field=models.BooleanField(default=False, help_text='Whose first card of this bank was tied after the offer began.', verbose_name='new customers of the bank only'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='owner',
            field=models.ForeignKey(blank=True, help_text='Whose offer it is; this unit and those above it see it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='banks.bankunit', verbose_name='bank unit'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='percent_bp',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hundredths of a percent'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='random_from_minor',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='drawn from (fen)'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='random_to_minor',
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name='drawn up to (fen)'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='replaces',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='promotions.bankoffer', verbose_name='replaces'),
        ),
        migrations.AddField(
            model_name='bankoffer',
            name='steps',
            field=models.JSONField(blank=True, default=list, help_text='Pairs of amount and discount in fen, for example [[10000, 500]].', verbose_name='steps'),
        ),
        migrations.AddField(
            model_name='offerreservation',
            name='estimated_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='estimated discount (fen)'),
        ),
        migrations.AddField(
            model_name='offerslot',
            name='family',
            field=models.SlugField(db_index=False, default='', max_length=40, verbose_name='code'),
            preserve_default=False,
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='bankoffer',
            name='from_time',
        ),
        migrations.RemoveField(
            model_name='bankoffer',
            name='until_time',
        ),
        migrations.AlterField(
            model_name='bankoffer',
            name='benefit_kind',
            field=models.CharField(choices=[('fixed', 'A fixed amount'), ('steps', 'More from higher amounts on'), ('percent', 'A percentage, up to a cap'), ('random', 'Drawn by lot between two amounts')], default='fixed', max_length=10, verbose_name='benefit'),
        ),
        migrations.AlterField(
            model_name='bankoffer',
            name='discount_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='discount (fen)'),
        ),
        migrations.AlterField(
            model_name='bankoffer',
            name='threshold_minor',
            field=models.PositiveBigIntegerField(default=0, verbose_name='from an amount of (fen)'),
        ),
        migrations.AddConstraint(
            model_name='bankoffer',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['active', 'paused', 'exhausted'])), fields=('code',), name='promotions_bankoffer_one_running_version'),
        ),
        migrations.AddConstraint(
            model_name='bankoffer',
            constraint=models.CheckConstraint(condition=models.Q(('benefit_kind', 'fixed'), ('benefit_kind', 'steps'), models.Q(('benefit_kind', 'percent'), ('percent_bp__gt', 0), ('percent_bp__lt', 10000)), models.Q(('benefit_kind', 'random'), ('random_from_minor__gt', 0), ('random_from_minor__lte', models.F('random_to_minor')), ('random_to_minor__lt', models.F('threshold_minor'))), _connector='OR'), name='promotions_bankoffer_benefit_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='bankoffer',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', 'bank'), ('budget_minor', None), ('budget_minor__gte', django.db.models.expressions.CombinedExpression(models.F('reserved_minor'), '+', models.F('used_minor'))), _connector='OR'), name='promotions_bankoffer_within_budget'),
        ),
        migrations.AddConstraint(
            model_name='bankoffer',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', 'bank'), ('total_limit', None), ('total_limit__gte', django.db.models.expressions.CombinedExpression(models.F('reserved_count'), '+', models.F('used_count'))), _connector='OR'), name='promotions_bankoffer_within_total'),
        ),
        # "card:" and the longest fingerprint an acquirer may give
        migrations.AlterField(
            model_name='offerslot',
            name='subject',
            field=models.CharField(max_length=140, verbose_name='whose'),
        ),
        migrations.AddConstraint(
            model_name='offerslot',
            constraint=models.UniqueConstraint(fields=('family', 'subject', 'period', 'slot'), name='promotions_offerslot_taken_once'),
        ),
        migrations.AddField(
            model_name='offermonth',
            name='offer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='months', to='promotions.bankoffer', verbose_name='bank offer'),
        ),
        migrations.AddConstraint(
            model_name='offermonth',
            constraint=models.UniqueConstraint(fields=('offer', 'month'), name='promotions_offermonth_one_a_month'),
        ),
        migrations.AddConstraint(
            model_name='offermonth',
            constraint=models.CheckConstraint(condition=models.Q(('limit', None), ('limit__gte', django.db.models.expressions.CombinedExpression(models.F('reserved_count'), '+', models.F('used_count'))), _connector='OR'), name='promotions_offermonth_within_limit'),
        ),
        migrations.AddConstraint(
            model_name='offermonth',
            constraint=models.CheckConstraint(condition=models.Q(('reserved_count__gte', 0), ('used_count__gte', 0)), name='promotions_offermonth_counters_not_negative'),
        ),
        migrations.RunPython(guard, unguard),
    ]
