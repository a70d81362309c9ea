"""What a notebook says to the world and what it reads of other runs: records, figures, results."""
