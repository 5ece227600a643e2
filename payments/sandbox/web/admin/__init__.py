"""The admin plane: faults, clock and a stand-in for people, on a port of its own, loopback only.

Nothing here is signed, and nothing of it answers on the merchants' port. See the table in
docs/protocols/sandbox.md.
"""

from __future__ import annotations
