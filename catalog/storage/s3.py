"""The object store in S3, or anything that speaks its protocol, through aiobotocore."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError, ClientError

from catalog.storage.model import (
    ObjectNotFoundError,
    StoredObject,
    StoreFullError,
    StoreUnavailableError,
)
from catalog.storage.rules import checked_key

_PIECE_BYTES = 1024 * 1024
_NOT_FOUND = frozenset({"NoSuchKey", "404"})
_FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull"})
_CONFIG = AioConfig(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=64,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class _S3Client(Protocol):
    """What we use of aiobotocore's client, which is made at run time and has no types."""

    async def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]: ...  # noqa: N803 - theirs
    async def put_object(self, *, Bucket: str, Key: str, Body: bytes | BinaryIO) -> object: ...  # noqa: N803 - theirs
    async def head_object(self, *, Bucket: str, Key: str) -> object: ...  # noqa: N803 - theirs
    async def delete_object(self, *, Bucket: str, Key: str) -> object: ...  # noqa: N803 - theirs
    def get_paginator(self, name: str) -> Any: ...  # noqa: ANN401 - a class made at run time


class S3Store:
    """Objects of one bucket below one prefix."""

    def __init__(self, client: _S3Client, bucket: str, prefix: str) -> None:
        """Use `open_s3_store`, which owns the client."""
        self._client = client
        self._bucket = bucket
        self._prefix = f"{checked_key(prefix.strip('/'))}/" if prefix.strip("/") else ""

    async def read(self, key: str) -> bytes:
        """Return the object.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the bucket can't be asked.
        """
        with _translated():
            answer = await self._client.get_object(Bucket=self._bucket, Key=self._name(key))
            async with answer["Body"] as body:
                return await body.read()

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:  # noqa: ARG002 - the protocol's
        """Store the object; S3 shows it whole or not at all.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the bucket can't be asked.
        """
        with _translated():
            await self._client.put_object(Bucket=self._bucket, Key=self._name(key), Body=body)

    async def read_file(self, key: str, path: Path) -> None:
        """Write the object into a file, in pieces.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the bucket can't be asked.
        """
        with _translated():
            answer = await self._client.get_object(Bucket=self._bucket, Key=self._name(key))
            async with answer["Body"] as body:
                with path.open("wb") as file:
                    async for piece in body.iter_chunks(_PIECE_BYTES):
                        await asyncio.to_thread(file.write, piece)

    async def write_file(self, key: str, path: Path) -> None:
        """Store a file as an object, in pieces.

        Raises:
            StoreFullError: no room.
            StoreUnavailableError: the bucket can't be asked.
        """
        with _translated(), path.open("rb") as file:
            await self._client.put_object(Bucket=self._bucket, Key=self._name(key), Body=file)

    async def exists(self, key: str) -> bool:
        """Return whether the object is there.

        Raises:
            StoreUnavailableError: the bucket can't be asked.
        """
        try:
            with _translated():
                await self._client.head_object(Bucket=self._bucket, Key=self._name(key))
        except ObjectNotFoundError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """Remove the object, if it is there.

        Raises:
            StoreUnavailableError: the bucket can't be asked.
        """
        with _translated():
            await self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    async def objects(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix.

        Raises:
            StoreUnavailableError: the bucket can't be asked.
        """
        pages = self._client.get_paginator("list_objects_v2")
        with _translated():
            async for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    yield StoredObject(key=key, size_bytes=found["Size"])

    def local_path(self, key: str) -> Path | None:
        """Return None: S3 keeps no files here."""
        checked_key(key)

    def at_hand(self) -> None:
        """Return None: S3 is always waited for."""

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key)


@asynccontextmanager
async def open_s3_store(
    *,
    bucket: str,
    prefix: str = "",
    endpoint_url: str | None = None,
    region: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
) -> AsyncGenerator[S3Store]:
    """Keep a client open for one bucket, which must exist.

    Without keys the ones of the machine's role are used, as botocore finds them.

    Raises:
        StoreUnavailableError: the bucket is not there, refuses us or does not answer.
    """
    opening = cast(
        "AbstractAsyncContextManager[_S3Client]",
        AioSession().create_client(  # pyright: ignore[reportUnknownMemberType] - ships no types
            "s3",
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=_CONFIG,
        ),
    )
    async with opening as client:
        store = S3Store(client, bucket, prefix)
        async for _ in store.objects("a-key-that-nobody-has"):  # a HEAD would not say what is wrong
            break
        yield store


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except ClientError as error:
        answer = cast("Mapping[str, Any]", error.response)
        code = str(answer.get("Error", {}).get("Code", ""))
        if code in _NOT_FOUND:
            raise ObjectNotFoundError("The object store holds no such object.") from error
        if code in _FULL:
            raise StoreFullError("The object store has no room left.") from error
        raise StoreUnavailableError(f"The object store refuses ({code}).") from error
    except (BotoCoreError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise StoreUnavailableError("The object store does not answer.") from error
