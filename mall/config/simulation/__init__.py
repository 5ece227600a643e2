"""The fault simulation: the shop against the sandbox acquirer, on one clock, with every fault."""
