//! The customer's policies: narrow and broad ones, old versions, copies and leftovers.

use super::{ManagedPolicy, ours, version};
use crate::policy::{Statement, allow, condition, deny};

static EVERYTHING_NAMED: Statement = allow("TemporaryDuringMigration", &["*"], &["*"]);
static DEPLOY: Statement = allow(
    "Deploy",
    &[
        "cloudformation:*",
        "lambda:*",
        "s3:PutObject",
        "ecs:UpdateService",
    ],
    &["*"],
);
static DEPLOY_NARROW: Statement = allow(
    "Deploy",
    &[
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
        "lambda:UpdateFunctionCode",
        "ecs:UpdateService",
    ],
    &[
        "arn:aws:cloudformation:*:{account}:stack/app-*/*",
        "arn:aws:lambda:*:{account}:function:app-*",
        "arn:aws:ecs:*:{account}:service/*/app-*",
    ],
);
static DEPLOY_PASS_ROLE: Statement = allow("HandOverRole", &["iam:PassRole"], &["*"]);
static BOUNDARY_ALLOW: Statement = allow(
    "AtMost",
    &[
        "ec2:*",
        "s3:*",
        "logs:*",
        "cloudwatch:*",
        "lambda:*",
        "dynamodb:*",
        "ecr:*",
        "ssm:*",
        "sts:AssumeRole",
    ],
    &["*"],
);
static BOUNDARY_DENY: Statement = deny(
    "NeverTheBoundary",
    &[
        "iam:DeleteUserPermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
        "iam:CreatePolicyVersion",
    ],
    &["*"],
);
static READ_LOGS: Statement = allow(
    "ReadLogs",
    &[
        "logs:Describe*",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
    ],
    &["arn:aws:logs:*:{account}:log-group:/app/*"],
);
static LAKE_READ: Statement = allow(
    "ReadLake",
    &["s3:GetObject", "s3:ListBucket"],
    &[
        "arn:aws:s3:::lake-{account}",
        "arn:aws:s3:::lake-{account}/*",
    ],
)
.when(&[condition(
    "StringEquals",
    &[("aws:PrincipalOrgID", &["{organisation}"])],
)]);
static KEY_ADMIN: Statement = allow(
    "AdministerKeys",
    &[
        "kms:Create*",
        "kms:Describe*",
        "kms:Enable*",
        "kms:List*",
        "kms:Put*",
        "kms:TagResource",
    ],
    &["*"],
);
static MIGRATION: Statement = allow("CopyEverything", &["s3:*", "rds:*", "dms:*"], &["*"]);
static SWITCH_VERSIONS: Statement =
    allow("SwitchVersions", &["iam:SetDefaultPolicyVersion"], &["*"]);

/// In force in its third version; the first one allowed everything.
pub(crate) static APP_DEPLOY: ManagedPolicy = ours(
    "/team/",
    "app-deploy",
    "v3",
    &[
        version("v3", 140, &[&DEPLOY_NARROW]),
        version("v2", 420, &[&DEPLOY, &DEPLOY_PASS_ROLE]),
        version("v1", 1300, &[&EVERYTHING_NAMED]),
    ],
);

/// Never attached, but the boundary of some users and roles.
pub(crate) static TEAM_BOUNDARY: ManagedPolicy = ours(
    "/boundaries/",
    "team-boundary",
    "v2",
    &[
        version("v2", 300, &[&BOUNDARY_ALLOW, &BOUNDARY_DENY]),
        version("v1", 700, &[&BOUNDARY_ALLOW]),
    ],
);

/// Attached to a group.
pub(crate) static LOGS_READ_ONLY: ManagedPolicy = ours(
    "/",
    "logs-read-only",
    "v1",
    &[version("v1", 900, &[&READ_LOGS])],
);

/// The same document under another name.
pub(crate) static LOGS_READ_ONLY_COPY: ManagedPolicy = ours(
    "/",
    "LogsReadOnly-copy",
    "v1",
    &[version("v1", 260, &[&READ_LOGS])],
);

/// Attached to those who read the data lake.
pub(crate) static DATA_LAKE_READ: ManagedPolicy = ours(
    "/team/",
    "data-lake-read",
    "v1",
    &[version("v1", 640, &[&LAKE_READ])],
);

/// In force in an older version than the latest; all five versions that fit are stored.
pub(crate) static KEY_ADMINISTRATION: ManagedPolicy = ours(
    "/",
    "key-administration",
    "v6",
    &[
        version("v9", 100, &[&KEY_ADMIN, &SWITCH_VERSIONS]),
        version("v8", 110, &[&EVERYTHING_NAMED]),
        version("v7", 200, &[&KEY_ADMIN]),
        version("v6", 310, &[&KEY_ADMIN]),
        version("v4", 800, &[&KEY_ADMIN]),
    ],
);

/// Attached to nothing.
pub(crate) static LEGACY_MIGRATION: ManagedPolicy = ours(
    "/",
    "legacy-migration-2019",
    "v1",
    &[version("v1", 2600, &[&MIGRATION])],
);

/// The customer's policies of every account.
pub(crate) static OURS: &[&ManagedPolicy] = &[
    &APP_DEPLOY,
    &TEAM_BOUNDARY,
    &LOGS_READ_ONLY,
    &LOGS_READ_ONLY_COPY,
    &DATA_LAKE_READ,
    &KEY_ADMINISTRATION,
    &LEGACY_MIGRATION,
];
