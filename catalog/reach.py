"""What somebody whose roles are narrowed sees of what lies nowhere itself: tasks, and the audit.

That is what they have to do with, and what is about something within their roles.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose it is, and what of others lies within.

    Attributes:
        principal: what is theirs they see, whatever it is about.
        slices: families, categories and channels of products, as `subject_lies_within` of migration
            0063 takes them; of a list that is None all.
    """

    principal: uuid.UUID
    slices: Sequence[Mapping[str, Sequence[str] | None]]
