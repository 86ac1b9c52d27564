"""The image engine: probes what comes in, renders what goes out, keeps what it rendered.

The only code that imports pyvips. Knows recipes and the object store, no HTTP and no SQL.
"""
