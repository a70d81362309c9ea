"""The arms of the main comparison, as ``measure.ipynb`` takes them by default."""

QUANTILES = (0.05, 0.1, 0.3)
RATIOS = (0.3, 0.5, 0.9, 1.0)
