"""Ends the interpreter in the middle of an import."""
# ends: exit

import sys

sys.exit(3)
