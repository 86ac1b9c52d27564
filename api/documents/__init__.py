"""What a document asks for: its plan, its cost, and whether it may."""
