-- Where each long-term access key was used from: addresses, clients, VPC endpoints and Regions.
--
-- One row a key, at most 20 values of each kind. A key with many addresses, or one that nobody knows, is worth a question.
--
-- Parameters: table; partitions, the predicates on partitions; times, the window by eventTime.
-- Cost: one scan of the partitions' files, whole. Athena bills by their compressed bytes.
SELECT
    useridentity.accountid AS account_id,
    useridentity.accesskeyid AS access_key_id,
    max(useridentity.arn) AS principal_arn,
    count(DISTINCT coalesce(nullif(eventid, ''), requestid)) AS calls,
    min(eventtime) AS first_seen,
    max(eventtime) AS last_seen,
    count(DISTINCT substr(eventtime, 1, 10)) AS active_days,
    count(DISTINCT sourceipaddress) AS addresses,
    array_join(slice(array_sort(array_agg(DISTINCT sourceipaddress)), 1, 20), ' | ') AS source_ips,
    array_join(slice(array_sort(array_agg(DISTINCT useragent)), 1, 20), ' | ') AS user_agents,
    array_join(slice(array_sort(array_agg(DISTINCT vpcendpointid)), 1, 20), ' | ') AS vpc_endpoints,
    array_join(slice(array_sort(array_agg(DISTINCT awsregion)), 1, 20), ' | ') AS regions
FROM {table}
WHERE {partitions}
    AND {times}
    AND useridentity.accesskeyid LIKE 'AKIA%'
GROUP BY useridentity.accountid, useridentity.accesskeyid
ORDER BY calls DESC, access_key_id
