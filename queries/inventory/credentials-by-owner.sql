-- How many active access keys and passwords each owner has, by the tag `owner`.
-- Run in the inventory's folder with DuckDB: duckdb -f credentials-by-owner.sql
-- Parameters: none. Reads users.parquet, access_keys.parquet and tags.parquet.
WITH owners AS (
    SELECT resource_arn, min(value) AS owner
    FROM 'tags.parquet'
    WHERE lower(key) = 'owner' AND trim(value) <> ''
    GROUP BY resource_arn
),
keys AS (
    SELECT user_arn, count(*) AS active_keys
    FROM 'access_keys.parquet'
    WHERE is_active
    GROUP BY user_arn
)
SELECT
    coalesce(owners.owner, 'unowned') AS owner,
    count(*) AS users,
    count(*) FILTER (WHERE users.password_enabled) AS passwords,
    CAST(coalesce(sum(keys.active_keys), 0) AS BIGINT) AS active_keys
FROM 'users.parquet' AS users
LEFT JOIN owners ON owners.resource_arn = users.arn
LEFT JOIN keys ON keys.user_arn = users.arn
WHERE NOT users.is_root
GROUP BY ALL
ORDER BY owner;
