"""UnionPay's gateway (银联全渠道, ACP 5.1.0)."""
