"""Oscar's own shipping models: a fork must re-export them."""

from __future__ import annotations

from oscar.apps.shipping.models import *
