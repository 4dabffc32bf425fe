"""Time and memory of the stages on large sets of images made by code."""
