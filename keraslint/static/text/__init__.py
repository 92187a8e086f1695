"""A program as text: its tree, the places of its nodes, its names at a place, and where its imports lead."""
