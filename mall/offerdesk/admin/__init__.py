"""The desk in the admin: offers, their uses, and what waits for a second person."""
