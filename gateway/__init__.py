"""The gateway: verify, decide, find or render, respond; and its purger."""
