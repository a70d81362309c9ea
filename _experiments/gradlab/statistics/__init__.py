"""Intervals and tests over photographs, and over trainings or seeds."""
