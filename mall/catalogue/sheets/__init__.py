"""Goods in spreadsheets: a sheet out, the same sheet in again, checked row by row before."""
