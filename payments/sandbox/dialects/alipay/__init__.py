"""The bank speaking as Alipay does: gateway.do with RSA2, in key mode and in certificate mode.

What of the real protocol is served, and what not: docs/protocols/alipay.md.
"""
