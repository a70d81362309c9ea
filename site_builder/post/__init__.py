"""The post as a file format: what can stand in one, read and written in one place."""
