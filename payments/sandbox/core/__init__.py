"""The bank's own business: orders, refunds, agreements, transfers, and the books behind them."""

from __future__ import annotations
