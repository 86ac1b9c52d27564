"""The proof by replay: every answer of the delivery logs, held against the history of rights."""
