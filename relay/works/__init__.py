"""Work: what is queued is done, goes on after the last commit, and stops where it is cancelled."""
