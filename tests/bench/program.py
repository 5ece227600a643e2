"""Starts one part of a benchmark in a process of its own: python -m tests.bench.program PART ..."""

from __future__ import annotations

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    import_module(f"tests.bench.{sys.argv[1]}").main(*sys.argv[2:])
