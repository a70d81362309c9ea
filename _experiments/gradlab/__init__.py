"""Gradient aggregation in deep networks: the library the notebooks import.

One noun per module. Nothing here knows of the site; the only thing that leaves a notebook is what
:mod:`gradlab.notebook.publish` displays and the figures it draws.
"""
