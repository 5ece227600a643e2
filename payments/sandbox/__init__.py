"""The sandbox acquirer: a bank of our own, in its own process, with its own books and keys.

It imports nothing of the mall's and no Django; the mall imports nothing of it. They meet over HTTP,
as written in docs/protocols/sandbox.md.
"""

from __future__ import annotations
