"""Who asks, where and when, and what a request shares with all others."""
