"""Oscar's own partner models, unchanged: a fork must re-export them."""

from __future__ import annotations

from oscar.apps.partner.models import *
