"""UnionPay's gateway (ACP 5.1.0) in front of the sandbox bank."""
