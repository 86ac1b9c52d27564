-- migrate:up

-- What a document could have said: the attributes that the family had and the locales that the
-- channel showed. What is restored from it takes away nothing else. Null: nobody knows any more.
ALTER TABLE publication ADD COLUMN covered jsonb;

-- migrate:down
ALTER TABLE publication DROP COLUMN covered;
