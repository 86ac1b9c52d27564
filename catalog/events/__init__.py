"""The event log: what happened, who reads it, and which purges follow from it."""
