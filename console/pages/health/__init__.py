"""How processes, database, store and queues stand."""
