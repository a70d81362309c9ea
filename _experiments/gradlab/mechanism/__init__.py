"""The mechanism in miniature: digits in clutter, three small networks, and what conservation does in them."""
