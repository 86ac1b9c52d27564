"""What follows a change inside its transaction, in the one list that each `app.py` hands in.

Nothing does yet: commands write all that has to be true at their commit themselves. Completeness
rows, warm-ups and other jobs join here, as functions `(conn, recorded)`.
"""

from catalog.events.commands import Reaction

REACTIONS: tuple[Reaction, ...] = ()
