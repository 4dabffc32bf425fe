"""Measurements, each run by hand as `PYTHONPATH=src python -m bench.NAME`; with `trial`, in seconds and unpublished."""
