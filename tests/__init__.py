"""What keraslint is held to."""
