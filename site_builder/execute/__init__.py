"""Executing notebooks: a batch, one notebook in one kernel, progress and the lock. nbclient lives here."""
