-- Who used which permission on what, with the ids of all events: what `leastgrant usage --athena` asks where an inventory has
-- to know which events it has counted.
--
-- The groups are those of `usage`, and so is what makes them. In place of counts there is a list of the group's records, each with its eventID, its
-- sharedEventID, and where it has no eventID what tells it from others of the group.
--
-- Parameters: as of `usage`.
-- Cost: one scan of the partitions' files, whole. Athena bills by their compressed bytes. The result grows with the number of records, by about 60 bytes each.
WITH read_members AS (
    SELECT
        split_part(line, '|', 1) AS host,
        split_part(line, '|', 2) AS names,
        -- Ids of EC2 stand in other members too.
        starts_with(split_part(line, '|', 2), '* ') AS has_ids,
        split_part(line, '|', 3) AS unread_calls
    FROM UNNEST(split({read_members}, chr(10))) AS lines (line)
    WHERE line <> ''
),
records AS (
    SELECT
        ARRAY[
            eventid,
            sharedeventid,
            CASE
                WHEN nullif(eventid, '') IS NULL
                    THEN json_format(CAST(ARRAY[eventtime, requestid, sourceipaddress, useragent, vpcendpointid] AS JSON))
            END
        ] AS record_id,
        CASE WHEN {has_time} THEN eventtime END AS event_time,
        substr(sourceipaddress, 1, 1024) AS source_ip,
        substr(useragent, 1, 1024) AS user_agent,
        substr(vpcendpointid, 1, 1024) AS vpc_endpoint,
        eventsource AS event_source,
        eventname AS event_name,
        eventtype AS event_type,
        awsregion AS region,
        recipientaccountid AS recipient_account_id,
        -- Some services put their errors into the answer, and a sign-in that failed has no code.
        CASE
            WHEN nullif(errorcode, '') IS NULL AND eventname = 'ConsoleLogin'
                AND json_extract_scalar(responseelements, '$.ConsoleLogin') = 'Failure'
                THEN 'ConsoleLogin Failure'
            WHEN nullif(errorcode, '') IS NULL AND responseelements LIKE '%rrorCode"%'
                THEN coalesce(json_extract_scalar(responseelements, '$.errorCode'), json_extract_scalar(responseelements, '$.ErrorCode'))
            ELSE errorcode
        END AS error_code,
        -- The key of the session that a call began: records of a session do not always tell the role.
        CASE
            WHEN eventname LIKE 'AssumeRole%' THEN json_extract_scalar(responseelements, '$.credentials.accessKeyId')
        END AS session_key,
        useridentity.type AS identity_type,
        -- The names of sessions say nothing where the role or user behind them is told.
        CASE
            WHEN useridentity.type IN ('AWSService', 'WebIdentityUser', 'SAMLUser', 'IdentityCenterUser')
                THEN useridentity.principalid
        END AS identity_principal_id,
        CASE
            WHEN useridentity.type IN ('AssumedRole', 'Role', 'FederatedUser')
                AND length(useridentity.sessioncontext.sessionissuer.arn) BETWEEN 1 AND 512
                AND useridentity.accountid <> ''
                THEN NULL
            ELSE useridentity.arn
        END AS identity_arn,
        useridentity.accountid AS identity_account_id,
        CASE
            WHEN useridentity.accesskeyid LIKE 'AKIA%' THEN useridentity.accesskeyid
            WHEN useridentity.type = 'AssumedRole'
                AND coalesce(length(useridentity.sessioncontext.sessionissuer.arn), 0) NOT BETWEEN 1 AND 512
                THEN useridentity.accesskeyid
        END AS identity_access_key_id,
        CASE
            WHEN useridentity.type IN ('IAMUser', 'AWSService', 'WebIdentityUser', 'SAMLUser', 'IdentityCenterUser')
                THEN useridentity.username
        END AS identity_user_name,
        useridentity.invokedby AS identity_invoked_by,
        useridentity.sessioncontext.sessionissuer.arn AS identity_issuer_arn,
        {on_behalf_of} AS identity_on_behalf_of,
        requestparameters AS request_text,
        try(CAST(json_parse(requestparameters) AS MAP(varchar, JSON))) AS request_members,
        CASE
            WHEN cardinality(resources) > 0 THEN json_format(CAST(transform(resources, resource -> resource.arn) AS JSON))
        END AS listed_arns
    FROM {table}
    WHERE {partitions}
        -- What has no time that can be compared is counted by itself.
        AND (NOT coalesce({has_time}, false) OR {times})
        AND coalesce({event_category}, '') <> 'Insight'
        AND coalesce(eventtype, '') <> 'AwsCloudTrailInsight'
),
{narrowed}
SELECT
    event_source, event_name, event_type, region, recipient_account_id, error_code, identity_type,
    identity_principal_id, identity_arn, identity_account_id, identity_access_key_id, identity_user_name,
    identity_invoked_by, identity_issuer_arn, identity_on_behalf_of, request_parameters, resource_arns,
    count(*) AS records,
    json_format(CAST(array_agg(record_id) AS JSON)) AS record_ids,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen,
    json_format(CAST(array_sort(array_agg(DISTINCT substr(event_time, 1, 10)) FILTER (WHERE event_time <> '')) AS JSON)) AS active_dates,
    json_format(CAST(array_sort(array_agg(DISTINCT session_key) FILTER (WHERE session_key <> '')) AS JSON)) AS session_keys,
    -- One more than `leastgrant` shows, so that it knows of more.
    json_format(CAST(slice(array_sort(array_agg(DISTINCT source_ip) FILTER (WHERE source_ip <> '')), 1, 21) AS JSON)) AS source_ips,
    json_format(CAST(slice(array_sort(array_agg(DISTINCT user_agent) FILTER (WHERE user_agent <> '')), 1, 21) AS JSON)) AS user_agents,
    json_format(CAST(slice(array_sort(array_agg(DISTINCT vpc_endpoint) FILTER (WHERE vpc_endpoint <> '')), 1, 21) AS JSON)) AS vpc_endpoints
FROM narrowed
GROUP BY
    event_source, event_name, event_type, region, recipient_account_id, error_code, identity_type,
    identity_principal_id, identity_arn, identity_account_id, identity_access_key_id, identity_user_name,
    identity_invoked_by, identity_issuer_arn, identity_on_behalf_of, request_parameters, resource_arns,
    event_time IS NULL
