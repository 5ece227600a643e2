"""The bank speaking as China Construction Bank's market pay (惠市宝)."""
