"""Real servers for tests: PostgreSQL, S3, uvicorn, and the processes of the product."""
