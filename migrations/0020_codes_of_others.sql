-- migrate:up

-- Codes are those of other systems (`catalog/channels/rules.py`, `catalog/products/structure.py` say
-- which are taken); here only what would break a statement or an index is refused.
ALTER TABLE locale DROP CONSTRAINT locale_code_check,
    ADD CONSTRAINT locale_code_check CHECK (code ~ '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$');
ALTER TABLE attribute DROP CONSTRAINT attribute_code_check,
    ADD CONSTRAINT attribute_code_check CHECK (code ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*$');
ALTER TABLE attribute_option DROP CONSTRAINT attribute_option_code_check,
    ADD CONSTRAINT attribute_option_code_check CHECK (length(code) BETWEEN 1 AND 100);
ALTER TABLE family DROP CONSTRAINT family_code_check,
    ADD CONSTRAINT family_code_check CHECK (code ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*$');
ALTER TABLE family_variant DROP CONSTRAINT family_variant_code_check,
    ADD CONSTRAINT family_variant_code_check CHECK (code ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*$');
ALTER TABLE category DROP CONSTRAINT category_code_check,
    ADD CONSTRAINT category_code_check CHECK (code ~ '^[A-Za-z0-9_][A-Za-z0-9_-]*$');

-- migrate:down

-- What was stored meanwhile stays; what is stored from now on is checked again.
ALTER TABLE locale DROP CONSTRAINT locale_code_check,
    ADD CONSTRAINT locale_code_check
        CHECK (code ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$') NOT VALID;
ALTER TABLE attribute DROP CONSTRAINT attribute_code_check,
    ADD CONSTRAINT attribute_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$') NOT VALID;
ALTER TABLE attribute_option DROP CONSTRAINT attribute_option_code_check,
    ADD CONSTRAINT attribute_option_code_check
        CHECK (code ~ '^[a-z0-9]+([-_.][a-z0-9]+)*$') NOT VALID;
ALTER TABLE family DROP CONSTRAINT family_code_check,
    ADD CONSTRAINT family_code_check CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$') NOT VALID;
ALTER TABLE family_variant DROP CONSTRAINT family_variant_code_check,
    ADD CONSTRAINT family_variant_code_check
        CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$') NOT VALID;
ALTER TABLE category DROP CONSTRAINT category_code_check,
    ADD CONSTRAINT category_code_check CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$') NOT VALID;
