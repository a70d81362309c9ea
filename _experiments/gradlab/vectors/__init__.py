"""Sums of random vectors."""
