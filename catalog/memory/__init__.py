"""What is kept while it is true."""
