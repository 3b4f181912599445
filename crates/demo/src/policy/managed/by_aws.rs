//! AWS's policies. Their documents are cut short on purpose: enough to behave alike, not a copy.

use super::{ManagedPolicy, aws, version};
use crate::policy::{Statement, allow};

static EVERYTHING: Statement = allow("", &["*"], &["*"]);
static READ_MUCH: Statement = allow(
    "ReadOnlyActions",
    &[
        "athena:Get*",
        "athena:List*",
        "autoscaling:Describe*",
        "cloudformation:Describe*",
        "cloudformation:Get*",
        "cloudtrail:Describe*",
        "cloudtrail:Get*",
        "cloudwatch:Describe*",
        "cloudwatch:Get*",
        "cloudwatch:List*",
        "dynamodb:Describe*",
        "dynamodb:List*",
        "ec2:Describe*",
        "ecs:Describe*",
        "ecs:List*",
        "eks:Describe*",
        "iam:Generate*",
        "iam:Get*",
        "iam:List*",
        "kms:Describe*",
        "kms:List*",
        "lambda:Get*",
        "lambda:List*",
        "logs:Describe*",
        "logs:Get*",
        "rds:Describe*",
        "route53:Get*",
        "route53:List*",
        "s3:Get*",
        "s3:List*",
        "sns:Get*",
        "sns:List*",
        "sqs:Get*",
        "sqs:List*",
        "ssm:Describe*",
        "ssm:Get*",
    ],
    &["*"],
);
static AUDIT: Statement = allow(
    "BaseSecurityAudit",
    &[
        "access-analyzer:Get*",
        "access-analyzer:List*",
        "cloudtrail:Describe*",
        "cloudtrail:GetEventSelectors",
        "config:Describe*",
        "ec2:Describe*",
        "guardduty:Get*",
        "iam:Generate*",
        "iam:Get*",
        "iam:List*",
        "kms:GetKeyPolicy",
        "kms:List*",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:ListAllMyBuckets",
    ],
    &["*"],
);
static POWER: Statement =
    allow("", &["iam:*", "organizations:*", "account:*"], &["*"]).on_all_other_actions();
static POWER_EXTRAS: Statement = allow(
    "",
    &[
        "account:GetAccountInformation",
        "iam:CreateServiceLinkedRole",
        "iam:ListRoles",
        "organizations:DescribeOrganization",
    ],
    &["*"],
);
static CHANGE_PASSWORD: Statement = allow(
    "",
    &["iam:ChangePassword"],
    &["arn:aws:iam::*:user/${aws:username}"],
);
static PASSWORD_RULES: Statement = allow("", &["iam:GetAccountPasswordPolicy"], &["*"]);
static BASIC_LOGS: Statement = allow(
    "",
    &[
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
    &["*"],
);
static READ_STORE: Statement = allow("", &["s3:Get*", "s3:List*", "s3:Describe*"], &["*"]);
static BILLING: Statement = allow(
    "",
    &[
        "billing:*",
        "budgets:*",
        "ce:*",
        "invoicing:*",
        "payments:*",
    ],
    &["*"],
);
static SUPPORT_LOOKUPS: Statement =
    allow("", &["ec2:Describe*", "iam:List*", "rds:Describe*"], &["*"]);

/// Everything.
pub(crate) static ADMINISTRATOR_ACCESS: ManagedPolicy = aws(
    "/",
    "AdministratorAccess",
    "v1",
    &[version("v1", 4288, &[&EVERYTHING])],
);
/// Everything but identities.
pub(crate) static POWER_USER_ACCESS: ManagedPolicy = aws(
    "/",
    "PowerUserAccess",
    "v6",
    &[version("v6", 820, &[&POWER, &POWER_EXTRAS])],
);
/// Reading.
pub(crate) static READ_ONLY_ACCESS: ManagedPolicy = aws(
    "/",
    "ReadOnlyAccess",
    "v168",
    &[version("v168", 40, &[&READ_MUCH])],
);
/// Reading what auditors need.
pub(crate) static SECURITY_AUDIT: ManagedPolicy = aws(
    "/",
    "SecurityAudit",
    "v62",
    &[version("v62", 60, &[&AUDIT])],
);
/// Changing one's own password.
pub(crate) static USER_CHANGE_PASSWORD: ManagedPolicy = aws(
    "/",
    "IAMUserChangePassword",
    "v2",
    &[version("v2", 3630, &[&CHANGE_PASSWORD, &PASSWORD_RULES])],
);
/// Reading S3.
pub(crate) static S3_READ_ONLY: ManagedPolicy = aws(
    "/",
    "AmazonS3ReadOnlyAccess",
    "v3",
    &[version("v3", 1180, &[&READ_STORE])],
);
/// The bill.
pub(crate) static BILLING_JOB: ManagedPolicy = aws(
    "/job-function/",
    "Billing",
    "v9",
    &[version("v9", 510, &[&BILLING])],
);
/// What every function needs.
pub(crate) static LAMBDA_BASIC: ManagedPolicy = aws(
    "/service-role/",
    "AWSLambdaBasicExecutionRole",
    "v1",
    &[version("v1", 4220, &[&BASIC_LOGS])],
);
/// What the service-linked role of Trusted Advisor has.
pub(crate) static ADVISOR_SERVICE_ROLE: ManagedPolicy = aws(
    "/aws-service-role/",
    "AWSTrustedAdvisorServiceRolePolicy",
    "v13",
    &[version("v13", 150, &[&SUPPORT_LOOKUPS])],
);

/// What the service-linked role of RDS has.
pub(crate) static DATABASE_SERVICE_ROLE: ManagedPolicy = aws(
    "/aws-service-role/",
    "AmazonRDSServiceRolePolicy",
    "v14",
    &[version("v14", 330, &[&SUPPORT_LOOKUPS, &BASIC_LOGS])],
);
