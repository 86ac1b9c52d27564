"""Lines of a delivery log, for tests that plant them."""

import uuid
from datetime import datetime
from pathlib import Path

from gateway.proof.delivery_log import DeliveryLogEntry, LogLimits, microseconds, open_delivery_log
from tests.support.stage import StagedAsset


def entry(asset: StagedAsset, at: datetime, **changed: object) -> DeliveryLogEntry:
    """Return the line of a delivery to Germany."""
    return DeliveryLogEntry(
        at=microseconds(at),
        status=200,
        reason=None,
        asset=asset.public_id,
        epoch=asset.epoch,
        country="DE",
        channel="d2c",
        usage="web",
        owner=None,
        audience="web",
        kid="k1",
        not_before=0,
        expires_at=4_000_000_000,
        how="direct",
    )._replace(**changed)


async def written(folder: Path, *entries: DeliveryLogEntry) -> Path:
    """Write a delivery log as a gateway does."""
    async with open_delivery_log(LogLimits(folder=folder), uuid.uuid4()) as log:
        for each in entries:
            log.note(each)
    return folder
