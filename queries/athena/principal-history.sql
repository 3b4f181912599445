-- What one user or role did, day by day.
--
-- One row for each day, call, Region and error, in the order of time; all sessions of a role together.
--
-- Parameters: table; partitions, the predicates on partitions; times, the window by eventTime; principal, the ARN of
--   the user, of the role, or of one session of it.
-- Cost: one scan of the partitions' files, whole. Athena bills by their compressed bytes.
SELECT
    substr(eventtime, 1, 10) AS day,
    eventsource AS event_source,
    eventname AS event_name,
    awsregion AS region,
    errorcode AS error_code,
    count(DISTINCT coalesce(nullif(eventid, ''), requestid)) AS calls,
    min(eventtime) AS first_seen,
    max(eventtime) AS last_seen,
    array_join(slice(array_sort(array_agg(DISTINCT useridentity.accesskeyid)), 1, 20), ' | ') AS access_key_ids,
    array_join(slice(array_sort(array_agg(DISTINCT sourceipaddress)), 1, 20), ' | ') AS source_ips
FROM {table}
WHERE {partitions}
    AND {times}
    AND (useridentity.arn = {principal} OR useridentity.sessioncontext.sessionissuer.arn = {principal})
GROUP BY substr(eventtime, 1, 10), eventsource, eventname, awsregion, errorcode
ORDER BY first_seen, event_source, event_name, region, error_code
