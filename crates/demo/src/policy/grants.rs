//! The statements that the made-up API calls need, so that what was done is also allowed.

use super::{Statement, allow, condition};

/// Reading alarms.
pub(crate) static ALARMS: Statement = allow(
    "ReadAlarms",
    &[
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
    ],
    &["*"],
);

/// Looking at EC2.
pub(crate) static DESCRIBE_EC2: Statement = allow("LookAtCompute", &["ec2:Describe*"], &["*"]);

/// Starting instances.
pub(crate) static RUN_INSTANCES: Statement = allow(
    "StartFleet",
    &["ec2:RunInstances", "ec2:CreateTags"],
    &[
        "arn:aws:ec2:{region}:{account}:*/*",
        "arn:aws:ec2:{region}::image/*",
    ],
);

/// Handing the instances their role.
pub(crate) static PASS_FLEET_ROLE: Statement = allow(
    "HandOverFleetRole",
    &["iam:PassRole"],
    &["arn:aws:iam::{account}:role/{target}"],
)
.when(&[condition(
    "StringEquals",
    &[("iam:PassedToService", &["ec2.amazonaws.com"])],
)]);

/// Listing buckets.
pub(crate) static LIST_BUCKETS: Statement = allow("ListBuckets", &["s3:ListAllMyBuckets"], &["*"]);

/// Reading one bucket.
pub(crate) static READ_BUCKET: Statement = allow(
    "ReadOwnBucket",
    &["s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject"],
    &[
        "arn:aws:s3:::{app}-{account}",
        "arn:aws:s3:::{app}-{account}/*",
    ],
);

/// Rolling out functions.
pub(crate) static DEPLOY_FUNCTION: Statement = allow(
    "DeployFunction",
    &[
        "lambda:GetFunction",
        "lambda:UpdateFunctionCode",
        "lambda:PublishVersion",
    ],
    &["arn:aws:lambda:{region}:{account}:function:{app}-*"],
);

/// Signing in to the image registry.
pub(crate) static REGISTRY: Statement =
    allow("SignInToRegistry", &["ecr:GetAuthorizationToken"], &["*"]);

/// Reading one secret.
pub(crate) static READ_SECRET: Statement = allow(
    "ReadOwnSecret",
    &[
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
    ],
    &["arn:aws:secretsmanager:{region}:{account}:secret:{app}/*"],
);

/// Decrypting, but only through the secret store.
pub(crate) static DECRYPT_SECRET: Statement = allow(
    "DecryptThroughSecretStore",
    &["kms:Decrypt"],
    &["arn:aws:kms:{region}:{account}:key/*"],
)
.when(&[condition(
    "StringEquals",
    &[("kms:ViaService", &["secretsmanager.{region}.amazonaws.com"])],
)]);

/// Assuming one role.
pub(crate) static ASSUME_TARGET: Statement =
    allow("AssumeOneRole", &["sts:AssumeRole"], &["{target}"]);

/// Updating stacks.
pub(crate) static STACKS: Statement = allow(
    "UpdateOwnStacks",
    &[
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackEvents",
        "cloudformation:UpdateStack",
    ],
    &["arn:aws:cloudformation:{region}:{account}:stack/{app}-*/*"],
);

/// Asking the query engine.
pub(crate) static QUERIES: Statement = allow(
    "AskQuestions",
    &[
        "athena:StartQueryExecution",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
    ],
    &["arn:aws:athena:{region}:{account}:workgroup/{app}"],
);

/// Starting transformation jobs.
pub(crate) static JOBS: Statement = allow(
    "StartJobs",
    &["glue:StartJobRun", "glue:GetJobRun", "glue:GetJob"],
    &["arn:aws:glue:{region}:{account}:job/{app}-*"],
);

/// Looking at one table.
pub(crate) static DESCRIBE_TABLE: Statement = allow(
    "LookAtTable",
    &["dynamodb:DescribeTable", "dynamodb:Query"],
    &["arn:aws:dynamodb:{region}:{account}:table/{app}"],
);

/// Reading configuration.
pub(crate) static PARAMETERS: Statement = allow(
    "ReadConfiguration",
    &["ssm:GetParameter", "ssm:GetParametersByPath"],
    &["arn:aws:ssm:{region}:{account}:parameter/{app}/*"],
);

/// Making database snapshots.
pub(crate) static SNAPSHOTS: Statement = allow(
    "MakeSnapshots",
    &["rds:CreateDBSnapshot", "rds:AddTagsToResource"],
    &[
        "arn:aws:rds:{region}:{account}:db:{app}",
        "arn:aws:rds:{region}:{account}:snapshot:{app}-*",
    ],
);

/// Reading the DNS.
pub(crate) static DNS: Statement = allow(
    "ReadZones",
    &["route53:ListHostedZones", "route53:GetHostedZone"],
    &["*"],
);

/// Reading the bill.
pub(crate) static COSTS: Statement = allow(
    "ReadCosts",
    &["ce:GetCostAndUsage", "ce:GetCostForecast"],
    &["*"],
);

/// Asking for the credential report.
pub(crate) static CREDENTIAL_REPORT: Statement = allow(
    "TakeStockOfCredentials",
    &["iam:GenerateCredentialReport", "iam:GetCredentialReport"],
    &["*"],
);

/// Writing logs.
pub(crate) static WRITE_LOGS: Statement = allow(
    "WriteOwnLogs",
    &["logs:CreateLogStream", "logs:PutLogEvents"],
    &["arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{app}-*"],
);

/// Looking at one cluster.
pub(crate) static DESCRIBE_CLUSTER: Statement = allow(
    "LookAtCluster",
    &["eks:DescribeCluster"],
    &["arn:aws:eks:{region}:{account}:cluster/{app}"],
);

/// Emptying the cache of the content network.
pub(crate) static INVALIDATE: Statement = allow(
    "EmptyEdgeCache",
    &[
        "cloudfront:CreateInvalidation",
        "cloudfront:GetInvalidation",
    ],
    &["arn:aws:cloudfront::{account}:distribution/*"],
);

/// Updating the platform's stacks in any account: what a permission set says.
pub(crate) static PLATFORM_STACKS: Statement = allow(
    "UpdatePlatformStacks",
    &[
        "cloudformation:DescribeStacks",
        "cloudformation:UpdateStack",
    ],
    &["arn:aws:cloudformation:*:*:stack/platform-*/*"],
);
