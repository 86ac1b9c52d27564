"""The former names of what `kept.py` and `memo.py` have."""

from catalog.memory.kept import Kept as RecentlyUsed
from catalog.memory.memo import Memo

__all__ = ["Memo", "RecentlyUsed"]
