"""The audit: who changed what, from where and by what, and the seals that show it unchanged."""
