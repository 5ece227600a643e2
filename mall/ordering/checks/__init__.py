"""The rules that mall.ordering.invariants checks, by what they are about."""
