"""Groups CloudTrail files as `usage` does, by DuckDB, and prints how many groups there are.

It does less: no mapping to actions, no resources from parameters, no principals but the ARNs that stand in the records.
"""

import sys

import duckdb

files, threads = sys.argv[1], int(sys.argv[2])
IDENTITY = (
    "STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,"
    " invokedBy VARCHAR, sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR)))"
)
RECORD = (
    f"STRUCT(userIdentity {IDENTITY}, eventTime VARCHAR, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR,"
    " sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, requestParameters JSON, eventID VARCHAR,"
    " recipientAccountId VARCHAR, vpcEndpointId VARCHAR)[]"
)
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
with open(files, encoding="utf-8") as names:
    paths = names.read().splitlines()
rows = connection.execute(
    f"""
    WITH records AS (
        SELECT unnest(Records) AS r FROM read_json(?, columns = {{'Records': '{RECORD}'}}, maximum_object_size = 200000000)
    ), once AS (
        SELECT r.eventID AS id, any_value(r) AS r FROM records GROUP BY r.eventID
    )
    SELECT r.recipientAccountId, coalesce(r.userIdentity.sessionContext.sessionIssuer.arn, r.userIdentity.arn),
        CASE WHEN r.userIdentity.accessKeyId LIKE 'AKIA%' THEN r.userIdentity.accessKeyId END,
        r.eventSource, r.eventName, r.awsRegion, r.errorCode, r.requestParameters::VARCHAR,
        count(*), min(r.eventTime), max(r.eventTime),
        list_sort(list(DISTINCT r.sourceIPAddress))[1:21], list_sort(list(DISTINCT r.userAgent))[1:21],
        list(DISTINCT r.vpcEndpointId), list(DISTINCT r.userIdentity.invokedBy), count(DISTINCT r.eventTime[1:10])
    FROM once GROUP BY ALL
    """,
    [paths],
).fetchall()
print(len(rows))
