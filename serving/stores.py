"""Opens the object store that the settings name."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from catalog.storage.folder import FolderStore
from catalog.storage.model import ObjectStore, StoreWhenWanted
from catalog.storage.s3 import open_s3_store
from catalog.storage.settings import StoreSettings


@asynccontextmanager
async def store_when_wanted(settings: StoreSettings) -> AsyncGenerator[StoreWhenWanted]:
    """Open the store when it is first wanted, once; so who seldom wants it starts without it."""
    async with AsyncExitStack() as stack:
        opened: ObjectStore | None = None
        opening = asyncio.Lock()

        async def store() -> ObjectStore:
            nonlocal opened
            async with opening:
                if opened is None:
                    opened = await stack.enter_async_context(open_store(settings))
                return opened

        yield store


@asynccontextmanager
async def open_store(settings: StoreSettings) -> AsyncGenerator[ObjectStore]:
    """Open the folder or the bucket of `store_url`."""
    parts = urlsplit(settings.store_url)
    if parts.scheme == "file":
        yield FolderStore(Path(unquote(parts.path)))
        return
    access, secret = settings.s3_access_key, settings.s3_secret_key
    async with open_s3_store(
        bucket=parts.netloc,
        prefix=parts.path,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key=access.get_secret_value() if access else None,
        secret_key=secret.get_secret_value() if secret else None,
    ) as store:
        yield store
