"""Measurements that are no tests: each prints one table, `python -m tests.bench.NAME`."""
