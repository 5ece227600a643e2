"""The adapter of the sandbox acquirer, written from docs/protocols/sandbox.md alone."""

from __future__ import annotations
