"""Services that run from Python packages alone, for one machine and for tests."""
