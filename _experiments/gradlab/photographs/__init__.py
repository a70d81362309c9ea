"""Data sets and networks: archives, photographs with boxes, architectures and their weights."""
