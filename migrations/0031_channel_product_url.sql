-- migrate:up

-- Where people see a product of the channel, such as https://shop.example/{locale}/p/{sku}.
ALTER TABLE channel ADD COLUMN product_url text;

-- migrate:down
ALTER TABLE channel DROP COLUMN product_url;
