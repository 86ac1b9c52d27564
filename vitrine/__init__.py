"""The command line, the embedded services, and the demo catalogue."""
