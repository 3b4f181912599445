//! What keeps data: buckets, tables, queues and topics.

use super::{Theme, theme};
use crate::policy::{Statement, allow, condition, deny};

/// Statements about object store.
pub(super) static OBJECT_STORE: Theme = theme(
    "object-store",
    &[
        &BUCKET_FULL,
        &BUCKET_READ,
        &BUCKET_EXCEPT_AUDIT,
        &BUCKET_OWN_FOLDER,
        &BUCKET_KEEP,
    ],
);

static BUCKET_FULL: Statement = allow(
    "BucketFull",
    &["s3:*"],
    &["arn:aws:s3:::{app}-*", "arn:aws:s3:::{app}-*/*"],
);

static BUCKET_READ: Statement = allow(
    "BucketRead",
    &[
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:GetObjectTagging",
        "s3:ListBucket",
        "s3:ListBucketVersions",
    ],
    &[
        "arn:aws:s3:::{app}-{account}-input",
        "arn:aws:s3:::{app}-{account}-input/*",
    ],
);

static BUCKET_EXCEPT_AUDIT: Statement = allow(
    "AllBucketsExceptAudit",
    &["s3:Get*", "s3:List*"],
    &[
        "arn:aws:s3:::audit-{account}",
        "arn:aws:s3:::audit-{account}/*",
    ],
)
.on_all_other_resources();

static BUCKET_OWN_FOLDER: Statement = allow(
    "OwnFolder",
    &["s3:ListBucket"],
    &["arn:aws:s3:::home-{account}"],
)
.when(&[condition(
    "StringLike",
    &[("s3:prefix", &["${aws:username}/*", "shared/*"])],
)]);

static BUCKET_KEEP: Statement = deny(
    "KeepArchive",
    &[
        "s3:DeleteBucket",
        "s3:DeleteObjectVersion",
        "s3:PutBucketPolicy",
        "s3:PutLifecycleConfiguration",
    ],
    &["arn:aws:s3:::{app}-archive", "arn:aws:s3:::{app}-archive/*"],
);

/// Statements about database.
pub(super) static DATABASE: Theme = theme(
    "database",
    &[
        &TABLE_READ_WRITE,
        &TABLE_LEADING_KEYS,
        &TABLE_STREAMS,
        &DATABASE_CONNECT,
    ],
);

static TABLE_READ_WRITE: Statement = allow(
    "TableReadWrite",
    &[
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    ],
    &[
        "arn:aws:dynamodb:{region}:{account}:table/{app}",
        "arn:aws:dynamodb:{region}:{account}:table/{app}/index/*",
    ],
);

static TABLE_LEADING_KEYS: Statement = allow(
    "OwnRows",
    &["dynamodb:GetItem", "dynamodb:Query"],
    &["arn:aws:dynamodb:{region}:{account}:table/profiles"],
)
.when(&[condition(
    "ForAllValues:StringEquals",
    &[("dynamodb:LeadingKeys", &["${aws:username}"])],
)]);

static TABLE_STREAMS: Statement = allow(
    "FollowStream",
    &[
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ],
    &["arn:aws:dynamodb:{region}:{account}:table/{app}/stream/*"],
);

static DATABASE_CONNECT: Statement = allow(
    "ConnectAsApplication",
    &["rds-db:connect"],
    &["arn:aws:rds-db:{region}:{account}:dbuser:*/{app}"],
);

/// Statements about messaging.
pub(super) static MESSAGING: Theme = theme(
    "messaging",
    &[
        &QUEUE_WORK,
        &TOPIC_PUBLISH,
        &TOPIC_WILDCARD,
        &MAIL_FROM_ONE_ADDRESS,
    ],
);

static QUEUE_WORK: Statement = allow(
    "WorkOnQueue",
    &[
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    ],
    &["arn:aws:sqs:{region}:{account}:{app}-*"],
);

static TOPIC_PUBLISH: Statement = allow(
    "TellOthers",
    &["sns:Publish"],
    &[
        "arn:aws:sns:{region}:{account}:{app}-events",
        "arn:aws:sns:{region}:{account}:alerts",
    ],
);

static TOPIC_WILDCARD: Statement = allow("AllTopics", &["sns:*"], &["*"]);

static MAIL_FROM_ONE_ADDRESS: Statement =
    allow("SendMail", &["ses:SendEmail", "ses:SendRawEmail"], &["*"]).when(&[condition(
        "StringEquals",
        &[("ses:FromAddress", &["no-reply@{app}.example.com"])],
    )]);
