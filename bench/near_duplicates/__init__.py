"""Recall of the search for copies, by kind of change, and what it mistakes for a copy."""
