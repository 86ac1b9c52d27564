-- migrate:up

-- `decimal`: an exact number, stored as text; `table`: a list of rows, whose columns the validation
-- of the attribute names; `product`: a sku; `asset`: no value, but media in a role of that name.
ALTER TABLE attribute DROP CONSTRAINT attribute_type_check, ADD CONSTRAINT attribute_type_check
    CHECK (type IN ('text', 'rich_text', 'number', 'decimal', 'boolean', 'date', 'select',
                    'multiselect', 'measurement', 'price', 'term', 'table', 'product', 'asset'));

-- migrate:down
ALTER TABLE attribute DROP CONSTRAINT attribute_type_check, ADD CONSTRAINT attribute_type_check
    CHECK (type IN ('text', 'rich_text', 'number', 'boolean', 'date', 'select', 'multiselect',
                    'measurement', 'price', 'term'));
