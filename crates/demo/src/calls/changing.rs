//! Calls that change something.

use super::{ApiCall, change};
use crate::policy::grants;

/// `ec2:RunInstances` with an instance profile, so a role is passed.
pub(crate) static RUN_INSTANCES: ApiCall = change(
    "ec2.amazonaws.com",
    "ec2",
    "RunInstances",
    r#"{"instancesSet":{"items":[{"imageId":"ami-0a1b2c3d4e5f60718","minCount":1,"maxCount":1}]},"instanceType":"t4g.small","subnetId":"subnet-0f1e2d3c4b5a69788","iamInstanceProfile":{"arn":"arn:aws:iam::{account}:instance-profile/{target}"},"monitoring":{"enabled":false}}"#,
    &[&grants::RUN_INSTANCES, &grants::PASS_FLEET_ROLE],
);

/// `ec2:TerminateInstances`.
pub(crate) static TERMINATE_INSTANCES: ApiCall = ApiCall {
    denial: "Client.UnauthorizedOperation",
    denied_on: "arn:aws:ec2:{region}:{account}:instance/i-0c0ffee0c0ffee0c0",
    ..change(
        "ec2.amazonaws.com",
        "ec2",
        "TerminateInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"i-0c0ffee0c0ffee0c0"}]}}"#,
        &[],
    )
};

/// `lambda:UpdateFunctionCode`, with the date that Lambda's event names carry.
pub(crate) static UPDATE_FUNCTION_CODE: ApiCall = ApiCall {
    action: "UpdateFunctionCode",
    ..change(
        "lambda.amazonaws.com",
        "lambda",
        "UpdateFunctionCode20150331v2",
        r#"{"functionName":"arn:aws:lambda:{region}:{account}:function:{app}-worker","dryRun":false,"publish":true}"#,
        &[&grants::DEPLOY_FUNCTION],
    )
};

/// `cloudformation:UpdateStack`.
pub(crate) static UPDATE_STACK: ApiCall = change(
    "cloudformation.amazonaws.com",
    "cloudformation",
    "UpdateStack",
    r#"{"stackName":"{app}-service","usePreviousTemplate":true,"parameters":[{"parameterKey":"ImageTag"}]}"#,
    &[&grants::STACKS],
);

/// `athena:StartQueryExecution`, whose query CloudTrail hides.
pub(crate) static START_QUERY: ApiCall = change(
    "athena.amazonaws.com",
    "athena",
    "StartQueryExecution",
    r#"{"queryString":"***OMITTED***","workGroup":"{app}"}"#,
    &[&grants::QUERIES],
);

/// `glue:StartJobRun`.
pub(crate) static START_JOB: ApiCall = change(
    "glue.amazonaws.com",
    "glue",
    "StartJobRun",
    r#"{"jobName":"{app}-nightly"}"#,
    &[&grants::JOBS],
);

/// `rds:CreateDBSnapshot`.
pub(crate) static CREATE_DB_SNAPSHOT: ApiCall = change(
    "rds.amazonaws.com",
    "rds",
    "CreateDBSnapshot",
    r#"{"dBSnapshotIdentifier":"{app}-before-release","dBInstanceIdentifier":"{app}"}"#,
    &[&grants::SNAPSHOTS],
);

/// `iam:CreateAccessKey` for another user.
pub(crate) static CREATE_ACCESS_KEY: ApiCall = ApiCall {
    home: Some("us-east-1"),
    denied_on: "arn:aws:iam::{account}:user/break-glass",
    ..change(
        "iam.amazonaws.com",
        "iam",
        "CreateAccessKey",
        r#"{"userName":"break-glass"}"#,
        &[],
    )
};

/// `logs:CreateLogStream`.
pub(crate) static CREATE_LOG_STREAM: ApiCall = change(
    "logs.amazonaws.com",
    "logs",
    "CreateLogStream",
    r#"{"logGroupName":"/aws/lambda/{app}-worker","logStreamName":"2026/[$LATEST]0011223344556677"}"#,
    &[&grants::WRITE_LOGS],
);

/// `cloudfront:CreateInvalidation`, with the date that CloudFront's event names carry.
pub(crate) static CREATE_INVALIDATION: ApiCall = ApiCall {
    action: "CreateInvalidation",
    home: Some("us-east-1"),
    ..change(
        "cloudfront.amazonaws.com",
        "cloudfront",
        "CreateInvalidation2020_05_31",
        r#"{"distributionId":"E1MADEUPDEMO01","invalidationBatch":{"callerReference":"{app}","paths":{"quantity":1,"items":["/*"]}}}"#,
        &[&grants::INVALIDATE],
    )
};
