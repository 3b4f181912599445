//! Calls that read.

use super::{ApiCall, read};
use crate::policy::grants;

/// `cloudwatch:DescribeAlarms`, whose event source has another name than the IAM prefix.
pub(crate) static DESCRIBE_ALARMS: ApiCall = read(
    "monitoring.amazonaws.com",
    "cloudwatch",
    "DescribeAlarms",
    r#"{"alarmNamePrefix":"{app}-","maxRecords":100}"#,
    &[&grants::ALARMS],
);

/// `ec2:DescribeInstances`.
pub(crate) static DESCRIBE_INSTANCES: ApiCall = read(
    "ec2.amazonaws.com",
    "ec2",
    "DescribeInstances",
    r#"{"instancesSet":{},"filterSet":{"items":[{"name":"tag:app","valueSet":{"items":[{"value":"{app}"}]}}]}}"#,
    &[&grants::DESCRIBE_EC2],
);

/// `s3:ListAllMyBuckets`, which the event calls `ListBuckets`. A key's last use of S3 may have no
/// Region.
pub(crate) static LIST_BUCKETS: ApiCall = ApiCall {
    action: "ListAllMyBuckets",
    home: Some("us-east-1"),
    recorded_region: Some("N/A"),
    ..read(
        "s3.amazonaws.com",
        "s3",
        "ListBuckets",
        r#"{"Host":"s3.amazonaws.com"}"#,
        &[&grants::LIST_BUCKETS],
    )
};

/// `s3:GetBucketLocation`.
pub(crate) static GET_BUCKET_LOCATION: ApiCall = ApiCall {
    resource: Some(("AWS::S3::Bucket", "arn:aws:s3:::{app}-{account}")),
    ..read(
        "s3.amazonaws.com",
        "s3",
        "GetBucketLocation",
        r#"{"bucketName":"{app}-{account}","Host":"s3.{region}.amazonaws.com","location":""}"#,
        &[&grants::READ_BUCKET],
    )
};

/// `ecr:GetAuthorizationToken`.
pub(crate) static GET_AUTHORIZATION_TOKEN: ApiCall = read(
    "ecr.amazonaws.com",
    "ecr",
    "GetAuthorizationToken",
    "{}",
    &[&grants::REGISTRY],
);

/// `secretsmanager:GetSecretValue`. The event shows the secret's name and nothing of its value.
pub(crate) static GET_SECRET_VALUE: ApiCall = read(
    "secretsmanager.amazonaws.com",
    "secretsmanager",
    "GetSecretValue",
    r#"{"secretId":"arn:aws:secretsmanager:{region}:{account}:secret:{app}/database-Ab12Cd"}"#,
    &[&grants::READ_SECRET],
);

/// `kms:Decrypt`, made by the secret store with the caller's rights.
pub(crate) static DECRYPT: ApiCall = ApiCall {
    resource: Some((
        "AWS::KMS::Key",
        "arn:aws:kms:{region}:{account}:key/0d1e2f30-4152-4637-8895-a6b7c8d9eaf0",
    )),
    ..read(
        "kms.amazonaws.com",
        "kms",
        "Decrypt",
        r#"{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:{region}:{account}:secret:{app}/database-Ab12Cd"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        &[&grants::DECRYPT_SECRET],
    )
};

/// `cloudformation:DescribeStacks`.
pub(crate) static DESCRIBE_STACKS: ApiCall = read(
    "cloudformation.amazonaws.com",
    "cloudformation",
    "DescribeStacks",
    r#"{"stackName":"{app}-service"}"#,
    &[&grants::STACKS],
);

/// `dynamodb:DescribeTable`.
pub(crate) static DESCRIBE_TABLE: ApiCall = ApiCall {
    resource: Some((
        "AWS::DynamoDB::Table",
        "arn:aws:dynamodb:{region}:{account}:table/{app}",
    )),
    ..read(
        "dynamodb.amazonaws.com",
        "dynamodb",
        "DescribeTable",
        r#"{"tableName":"{app}"}"#,
        &[&grants::DESCRIBE_TABLE],
    )
};

/// `ssm:GetParameter`.
pub(crate) static GET_PARAMETER: ApiCall = read(
    "ssm.amazonaws.com",
    "ssm",
    "GetParameter",
    r#"{"name":"/{app}/configuration","withDecryption":false}"#,
    &[&grants::PARAMETERS],
);

/// `route53:ListHostedZones`, of a global service.
pub(crate) static LIST_HOSTED_ZONES: ApiCall = ApiCall {
    home: Some("us-east-1"),
    ..read(
        "route53.amazonaws.com",
        "route53",
        "ListHostedZones",
        "null",
        &[&grants::DNS],
    )
};

/// `ce:GetCostAndUsage`, of a global service.
pub(crate) static GET_COST_AND_USAGE: ApiCall = ApiCall {
    home: Some("us-east-1"),
    ..read(
        "ce.amazonaws.com",
        "ce",
        "GetCostAndUsage",
        r#"{"granularity":"MONTHLY","metrics":["UnblendedCost"]}"#,
        &[&grants::COSTS],
    )
};

/// `iam:GenerateCredentialReport`, of a global service.
pub(crate) static GENERATE_CREDENTIAL_REPORT: ApiCall = ApiCall {
    home: Some("us-east-1"),
    ..read(
        "iam.amazonaws.com",
        "iam",
        "GenerateCredentialReport",
        "null",
        &[&grants::CREDENTIAL_REPORT],
    )
};

/// `eks:DescribeCluster`.
pub(crate) static DESCRIBE_CLUSTER: ApiCall = read(
    "eks.amazonaws.com",
    "eks",
    "DescribeCluster",
    r#"{"name":"{app}"}"#,
    &[&grants::DESCRIBE_CLUSTER],
);
