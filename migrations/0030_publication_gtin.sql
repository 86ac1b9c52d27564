-- migrate:up

-- Products are found by their GTIN, with leading zeros up to 14 digits or without.
CREATE INDEX publication_gtin ON publication (channel, lpad(document ->> 'gtin', 14, '0'))
WHERE ended_at IS NULL;

-- migrate:down
DROP INDEX publication_gtin;
