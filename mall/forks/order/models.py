"""Oscar's own order models, unchanged: a fork must re-export them."""

from __future__ import annotations

from oscar.apps.order.models import *
