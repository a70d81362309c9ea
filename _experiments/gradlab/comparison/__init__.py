"""Filtered gradients of many arms over many photographs, conserved against not."""
