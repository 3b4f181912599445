-- A table of one account's trail.
--
-- Partitions are projected: new days and Regions need no `ALTER TABLE ADD PARTITION`, and a query that names days reads
-- their files only. Columns as the AWS documentation has them (Athena User Guide, "Query AWS CloudTrail logs").
--
-- Parameters: table; location and template, the folder with the account's logs; regions, the Regions
--   to look in; range, the days that there can be.
-- Cost: none. Nothing is read or written but the table's definition.
CREATE EXTERNAL TABLE IF NOT EXISTS {table} (
    eventversion string,
    useridentity struct<
        type: string,
        principalid: string,
        arn: string,
        accountid: string,
        invokedby: string,
        accesskeyid: string,
        username: string,
        onbehalfof: struct<userid: string, identitystorearn: string>,
        sessioncontext: struct<
            attributes: struct<mfaauthenticated: string, creationdate: string>,
            sessionissuer: struct<type: string, principalid: string, arn: string, accountid: string, username: string>,
            ec2roledelivery: string,
            webidfederationdata: struct<federatedprovider: string, attributes: map<string, string>>
        >
    >,
    eventtime string,
    eventsource string,
    eventname string,
    awsregion string,
    sourceipaddress string,
    useragent string,
    errorcode string,
    errormessage string,
    requestparameters string,
    responseelements string,
    additionaleventdata string,
    requestid string,
    eventid string,
    readonly string,
    resources array<struct<arn: string, accountid: string, type: string>>,
    eventtype string,
    apiversion string,
    recipientaccountid string,
    serviceeventdetails string,
    sharedeventid string,
    vpcendpointid string,
    vpcendpointaccountid string,
    eventcategory string,
    sessioncredentialfromconsole string,
    edgedevicedetails string,
    tlsdetails struct<tlsversion: string, ciphersuite: string, clientprovidedhostheader: string>
) PARTITIONED BY (region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION {location}
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.region.type' = 'enum',
    'projection.region.values' = {regions},
    'projection.day.type' = 'date',
    'projection.day.format' = 'yyyy/MM/dd',
    'projection.day.interval' = '1',
    'projection.day.interval.unit' = 'DAYS',
    'projection.day.range' = {range},
    'storage.location.template' = {template}
)
