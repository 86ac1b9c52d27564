-- migrate:up

-- Neighbours whose codes differ in `-` and `_` alone would have one path: they are looked up by it.
CREATE INDEX category_node ON category (replace(code, '-', '_'));

-- migrate:down
DROP INDEX category_node;
