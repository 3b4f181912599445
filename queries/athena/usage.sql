-- Who used which permission on what: what `leastgrant usage --athena` asks.
--
-- One row for each group of records that are alike in all that decides which permission a call needed, who made it and
-- whether it was allowed; `leastgrant` knows which actions the calls needed. An event that was delivered twice counts once,
-- and so does a call that several accounts received a record of (sharedEventID); records without an eventID each count.
-- Calls with records in several groups are counted in each of these, which then agree in `shared_by`.
--
-- Of the request parameters only the members stay that decide about permissions: `read_members` lists them by the host of the event
-- source, in small letters, with how the names of calls begin whose requests decide nothing. Names of sessions, tokens, encryption
-- contexts and the like therefore make no groups. Addresses, user agents, endpoints and days are collected within a group.
--
-- What makes groups is each principal and long-term key, call, Region, account and error, and each resource that the call names: objects
-- of S3, items of a list, keys, ARNs. A trail with data events of S3 has about as many groups as there are pairs of a principal and an
-- object. Sessions that do not tell their role are one each.
--
-- Parameters: table; partitions, the predicates on partitions; times, the window by eventTime; the rest is from the catalogue:
--   read_members, and how their names and values are told apart.
-- Cost: one scan of the partitions' files, whole. Athena bills by their compressed bytes. What it needs of memory grows with the
--   records, which it sorts by their ids, and with the groups. Where that is too much, the query fails after its scan, which is billed.
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
        coalesce(
            CASE WHEN {has_time} THEN nullif(eventid, '') END,
            concat('without id ', CAST(uuid() AS varchar))
        ) AS event_key,
        nullif(eventid, '') IS NULL AS is_without_event_id,
        CASE WHEN {has_time} THEN nullif(sharedeventid, '') END AS shared_event_id,
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
{narrowed},
copies AS (
    SELECT
        narrowed.*,
        to_hex(md5(to_utf8(json_format(CAST(ARRAY[
            event_source, event_name, event_type, region, recipient_account_id, error_code, identity_type,
            identity_principal_id, identity_arn, identity_account_id, identity_access_key_id, identity_user_name,
            identity_invoked_by, identity_issuer_arn, identity_on_behalf_of, request_parameters, resource_arns
        ] AS JSON))))) AS group_key,
        -- One of two copies can have lost what the accounts have in common.
        coalesce(
            concat('shared ', max(shared_event_id) OVER (PARTITION BY event_key)),
            concat('event ', event_key)
        ) AS call_key,
        row_number() OVER (PARTITION BY event_key) = 1 AS is_first_copy
    FROM narrowed
),
calls AS (
    SELECT
        copies.*,
        CASE
            WHEN min(group_key) OVER (PARTITION BY call_key) <> max(group_key) OVER (PARTITION BY call_key)
                THEN to_hex(md5(to_utf8(array_join(
                    array_sort(array_distinct(array_agg(group_key) OVER (PARTITION BY call_key))), ','
                ))))
        END AS shared_by
    FROM copies
)
SELECT
    event_source, event_name, event_type, region, recipient_account_id, error_code, identity_type,
    identity_principal_id, identity_arn, identity_account_id, identity_access_key_id, identity_user_name,
    identity_invoked_by, identity_issuer_arn, identity_on_behalf_of, request_parameters, resource_arns,
    shared_by,
    count(DISTINCT call_key) AS calls,
    count_if(is_first_copy) AS events,
    count(*) AS records,
    count_if(is_without_event_id) AS without_event_id,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen,
    json_format(CAST(array_sort(array_agg(DISTINCT substr(event_time, 1, 10)) FILTER (WHERE event_time <> '')) AS JSON)) AS active_dates,
    json_format(CAST(array_sort(array_agg(DISTINCT session_key) FILTER (WHERE session_key <> '')) AS JSON)) AS session_keys,
    -- One more than `leastgrant` shows, so that it knows of more.
    json_format(CAST(slice(array_sort(array_agg(DISTINCT source_ip) FILTER (WHERE source_ip <> '')), 1, 21) AS JSON)) AS source_ips,
    json_format(CAST(slice(array_sort(array_agg(DISTINCT user_agent) FILTER (WHERE user_agent <> '')), 1, 21) AS JSON)) AS user_agents,
    json_format(CAST(slice(array_sort(array_agg(DISTINCT vpc_endpoint) FILTER (WHERE vpc_endpoint <> '')), 1, 21) AS JSON)) AS vpc_endpoints
FROM calls
GROUP BY
    event_source, event_name, event_type, region, recipient_account_id, error_code, identity_type,
    identity_principal_id, identity_arn, identity_account_id, identity_access_key_id, identity_user_name,
    identity_invoked_by, identity_issuer_arn, identity_on_behalf_of, request_parameters, resource_arns,
    shared_by, event_time IS NULL
