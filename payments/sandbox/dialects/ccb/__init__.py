"""The bank speaking as China Construction Bank: its gateway, and the outreach client beside it."""
