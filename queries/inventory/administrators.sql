-- Users, groups and roles with the AWS managed policy AdministratorAccess attached to themselves.
-- Run in the inventory's folder with DuckDB: duckdb -f administrators.sql
-- Parameters: none. Reads policy_attachments.parquet only. Rights from groups and other policies are not looked at.
SELECT account_id, principal_arn
FROM 'policy_attachments.parquet'
WHERE policy_arn LIKE 'arn:%:iam::aws:policy/AdministratorAccess'
ORDER BY account_id, principal_arn;
