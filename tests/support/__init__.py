"""Real servers for tests: PostgreSQL, Redis, S3, uvicorn, and the processes of the product."""
