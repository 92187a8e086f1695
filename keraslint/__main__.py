"""`python -m keraslint`."""

from keraslint.cli import main

main()
