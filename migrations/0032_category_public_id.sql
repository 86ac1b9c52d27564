-- migrate:up

-- Categories are nodes of the graph: an id that no move and no change of the code takes away.
ALTER TABLE category ADD COLUMN public_id text NOT NULL UNIQUE
    DEFAULT substr(replace(gen_random_uuid()::text, '-', ''), 1, 12);

-- migrate:down
ALTER TABLE category DROP COLUMN public_id;
