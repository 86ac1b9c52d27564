"""What a process keeps while it is true, so that it need not ask or work it out again.

Use `Kept` for whatever comes from outside (the database, a file, a client), or whose keys do: it
is bounded by weight, forgets what an event names, and, where that is asked of it, reads each key
once for all who want it and answers only within a lease. `Flights` alone suits work whose outcome
is not kept, or elsewhere. `Memo` holds what was worked out of a kept value, beside that value.

`functools.lru_cache` is right for a pure function of a few small values: the outcome can never
become untrue, so only the number of entries has to be bounded.
"""
