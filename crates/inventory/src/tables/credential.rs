//! Long-lived credentials. No secret is among the columns, since none is ever read.

use crate::Timestamp;
use crate::table::rows;

rows! {
    /// One access key of a user or of the root user, active or not.
    "access_keys" AccessKeyRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of the user that holds the key.
        user_arn: String,
        /// The user's name; `<root_account>` for the root user.
        user_name: String,
        /// The key's id, where it can be told; `access_key_id_evidence` says how.
        access_key_id: Option<String>,
        /// `listed`, `created_at`, `tied`, `not_listed`, `no_key_list` or `root`: how the id was found, or why not.
        access_key_id_evidence: String,
        /// The ids that the key may have, if it was created in the same second as another one.
        candidate_access_key_ids: Vec<String>,
        /// The slot in the credential report: 1 or 2. It says nothing about age.
        slot: Option<i64>,
        /// Whether the key can be used.
        is_active: bool,
        /// When the key was made; a key is never changed, so this is also its last rotation.
        created_at: Option<Timestamp>,
        /// The first use within the latest 15 minutes of use; missing with `last_used_known`: never used (or not since 2015-04-22).
        last_used_at: Option<Timestamp>,
        /// Whether the last use was collected at all.
        last_used_known: bool,
        /// The service of the last use, by its namespace.
        last_used_service: Option<String>,
        /// The Region of the last use; missing for global services such as S3.
        last_used_region: Option<String>,
        /// When the last use was true: uses after this time cannot be known.
        last_used_as_of: Option<Timestamp>,
    }

    /// The columns of `access_keys` that say whose each is and when it was made.
    "access_keys" AccessKeyMadeRow {
        /// The ARN of the user that holds the key.
        user_arn: String,
        /// The key's id, where it can be told.
        access_key_id: Option<String>,
        /// Whether the key can be used.
        is_active: bool,
        /// When the key was made.
        created_at: Option<Timestamp>,
    }

    /// One SSH public key, service-specific credential or signing certificate.
    "long_lived_credentials" LongLivedCredentialRow {
        /// Twelve digits.
        account_id: String,
        /// The ARN of the user that holds it.
        user_arn: String,
        /// The user's name; `<root_account>` for the root user.
        user_name: String,
        /// `ssh_public_key`, `service_specific_credential` or `signing_certificate`.
        kind: String,
        /// Its id; missing for a certificate known only from the credential report.
        credential_id: Option<String>,
        /// The slot in the credential report, for such a certificate: 1 or 2.
        slot: Option<i64>,
        /// The service it is for, such as `codecommit.amazonaws.com`.
        service_name: Option<String>,
        /// Whether it can be used.
        is_active: bool,
        /// When it was made or uploaded.
        created_at: Option<Timestamp>,
        /// When it expires, where it does.
        expires_at: Option<Timestamp>,
    }

    /// One MFA device of a user.
    "mfa_devices" MfaDeviceRow {
        /// Twelve digits.
        account_id: String,
        /// The user's ARN.
        user_arn: String,
        /// The device's serial number or ARN.
        serial_number: String,
        /// When it was enabled.
        enabled_at: Option<Timestamp>,
    }
}
