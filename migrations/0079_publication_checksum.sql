-- migrate:up

-- From here on `checksum` is the SHA-256 of the document as canonical JSON (RFC 8785), and what
-- decides whether publishing again would say the same stands beside it. Where that is NULL the
-- publication is from before, and its checksum is of the older kind: over sorted JSON of the
-- document without `updatedAt`, and of the fallbacks of its channel.
ALTER TABLE publication
    ADD COLUMN content_digest text,
    ADD COLUMN published_by uuid,      -- the principal; NULL: from before, the audit knows
    ADD COLUMN copy_of integer;        -- the version whose document was published again

-- migrate:down
ALTER TABLE publication DROP COLUMN content_digest, DROP COLUMN published_by, DROP COLUMN copy_of;
