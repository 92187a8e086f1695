"""Measuring a running program, and the JSON in which a model travels between processes."""
