"""What the ingest child does with one file; nothing here runs in a server's own process."""
