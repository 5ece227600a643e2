"""The residents' pages, one file per errand: each view parses, asks one service, renders."""
