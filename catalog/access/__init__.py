"""Access: API keys, what they may do, and how one is recognised."""
