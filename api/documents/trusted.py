"""Documents by their hash: registered ones that are trusted, and automatic persisted ones.

A registered document is trusted and never forgotten; an automatic one (Apollo's APQ) is kept as
long as there is room, here and, where there is one, in Redis.
"""

from collections.abc import Awaitable, Callable

from catalog.documents.model import document_subject, hash_of
from catalog.errors import ForbiddenError, InvalidInputError
from catalog.memory.kept import Kept
from serving.redis import Accelerator

_MAX_TEXT_BYTES = 65_536
#: Of registered documents, and as much of automatic ones.
MAX_KEPT_BYTES = 16 * 1_048_576
_OVERHEAD_BYTES = 500
_REDIS_PREFIX = "vitrine:apq:"
_REDIS_TTL_S = 86_400


class UnknownDocumentError(InvalidInputError):
    """No document of this hash is known; the message is what Apollo's clients look for."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class HashMismatchError(InvalidInputError):
    """The hash is not that of the document beside it."""

    code = "PERSISTED_QUERY_HASH_MISMATCH"


class UntrustedDocumentError(ForbiddenError):
    """Only registered documents are executed here for those without an API key."""

    code = "DOCUMENT_NOT_TRUSTED"


class Documents:
    """Finds the text of what is asked for.

    Args:
        find_registered: reads a registered document by its hash; None: there is none.
        redis: shared by several processes; None: each knows its own.
        trusted_only: whether those without an API key may ask for registered documents alone.
    """

    def __init__(
        self,
        find_registered: Callable[[str], Awaitable[str | None]],
        *,
        redis: Accelerator | None,
        trusted_only: bool,
    ) -> None:
        self._redis = redis
        self._trusted_only = trusted_only
        self.registered: Kept[str, str | None] = Kept(
            MAX_KEPT_BYTES,
            weigh=_weight,
            rests_on=lambda digest, _: (document_subject(digest),),
            load=find_registered,
        )
        self._automatic: Kept[str, str] = Kept(MAX_KEPT_BYTES, weigh=_weight)

    async def text_of(self, text: str | None, digest: str | None, *, has_key: bool) -> str:
        """Return the document that is to be executed.

        Args:
            text: the document, or None.
            digest: its hash, or None; a request has one of them, or both.
            has_key: whether whoever asks has an API key.

        Raises:
            UnknownDocumentError: the hash alone was sent, and is not known.
            HashMismatchError: it is not that of the text.
            UntrustedDocumentError: the document is not registered, and had to be.
        """
        if text is not None and digest is not None and hash_of(text) != digest:
            raise HashMismatchError("the hash is not the SHA-256 of `query`", field="extensions")
        if self._trusted_only and not has_key:
            return await self._trusted(text, digest)
        if digest is None:
            assert text is not None  # noqa: S101 - a request has one of them
            return text
        if text is None:
            return await self._known(digest)
        await self._keep(digest, text)
        return text

    async def _trusted(self, text: str | None, digest: str | None) -> str:
        if text is not None:
            digest = hash_of(text)
        found = None if digest is None else await self.registered.of(digest)
        if found is None:
            raise UntrustedDocumentError(
                "only registered documents are executed here: `vitrine documents register`, "
                "or send an API key"
            )
        return found

    async def _known(self, digest: str) -> str:
        text = self._automatic.get(digest) or await self.registered.of(digest)
        if text is None and (text := await self._from_redis(digest)) is not None:
            self._automatic.put(digest, text)
        if text is None:
            raise UnknownDocumentError("PersistedQueryNotFound")
        return text

    async def _keep(self, digest: str, text: str) -> None:
        if len(text) > _MAX_TEXT_BYTES or self._automatic.get(digest) is not None:
            return
        self._automatic.put(digest, text)
        if self._redis is not None:
            name = _REDIS_PREFIX + digest
            await self._redis.ask(lambda redis: redis.set(name, text, ex=_REDIS_TTL_S))

    async def _from_redis(self, digest: str) -> str | None:
        if self._redis is None:
            return None
        found = await self._redis.ask(lambda redis: redis.get(_REDIS_PREFIX + digest))
        text = found.decode(errors="replace") if isinstance(found, bytes) else None
        return text if text is not None and hash_of(text) == digest else None  # Redis may be shared


def _weight(text: str | None) -> int:
    return 4 * len(text or "") + _OVERHEAD_BYTES
