"""Which discounts a bank has paid for."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which discounts a bank has paid for."""

    dependencies = [("payments", "0007_asked")]
    operations = [
        migrations.CreateModel(
            name="SettledSubsidy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("giver", models.CharField(max_length=64, verbose_name="bank or authority")),
                ("campaign", models.CharField(max_length=64, verbose_name="campaign")),
                ("month", models.DateField(help_text="Its first day.", verbose_name="month")),
                ("claim_no", models.CharField(max_length=64, verbose_name="claim")),
                ("settled_at", models.DateTimeField(verbose_name="settled at")),
            ],
            options={
                "verbose_name": "month a giver has paid for",
                "verbose_name_plural": "months givers have paid for",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("giver", "campaign", "month"), name="payments_settledsubsidy_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UnpaidSubsidy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("giver", models.CharField(max_length=64, verbose_name="bank or authority")),
                ("campaign", models.CharField(max_length=64, verbose_name="campaign")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("withheld", "withheld by the giver"),
                            ("borne", "borne by the operator"),
                            ("paid", "paid with a later claim"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unpaid_subsidies",
                        to="payments.payment",
                        verbose_name="payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "discount a giver has not paid for",
                "verbose_name_plural": "discounts givers have not paid for",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("payment", "giver", "campaign"), name="payments_unpaidsubsidy_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["withheld", "borne", "paid"])),
                        name="payments_unpaidsubsidy_state",
                    ),
                ],
            },
        ),
    ]
