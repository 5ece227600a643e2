"""The bank speaking as other acquirers do: their addresses, signatures, notices and bill files.

Behind each dialect stands the same core bank, `payments.sandbox.core`. A dialect has a merchant of
its own in its books: orders, refunds, agreements, splits, transfers, bills and faults are shared.
"""
