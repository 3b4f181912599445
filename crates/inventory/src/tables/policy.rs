//! Policies and what they are attached to. Documents are kept as the text that was read.

use crate::table::rows;
use crate::{Text, Timestamp};

rows! {
    /// One managed policy, of the account or of AWS.
    "managed_policies" ManagedPolicyRow {
        /// The account in whose data the policy was met.
        account_id: String,
        /// The policy's ARN.
        arn: String,
        /// Its name.
        policy_name: String,
        /// The id that starts with `ANPA`.
        policy_id: Option<String>,
        /// The path.
        path: String,
        /// Whether AWS owns the policy, so that it cannot be edited.
        is_aws_managed: bool,
        /// The version in force.
        default_version_id: Option<String>,
        /// To how many users, groups and roles it is attached.
        attachment_count: Option<i64> => "principals",
        /// For how many users and roles it is the permissions boundary.
        permissions_boundary_usage_count: Option<i64> => "principals",
        /// Whether it can be attached.
        is_attachable: Option<bool>,
        /// Its description.
        description: Option<String>,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When its latest version was made.
        updated_at: Option<Timestamp>,
    }

    /// One stored version of a managed policy.
    "policy_versions" PolicyVersionRow {
        /// The account in whose data the policy was met.
        account_id: String,
        /// The policy's ARN.
        policy_arn: String,
        /// `v1`, `v2` and so on.
        version_id: String,
        /// Whether this version is in force.
        is_default: bool,
        /// When the version was made.
        created_at: Option<Timestamp>,
        /// The document as text, decoded but otherwise as it was read.
        document: Option<Text>,
    }

    /// One inline policy of a user, group or role.
    "inline_policies" InlinePolicyRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of the user, group or role.
        principal_arn: String,
        /// The policy's name, unique within the principal.
        policy_name: String,
        /// The document as text, decoded but otherwise as it was read.
        document: Text,
    }

    /// One managed policy attached to one user, group or role.
    "policy_attachments" PolicyAttachmentRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of the user, group or role.
        principal_arn: String,
        /// The policy's ARN.
        policy_arn: String,
        /// The policy's name.
        policy_name: String,
    }

    /// The policy of one resource, such as a bucket or a key.
    "resource_policies" ResourcePolicyRow {
        /// The account whose data it was met in.
        account_id: String,
        /// The resource's ARN.
        resource_arn: String,
        /// The call that gave it, such as `s3:GetBucketPolicy`.
        call: String,
        /// The document as text.
        document: Text,
    }

    /// The columns of `inline_policies` that name them.
    "inline_policies" InlinePolicyNameRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of the user, group or role.
        principal_arn: String,
        /// The policy's name, unique within the principal.
        policy_name: String,
    }
}
