"""A file is brought, checked, imported."""
