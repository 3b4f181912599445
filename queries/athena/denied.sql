-- Calls that were refused: attempts, or permissions that somebody misses.
--
-- One row for each identity, call and error, the most frequent first, with one of the messages. Sessions of a role are one.
--
-- Parameters: table; partitions, the predicates on partitions; times, the window by eventTime.
-- Cost: one scan of the partitions' files, whole. Athena bills by their compressed bytes.
SELECT
    recipientaccountid AS account_id,
    coalesce(nullif(useridentity.sessioncontext.sessionissuer.arn, ''), nullif(useridentity.arn, ''), useridentity.invokedby) AS principal_arn,
    eventsource AS event_source,
    eventname AS event_name,
    awsregion AS region,
    errorcode AS error_code,
    count(DISTINCT coalesce(nullif(eventid, ''), requestid)) AS calls,
    min(eventtime) AS first_seen,
    max(eventtime) AS last_seen,
    max(errormessage) AS example
FROM {table}
WHERE {partitions}
    AND {times}
    AND regexp_like(
        lower(errorcode),
        'access.?denied|unauthori[sz]ed|not.?authori[sz]ed|authorizationerror|forbidden|authfailure|allaccessdisabled|accountproblem'
    )
GROUP BY
    recipientaccountid,
    coalesce(nullif(useridentity.sessioncontext.sessionissuer.arn, ''), nullif(useridentity.arn, ''), useridentity.invokedby),
    eventsource, eventname, awsregion, errorcode
ORDER BY calls DESC, principal_arn, event_source, event_name, region, error_code
