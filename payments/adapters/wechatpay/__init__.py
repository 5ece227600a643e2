"""The adapter of WeChat Pay APIv3, over the house's own HTTP client: docs/adapters/wechatpay.md."""

from __future__ import annotations
