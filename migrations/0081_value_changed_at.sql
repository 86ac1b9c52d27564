-- migrate:up

-- Whether a text changed since it was translated: the instant of the transaction, so that what one
-- import writes in several locales is of one instant. What is stored already is taken for current.
ALTER TABLE product_value ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
-- The texts of a locale are read product by product.
CREATE INDEX product_value_locale ON product_value (locale, owner, attribute) WHERE locale IS NOT NULL;

-- migrate:down
DROP INDEX product_value_locale;
ALTER TABLE product_value DROP COLUMN changed_at;
