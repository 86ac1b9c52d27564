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

-- migrate:down
DROP INDEX attribute_vocabulary;
DROP TABLE term, vocabulary;
