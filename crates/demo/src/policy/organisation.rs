//! The organisation's policies: what no account may do, whatever its own policies say.
//!
//! They deny nothing that a scenario does.

use super::{Statement, allow, condition, deny};

/// A policy of the organisation.
#[derive(Debug)]
pub(crate) struct OrganisationPolicy {
    /// The id, `p-…`.
    pub(crate) id: &'static str,
    /// The name.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) description: &'static str,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    pub(crate) kind: &'static str,
    /// Whether it is AWS's.
    pub(crate) by_aws: bool,
    /// Where it is attached.
    pub(crate) target: Target,
    /// The statements.
    pub(crate) statements: &'static [&'static Statement],
}

/// Where a policy of the organisation is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// To the root, every unit and every account, as AWS does by itself.
    Everything,
    /// To the root.
    Root,
    /// To the unit of the workloads.
    Workloads,
    /// To nothing.
    Nothing,
}

/// Service control policies.
pub(crate) const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";
/// Resource control policies.
pub(crate) const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";

static ALL: Statement = allow("", &["*"], &["*"]);
static ALL_FOR_ANYONE: Statement = allow("", &["*"], &["*"]).for_anyone();
static STAY: Statement = deny(
    "StayInTheOrganisation",
    &["organizations:LeaveOrganization", "account:CloseAccount"],
    &["*"],
);
static KEEP_LOGGING: Statement = deny(
    "KeepLogging",
    &[
        "cloudtrail:DeleteTrail",
        "cloudtrail:StopLogging",
        "config:DeleteConfigurationRecorder",
        "guardduty:DeleteDetector",
    ],
    &["*"],
)
.when(&[condition(
    "ArnNotLike",
    &[(
        "aws:PrincipalArn",
        &["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"],
    )],
)]);
static REGIONS: Statement = deny(
    "OurRegionsOnly",
    &[
        "iam:*",
        "sts:*",
        "organizations:*",
        "route53:*",
        "cloudfront:*",
        "ce:*",
        "billing:*",
        "support:*",
        "s3:ListAllMyBuckets",
    ],
    &["*"],
)
.on_all_other_actions()
.when(&[condition(
    "StringNotEquals",
    &[(
        "aws:RequestedRegion",
        &["eu-central-1", "eu-west-1", "us-east-1"],
    )],
)]);
static NO_ROOT: Statement = deny("NoRoot", &["*"], &["*"]).when(&[condition(
    "StringLike",
    &[("aws:PrincipalArn", &["arn:aws:iam::*:root"])],
)]);
static OURS_ONLY: Statement = deny(
    "OurOrganisationOnly",
    &["s3:*", "secretsmanager:*", "kms:Decrypt"],
    &["*"],
)
.for_anyone()
.when(&[
    condition(
        "StringNotEqualsIfExists",
        &[("aws:PrincipalOrgID", &["{organisation}"])],
    ),
    condition("BoolIfExists", &[("aws:PrincipalIsAWSService", &["false"])]),
]);
static ENCRYPTED_TRANSPORT: Statement = deny("EncryptedTransport", &["s3:*", "sqs:*"], &["*"])
    .for_anyone()
    .when(&[condition(
        "BoolIfExists",
        &[("aws:SecureTransport", &["false"])],
    )]);

/// All policies of the organisation.
pub(crate) static POLICIES: &[OrganisationPolicy] = &[
    OrganisationPolicy {
        id: "p-FullAWSAccess",
        name: "FullAWSAccess",
        description: "Allows access to every operation",
        kind: SERVICE_CONTROL,
        by_aws: true,
        target: Target::Everything,
        statements: &[&ALL],
    },
    OrganisationPolicy {
        id: "p-stay7k2m",
        name: "stay-and-log",
        description: "Accounts stay and keep their logs",
        kind: SERVICE_CONTROL,
        by_aws: false,
        target: Target::Root,
        statements: &[&STAY, &KEEP_LOGGING],
    },
    OrganisationPolicy {
        id: "p-regn4x9c",
        name: "our-regions-only",
        description: "Workloads run in three Regions",
        kind: SERVICE_CONTROL,
        by_aws: false,
        target: Target::Workloads,
        statements: &[&REGIONS],
    },
    OrganisationPolicy {
        id: "p-root1q8z",
        name: "no-root",
        description: "Written, not attached yet",
        kind: SERVICE_CONTROL,
        by_aws: false,
        target: Target::Nothing,
        statements: &[&NO_ROOT],
    },
    OrganisationPolicy {
        id: "p-RCPFullAWSAccess",
        name: "RCPFullAWSAccess",
        description: "Allows all principals access to every resource",
        kind: RESOURCE_CONTROL,
        by_aws: true,
        target: Target::Everything,
        statements: &[&ALL_FOR_ANYONE],
    },
    OrganisationPolicy {
        id: "p-peri5v3d",
        name: "our-organisation-only",
        description: "Data stays with the organisation",
        kind: RESOURCE_CONTROL,
        by_aws: false,
        target: Target::Root,
        statements: &[&OURS_ONLY, &ENCRYPTED_TRANSPORT],
    },
];
