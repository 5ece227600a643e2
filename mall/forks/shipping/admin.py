"""Oscar's own shipping admin, unchanged: a fork must re-export it."""

from __future__ import annotations

from oscar.apps.shipping.admin import *
