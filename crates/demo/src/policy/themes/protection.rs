//! What protects: keys, secrets and logs.

use super::{Theme, theme};
use crate::policy::{Statement, allow, condition, deny};

/// Statements about keys.
pub(super) static KEYS: Theme = theme(
    "keys",
    &[&KEYS_USE, &KEYS_VIA_SERVICE, &KEYS_GRANT_TO_AWS, &KEYS_KEEP],
);

static KEYS_USE: Statement = allow(
    "UseDataKey",
    &[
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ],
    &["arn:aws:kms:{region}:{account}:key/0d1e2f30-4152-4637-8895-a6b7c8d9eaf0"],
);

static KEYS_VIA_SERVICE: Statement = allow(
    "UseKeysThroughStore",
    &["kms:Decrypt", "kms:GenerateDataKey"],
    &["*"],
)
.when(&[
    condition("StringEquals", &[("kms:CallerAccount", &["{account}"])]),
    condition(
        "StringLike",
        &[(
            "kms:ViaService",
            &["s3.*.amazonaws.com", "sqs.*.amazonaws.com"],
        )],
    ),
]);

static KEYS_GRANT_TO_AWS: Statement = allow(
    "GrantsForServices",
    &["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    &["arn:aws:kms:{region}:{account}:key/*"],
)
.when(&[condition(
    "Bool",
    &[("kms:GrantIsForAWSResource", &["true"])],
)]);

static KEYS_KEEP: Statement = deny(
    "KeepKeys",
    &[
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "kms:PutKeyPolicy",
    ],
    &["*"],
);

/// Statements about secrets.
pub(super) static SECRETS: Theme = theme(
    "secrets",
    &[&SECRETS_READ, &SECRETS_ROTATE, &PARAMETERS_TREE],
);

static SECRETS_READ: Statement = allow(
    "ReadSecrets",
    &[
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "secretsmanager:ListSecretVersionIds",
    ],
    &["arn:aws:secretsmanager:{region}:{account}:secret:{app}/*"],
);

static SECRETS_ROTATE: Statement = allow(
    "RotateSecrets",
    &[
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
        "secretsmanager:RotateSecret",
        "secretsmanager:GetRandomPassword",
    ],
    &["*"],
)
.when(&[condition(
    "StringEquals",
    &[("secretsmanager:ResourceTag/app", &["{app}"])],
)]);

static PARAMETERS_TREE: Statement = allow(
    "ParameterTree",
    &[
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "ssm:PutParameter",
    ],
    &[
        "arn:aws:ssm:{region}:{account}:parameter/{app}/*",
        "arn:aws:ssm:*:{account}:parameter/shared/*",
    ],
);

/// Statements about logs.
pub(super) static LOGS: Theme = theme(
    "logs",
    &[
        &LOGS_WRITE,
        &LOGS_QUERY,
        &METRICS_PUT,
        &TRACES_PUT,
        &TRAIL_KEEP,
    ],
);

static LOGS_WRITE: Statement = allow(
    "WriteLogs",
    &[
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ],
    &["arn:aws:logs:{region}:{account}:log-group:/app/{app}:*"],
);

static LOGS_QUERY: Statement = allow(
    "AskLogs",
    &[
        "logs:StartQuery",
        "logs:StopQuery",
        "logs:GetQueryResults",
        "logs:FilterLogEvents",
        "logs:Describe*",
    ],
    &["*"],
);

static METRICS_PUT: Statement =
    allow("SendMetrics", &["cloudwatch:PutMetricData"], &["*"]).when(&[condition(
        "StringEquals",
        &[("cloudwatch:namespace", &["{app}", "shared/runtime"])],
    )]);

static TRACES_PUT: Statement = allow(
    "SendTraces",
    &["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    &["*"],
);

static TRAIL_KEEP: Statement = deny(
    "KeepTheTrail",
    &[
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
    ],
    &["*"],
);
