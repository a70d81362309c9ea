"""Networks as their width grows."""
