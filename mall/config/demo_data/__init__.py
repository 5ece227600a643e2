"""A county town to try things in: its places, people, goods, sales and offers."""
