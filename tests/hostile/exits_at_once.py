"""Ends the process with no word to anybody, and says that all was well."""
# ends: exit

import os

os._exit(0)
