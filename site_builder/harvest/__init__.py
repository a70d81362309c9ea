"""What executed notebooks published."""
