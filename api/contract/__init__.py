"""What clients may rely on: the schema, its changes, its errors."""
