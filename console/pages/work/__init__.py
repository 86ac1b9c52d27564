"""What the relay does and may take long."""
