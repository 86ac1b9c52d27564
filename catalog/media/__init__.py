"""Media: assets with a stable id, the versions of their bytes, and what is written about them."""
