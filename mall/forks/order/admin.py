"""Oscar's own order admin, unchanged: a fork must re-export it."""

from __future__ import annotations

from oscar.apps.order.admin import *
