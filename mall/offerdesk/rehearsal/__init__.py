"""Dry runs: what an offer would have cost on the orders of some past days."""
