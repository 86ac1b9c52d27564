"""`hostile`: files damaged on purpose are taken in, and what is accepted is rendered.

`valid.py` makes files of every kind, `mutations.py` damages them where `pieces.py` says that it
hurts, `run.py` hands them to children as ingest does.
"""
