-- migrate:up

-- Whether what a task or a row of the audit is about (`product/LAMP-R`, `asset/7f3k2cq9`) lies within
-- one of several narrowings: a product of these families and categories that is published on these
-- channels, or an asset that hangs on one. A list that is null is not narrowed.
CREATE FUNCTION subject_lies_within(subject text, slices jsonb) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE named AS (
        SELECT id FROM product WHERE subject LIKE 'product/%' AND sku = substr(subject, 9)
        UNION
        SELECT m.product FROM asset AS a JOIN media_association AS m ON m.asset = a.id
        WHERE subject LIKE 'asset/%' AND a.public_id = substr(subject, 7)
          AND m.status IN ('proposed', 'approved')
    ), line AS (
        SELECT p.id AS named, p.id, p.parent FROM product AS p JOIN named ON named.id = p.id
        UNION ALL
        SELECT line.named, p.id, p.parent FROM product AS p JOIN line ON p.id = line.parent
    )
    SELECT EXISTS (
        SELECT FROM named JOIN product AS p ON p.id = named.id,
            jsonb_array_elements(slices) AS of(slice)
        WHERE (slice -> 'families' = 'null' OR slice -> 'families' ? p.family)
          AND (slice -> 'categories' = 'null' OR slice -> 'categories' ?| categories_above(ARRAY(
              SELECT category FROM product_category AS c JOIN line ON line.id = c.product
              WHERE line.named = p.id)))
          AND (slice -> 'channels' = 'null' OR EXISTS (
              SELECT FROM publication WHERE product = p.id AND ended_at IS NULL
                AND slice -> 'channels' ? channel))
    )
$$;

-- migrate:down
DROP FUNCTION subject_lies_within(text, jsonb);
