-- migrate:up

-- Which families a channel lists is read without looking at their products.
CREATE INDEX search_document_family ON search_document (channel, family);

-- migrate:down
DROP INDEX search_document_family;
