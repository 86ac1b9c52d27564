"""Finished answers: kept in this process, shared by processes, and kept by CDNs."""
