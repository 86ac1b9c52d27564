"""The bulk format: records read from files, mapped from CSV, and applied batch by batch."""
