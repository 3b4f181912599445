//! The organisation: its accounts, its tree, and the policies attached to it.

use crate::table::rows;
use crate::{Text, Timestamp};

rows! {
    /// One organisation.
    "organizations" OrganizationRow {
        /// Such as `o-exampleorgid`.
        organization_id: String,
        /// The organisation's ARN.
        arn: String,
        /// The management account, which service control policies do not bind.
        management_account_id: Option<String>,
        /// `ALL` or `CONSOLIDATED_BILLING`.
        feature_set: Option<String>,
    }

    /// One member account.
    "organization_accounts" OrganizationAccountRow {
        /// Twelve digits.
        account_id: String,
        /// The account's ARN in the organisation.
        arn: Option<String>,
        /// The account's name.
        name: Option<String>,
        /// `ACTIVE`, `SUSPENDED` or `PENDING_CLOSURE`.
        status: Option<String>,
        /// When it joined.
        joined_at: Option<Timestamp>,
        /// The root or organisational unit it lies in.
        parent_id: Option<String>,
    }

    /// One root or organisational unit.
    "organizational_units" OrganizationalUnitRow {
        /// `r-…` for a root, `ou-…` for a unit.
        id: String,
        /// Its ARN.
        arn: Option<String>,
        /// Its name.
        name: Option<String>,
        /// The root or unit above it; missing for a root.
        parent_id: Option<String>,
    }

    /// One service control policy or resource control policy.
    "organization_policies" OrganizationPolicyRow {
        /// Such as `p-FullAWSAccess`.
        policy_id: String,
        /// Its ARN.
        arn: Option<String>,
        /// Its name.
        name: Option<String>,
        /// `SERVICE_CONTROL_POLICY`, `RESOURCE_CONTROL_POLICY` and so on.
        policy_type: Option<String>,
        /// Whether AWS owns it.
        is_aws_managed: bool,
        /// The document as text; missing if only the listing was collected.
        document: Option<Text>,
    }

    /// One attachment of an organisation policy.
    "organization_policy_targets" OrganizationPolicyTargetRow {
        /// The policy's id.
        policy_id: String,
        /// The account, unit or root; empty if the policy is attached to nothing.
        target_id: String,
        /// `ACCOUNT`, `ORGANIZATIONAL_UNIT` or `ROOT`, where known.
        target_type: Option<String>,
    }
}
