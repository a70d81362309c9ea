"""The .ipynb as a file format: cells, parameters, what a run wrote into its notebook."""
