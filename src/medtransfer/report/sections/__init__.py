"""The sections of the page, a file each.

A file has `ORDER`, a number by which sections are sorted, and `section(store, settings)`, which returns a Section, or
None where there is nothing to show. It need not be named anywhere else.
"""
