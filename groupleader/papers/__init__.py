"""Statements and the tax office's files on paper."""
