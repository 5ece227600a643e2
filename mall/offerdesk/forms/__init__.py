"""The forms of the desk: amounts in yuan, choices to tick, rows to fill."""
