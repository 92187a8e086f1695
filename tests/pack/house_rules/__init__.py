"""Rules of a house: one module for each."""
