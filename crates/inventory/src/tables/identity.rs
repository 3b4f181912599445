//! Users, groups, roles, their tags, and the identity providers they come through.

use crate::table::rows;
use crate::{Text, Timestamp};

rows! {
    /// One IAM user, or the root user of an account.
    "users" UserRow {
        /// Twelve digits.
        account_id: String,
        /// The user's ARN; the root user's ends in `:root`.
        arn: String,
        /// The user's name; `<root_account>` for the root user.
        user_name: String,
        /// The id that starts with `AIDA`; a user made again under the same name gets another.
        user_id: Option<String>,
        /// The path, `/` where none was given.
        path: String,
        /// Whether this is the account's root user.
        is_root: bool,
        /// When the user was made.
        created_at: Option<Timestamp>,
        /// The managed policy that is the user's permissions boundary.
        permissions_boundary_arn: Option<String>,
        /// Whether boundary, inline policies and groups were collected.
        details_known: bool,
        /// When `details_known` data were true.
        details_as_of: Option<Timestamp>,
        /// Whether the user has a console password; missing: not known.
        password_enabled: Option<bool>,
        /// The last sign-in with the password, to five minutes; missing with `password_last_used_known`: never seen.
        password_last_used_at: Option<Timestamp>,
        /// Whether the password's last use was collected at all.
        password_last_used_known: bool,
        /// When the password was set.
        password_last_changed_at: Option<Timestamp>,
        /// When the password has to be changed.
        password_next_rotation_at: Option<Timestamp>,
        /// Whether the user has an MFA device of any kind; missing: not known.
        mfa_active: Option<bool>,
        /// When the password's and MFA's data were true: the credential report's `GeneratedTime`.
        credentials_as_of: Option<Timestamp>,
        /// Which answers the password's and MFA's data come from, in words.
        credentials_source: Option<String>,
        /// Whether the user's SSH public keys are known.
        ssh_public_keys_known: bool,
        /// Whether the user's service-specific credentials are known.
        service_specific_credentials_known: bool,
        /// Whether the user's signing certificates are known.
        signing_certificates_known: bool,
        /// Whether the user's list of access keys is known to be whole.
        access_keys_known: bool,
        /// Text of the report's column `additional_credentials_info`.
        additional_credentials_info: Option<String>,
    }

    /// One IAM group.
    "groups" GroupRow {
        /// Twelve digits.
        account_id: String,
        /// The group's ARN.
        arn: String,
        /// The group's name.
        group_name: String,
        /// The id that starts with `AGPA`.
        group_id: Option<String>,
        /// The path.
        path: String,
        /// When the group was made.
        created_at: Option<Timestamp>,
    }

    /// One user in one group.
    "group_memberships" GroupMembershipRow {
        /// Twelve digits.
        account_id: String,
        /// The user's ARN.
        user_arn: String,
        /// The group's name, unique in the account.
        group_name: String,
        /// The group's ARN, where the group itself was collected.
        group_arn: Option<String>,
    }

    /// One IAM role.
    "roles" RoleRow {
        /// Twelve digits.
        account_id: String,
        /// The role's ARN, with its path.
        arn: String,
        /// The role's name.
        role_name: String,
        /// The id that starts with `AROA`; a role made again under the same name gets another.
        role_id: Option<String>,
        /// The path: `/aws-service-role/…` for service-linked roles, `/aws-reserved/sso.amazonaws.com/…` for Identity Center's.
        path: String,
        /// Whether AWS made the role for a service and nobody else can change it.
        is_service_linked: bool,
        /// When the role was made.
        created_at: Option<Timestamp>,
        /// The role's description.
        description: Option<String>,
        /// The longest session.
        max_session_duration: Option<i64> => "seconds",
        /// The trust policy, as text.
        trust_policy: Option<Text>,
        /// The managed policy that is the role's permissions boundary.
        permissions_boundary_arn: Option<String>,
        /// Whether the answer that lists RoleLastUsed was collected.
        last_used_known: bool,
        /// The last use within 400 days; missing with `last_used_known`: none in that time.
        last_used_at: Option<Timestamp>,
        /// The Region of the last use.
        last_used_region: Option<String>,
        /// When the role's data were true.
        as_of: Option<Timestamp>,
    }

    /// One instance profile and its role.
    "instance_profiles" InstanceProfileRow {
        /// Twelve digits.
        account_id: String,
        /// The instance profile's ARN.
        arn: String,
        /// Its name.
        name: String,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// The role in it; missing if it is empty.
        role_arn: Option<String>,
    }

    /// One tag of a user, role or policy. Values are text that anybody with the right to tag may have written.
    "tags" TagRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of what is tagged.
        resource_arn: String,
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: String,
    }

    /// One SAML or OpenID Connect provider.
    "identity_providers" IdentityProviderRow {
        /// Twelve digits.
        account_id: String,
        /// The provider's ARN.
        arn: String,
        /// `saml` or `oidc`.
        kind: String,
        /// The issuer's address, for OpenID Connect.
        url: Option<String>,
        /// The audiences that are accepted, for OpenID Connect.
        client_ids: Vec<String>,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// Until when the SAML metadata is valid.
        valid_until: Option<Timestamp>,
    }

    /// One server certificate kept in IAM.
    "server_certificates" ServerCertificateRow {
        /// Twelve digits.
        account_id: String,
        /// The certificate's ARN.
        arn: String,
        /// Its name.
        name: String,
        /// When it was uploaded.
        uploaded_at: Option<Timestamp>,
        /// When it expires.
        expires_at: Option<Timestamp>,
    }

    /// The columns of `users` that say when each was made, and whether its credentials are known.
    "users" UserMadeRow {
        /// The ARN.
        arn: String,
        /// When the user was made.
        created_at: Option<Timestamp>,
        /// Whether the user has a console password; missing: not known.
        password_enabled: Option<bool>,
        /// Whether the user's list of access keys is known to be whole.
        access_keys_known: bool,
    }

    /// The columns of `roles` that say when each was made.
    "roles" RoleMadeRow {
        /// The ARN.
        arn: String,
        /// When the role was made.
        created_at: Option<Timestamp>,
    }
}
