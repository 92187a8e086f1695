"""Programs and notebooks that nobody would write, found by which lines of keraslint they reach.

`python -m tests.fuzz source` and `python -m tests.fuzz notebook` search with atheris (libFuzzer for Python) from the
fixtures and the oddities beside this page. Whatever the input: reading it ends within its time without a failure, every
place that is named lies in the text, and the reports for people and for programs can be written and are valid.
What once broke that is mended and stands in `tests/test_robust.py`.
"""
