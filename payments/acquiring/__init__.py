"""Talking to those who take the money: one contract, many acquirers."""

from __future__ import annotations
