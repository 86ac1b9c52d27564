"""The relay: jobs that may take a while, run from the queue with retries."""
