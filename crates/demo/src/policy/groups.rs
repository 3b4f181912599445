//! The groups that every account has.

use super::managed::{
    ADMINISTRATOR_ACCESS, APP_DEPLOY, BILLING_JOB, DATA_LAKE_READ, LOGS_READ_ONLY,
    LOGS_READ_ONLY_COPY, SECURITY_AUDIT, USER_CHANGE_PASSWORD,
};
use super::{ManagedPolicy, Statement, allow, condition, deny};

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    /// The name.
    pub(crate) name: &'static str,
    /// The path.
    pub(crate) path: &'static str,
    /// How many days before the inventory it was created.
    pub(crate) days_ago: i64,
    /// The managed policies that are attached.
    pub(crate) attached: &'static [&'static ManagedPolicy],
    /// The inline policies: names and statements.
    pub(crate) inline: &'static [(&'static str, &'static [&'static Statement])],
}

static NOTHING_WITHOUT_MFA: Statement = deny(
    "NothingWithoutMfa",
    &[
        "iam:ChangePassword",
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:ListMFADevices",
    ],
    &["*"],
)
.on_all_other_actions()
.when(&[condition(
    "BoolIfExists",
    &[("aws:MultiFactorAuthPresent", &["false"])],
)]);
static SEE_INVOICES: Statement = allow(
    "SeeInvoices",
    &["s3:GetObject", "s3:ListBucket"],
    &[
        "arn:aws:s3:::invoices-{account}",
        "arn:aws:s3:::invoices-{account}/*",
    ],
);
static OLD_PROJECT: Statement = allow(
    "OldProject",
    &["s3:*", "sqs:*"],
    &["arn:aws:s3:::apollo-*", "arn:aws:sqs:*:{account}:apollo-*"],
);

/// People who build.
pub(crate) static ENGINEERS: Group = Group {
    name: "engineers",
    path: "/",
    days_ago: 1500,
    attached: &[&APP_DEPLOY, &LOGS_READ_ONLY, &USER_CHANGE_PASSWORD],
    inline: &[],
};
/// People who may everything, with MFA. Its members have no access keys, whose calls never have MFA.
pub(crate) static ADMINISTRATORS: Group = Group {
    name: "administrators",
    path: "/",
    days_ago: 2100,
    attached: &[&ADMINISTRATOR_ACCESS],
    inline: &[("require-mfa", &[&NOTHING_WITHOUT_MFA])],
};
/// People who look.
pub(crate) static AUDITORS: Group = Group {
    name: "auditors",
    path: "/compliance/",
    days_ago: 1100,
    attached: &[&SECURITY_AUDIT, &LOGS_READ_ONLY_COPY],
    inline: &[],
};
/// People who pay.
pub(crate) static FINANCE: Group = Group {
    name: "finance",
    path: "/",
    days_ago: 1300,
    attached: &[&BILLING_JOB],
    inline: &[("see-invoices", &[&SEE_INVOICES])],
};
/// People who ask the data.
pub(crate) static DATA_READERS: Group = Group {
    name: "data-readers",
    path: "/team/data/",
    days_ago: 600,
    attached: &[&DATA_LAKE_READ],
    inline: &[],
};
/// Nobody any more.
static FORMER_PROJECT: Group = Group {
    name: "project-apollo",
    path: "/",
    days_ago: 2000,
    attached: &[],
    inline: &[("apollo", &[&OLD_PROJECT])],
};

/// All groups.
pub(crate) static GROUPS: &[&Group] = &[
    &ENGINEERS,
    &ADMINISTRATORS,
    &AUDITORS,
    &FINANCE,
    &DATA_READERS,
    &FORMER_PROJECT,
];
