"""The adapter of Alipay's open platform (gateway.do, RSA2): docs/adapters/alipay.md."""

from __future__ import annotations
