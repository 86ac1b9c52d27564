-- migrate:up

-- What was given as a GTIN and is none, as it was given; a person looks at it (`exception`).
ALTER TABLE product ADD COLUMN wrong_gtin text CHECK (length(wrong_gtin) BETWEEN 1 AND 200);

-- migrate:down
ALTER TABLE product DROP COLUMN wrong_gtin;
