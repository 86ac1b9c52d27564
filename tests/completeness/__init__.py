"""Tests of `catalog/completeness`."""
