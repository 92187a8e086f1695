"""Measurements that are no tests: each prints one table.

`python -m tests.bench` is about reading, `tests.bench.probe` and `tests.bench.heads` are about measuring.
"""
