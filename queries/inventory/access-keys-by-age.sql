-- Active access keys, the oldest first, with their last use.
-- Run in the inventory's folder with DuckDB: duckdb -f access-keys-by-age.sql
-- Parameters: none. Reads access_keys.parquet only.
SELECT
    account_id,
    user_name,
    access_key_id,
    created_at,
    date_diff('day', created_at, last_used_as_of) AS age_in_days,
    CASE WHEN last_used_known THEN coalesce(CAST(last_used_at AS VARCHAR), 'never') ELSE 'unknown' END AS last_used
FROM 'access_keys.parquet'
WHERE is_active
ORDER BY created_at, account_id, user_name;
