"""What executed notebooks published, and what became of verdicts since."""
