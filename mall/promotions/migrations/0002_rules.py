"""Every part of an offer's rule: benefits, funders, limits, who decides, whose offer it is."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Every part of an offer's rule: benefits, funders, limits, who decides, whose offer it is."""

    dependencies = [("banks", "0001_initial"), ("promotions", "0001_initial")]
    operations = []
