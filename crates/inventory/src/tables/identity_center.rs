//! IAM Identity Center: permission sets and who has them where.

use crate::table::rows;
use crate::{Text, Timestamp};

rows! {
    /// One permission set.
    "permission_sets" PermissionSetRow {
        /// The ARN of the Identity Center instance.
        instance_arn: String,
        /// The permission set's ARN.
        arn: String,
        /// Its name; missing if only the listing was collected.
        name: Option<String>,
        /// Its description.
        description: Option<String>,
        /// The session's length in ISO 8601, such as `PT1H`.
        session_duration: Option<String>,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// The inline policy as text.
        inline_policy: Option<Text>,
        /// The permissions boundary: an AWS managed policy's ARN, or path and name of a customer managed one.
        permissions_boundary: Option<String>,
        /// Whether it was told in which accounts it is provisioned, be it in none.
        accounts_known: bool,
        /// Whether it was told which customer managed policies it refers to, beside its boundary, be it to none.
        references_known: bool,
        /// Whether it was told what its permissions boundary is, be it none.
        boundary_known: bool,
    }

    /// One managed policy in a permission set.
    "permission_set_policies" PermissionSetPolicyRow {
        /// The permission set's ARN.
        permission_set_arn: String,
        /// The AWS managed policy's ARN; missing for customer managed ones, which each account has under the same name.
        policy_arn: Option<String>,
        /// The policy's name.
        policy_name: String,
        /// The customer managed policy's path.
        policy_path: Option<String>,
    }

    /// One assignment of a permission set.
    "permission_set_assignments" PermissionSetAssignmentRow {
        /// The permission set's ARN.
        permission_set_arn: String,
        /// The account that it gives access to.
        account_id: String,
        /// `USER` or `GROUP`; missing if only the accounts were listed.
        principal_type: Option<String>,
        /// The id in the identity store.
        principal_id: Option<String>,
    }
}
