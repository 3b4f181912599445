//! Who may do what: stacks that make roles, self-service, and sets that lead to more rights.

use super::{Theme, theme};
use crate::policy::{Statement, allow, condition, deny};

/// Statements about infrastructure.
pub(super) static INFRASTRUCTURE: Theme = theme(
    "infrastructure",
    &[
        &STACKS_ALL,
        &STACKS_PASS_ROLE,
        &POWER_EXCEPT_IDENTITY,
        &REGIONS_ONLY,
    ],
);

static STACKS_ALL: Statement = allow(
    "OwnStacks",
    &["cloudformation:*"],
    &["arn:aws:cloudformation:{region}:{account}:stack/{app}-*/*"],
);

static STACKS_PASS_ROLE: Statement = allow(
    "HandRoleToStack",
    &["iam:PassRole"],
    &["arn:aws:iam::{account}:role/cloudformation-*"],
);

static POWER_EXCEPT_IDENTITY: Statement = allow(
    "AllExceptIdentity",
    &["iam:*", "organizations:*", "account:*", "sso:*"],
    &["*"],
)
.on_all_other_actions()
.when(&[condition(
    "StringEquals",
    &[("aws:RequestedRegion", &["{region}"])],
)]);

static REGIONS_ONLY: Statement = deny(
    "NoOtherRegions",
    &["ec2:RunInstances", "rds:CreateDBInstance"],
    &["*"],
)
.when(&[condition(
    "StringNotEquals",
    &[(
        "aws:RequestedRegion",
        &["eu-central-1", "eu-west-1", "us-east-1"],
    )],
)]);

/// Statements about self service.
pub(super) static SELF_SERVICE: Theme = theme(
    "self-service",
    &[&OWN_KEYS, &OWN_PASSWORD, &OWN_MFA, &LIST_IDENTITIES],
);

static OWN_KEYS: Statement = allow(
    "OwnKeys",
    &[
        "iam:ListAccessKeys",
        "iam:GetAccessKeyLastUsed",
        "iam:UpdateAccessKey",
        "iam:DeleteAccessKey",
    ],
    &["arn:aws:iam::{account}:user/${aws:username}"],
);

static OWN_PASSWORD: Statement = allow(
    "OwnPassword",
    &["iam:ChangePassword", "iam:GetUser", "iam:GetLoginProfile"],
    &["arn:aws:iam::*:user/${aws:username}"],
);

static OWN_MFA: Statement = allow(
    "OwnDevices",
    &[
        "iam:EnableMFADevice",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice",
        "iam:CreateVirtualMFADevice",
    ],
    &[
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:mfa/${aws:username}*",
    ],
);

static LIST_IDENTITIES: Statement = allow("SeeIdentities", &["iam:Get*", "iam:List*"], &["*"]);

/// Statements about identity.
pub(super) static IDENTITY: Theme = theme(
    "identity",
    &[
        &ROLES_UNDER_BOUNDARY,
        &POLICY_VERSIONS,
        &ATTACH_TO_SELF,
        &TRUST_REWRITE,
        &PASS_ANY_ROLE,
    ],
);

static ROLES_UNDER_BOUNDARY: Statement = allow(
    "RolesUnderBoundary",
    &[
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
    ],
    &["arn:aws:iam::{account}:role/{app}-*"],
)
.when(&[condition(
    "StringEquals",
    &[(
        "iam:PermissionsBoundary",
        &["arn:aws:iam::{account}:policy/boundaries/team-boundary"],
    )],
)]);

static POLICY_VERSIONS: Statement = allow(
    "MaintainPolicies",
    &[
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:DeletePolicyVersion",
    ],
    &["arn:aws:iam::{account}:policy/team/*"],
);

static ATTACH_TO_SELF: Statement = allow(
    "AttachPolicies",
    &[
        "iam:AttachUserPolicy",
        "iam:PutUserPolicy",
        "iam:AddUserToGroup",
    ],
    &["*"],
);

static TRUST_REWRITE: Statement = allow(
    "MaintainTrust",
    &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
    &["arn:aws:iam::{account}:role/{app}-*"],
);

static PASS_ANY_ROLE: Statement = allow(
    "HandOverAnyRole",
    &[
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "glue:CreateDevEndpoint",
    ],
    &["*"],
);
