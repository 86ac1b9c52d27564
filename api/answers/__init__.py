"""What is answered again without being made again, here and at CDNs."""
