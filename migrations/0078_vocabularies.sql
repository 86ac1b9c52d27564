-- migrate:up

CREATE TABLE vocabulary (
    code text PRIMARY KEY,
    label jsonb NOT NULL DEFAULT '{}'           -- {locale: text}
);
CREATE TABLE term (
    vocabulary text NOT NULL REFERENCES vocabulary,
    code text NOT NULL,
    label jsonb NOT NULL DEFAULT '{}',          -- {locale: text}
    synonyms jsonb NOT NULL DEFAULT '{}',       -- {locale: [text]}
    broader text,
    position integer NOT NULL,
    PRIMARY KEY (vocabulary, code),
    FOREIGN KEY (vocabulary, broader) REFERENCES term DEFERRABLE INITIALLY DEFERRED
);
-- Which values use a term is asked before it goes.
CREATE INDEX attribute_vocabulary ON attribute ((validation ->> 'vocabulary')) WHERE type = 'term';

-- Beside the roles that there were a role is the code of an attribute of the type `asset`.
ALTER TABLE media_association DROP CONSTRAINT media_association_role_check;

-- migrate:down
ALTER TABLE media_association ADD CONSTRAINT media_association_role_check CHECK (role IN (
    'hero', 'gallery', 'swatch', 'detail', 'packaging', 'document', 'video'));
DROP INDEX attribute_vocabulary;
DROP TABLE term, vocabulary;
