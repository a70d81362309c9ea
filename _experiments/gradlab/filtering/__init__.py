"""The channel filter: its hooks, the choice of channels, the attribution maps and their metrics."""
