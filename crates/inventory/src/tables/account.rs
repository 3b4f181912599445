//! Accounts, their counters and their password policies.

use crate::Timestamp;
use crate::table::rows;

rows! {
    /// One AWS account that the inventory covers.
    "accounts" AccountRow {
        /// Twelve digits.
        account_id: String,
        /// `aws`, `aws-us-gov` or `aws-cn`.
        partition: String,
        /// The account's alias in IAM.
        alias: Option<String>,
        /// Who collected the data: the ARN in `account.json`.
        caller_arn: Option<String>,
        /// When the account's data were collected, by `account.json` or `--as-of`.
        collected_at: Option<Timestamp>,
    }

    /// One counter or quota of iam:GetAccountSummary.
    "account_summary" AccountSummaryRow {
        /// Twelve digits.
        account_id: String,
        /// AWS's name of the counter, such as `AccountAccessKeysPresent`.
        name: String,
        /// The counter; `AccountMFAEnabled` and the like are 0 or 1.
        value: i64 => "count",
    }

    /// The password policy of one account (iam:GetAccountPasswordPolicy).
    "password_policies" PasswordPolicyRow {
        /// Twelve digits.
        account_id: String,
        /// False if the account has no policy of its own and AWS's default applies.
        is_set: bool,
        /// The least length of a password.
        minimum_length: Option<i64> => "characters",
        /// A password must have a symbol.
        require_symbols: Option<bool>,
        /// A password must have a digit.
        require_numbers: Option<bool>,
        /// A password must have an upper-case letter.
        require_uppercase: Option<bool>,
        /// A password must have a lower-case letter.
        require_lowercase: Option<bool>,
        /// Users may change their own password.
        allow_users_to_change: Option<bool>,
        /// Passwords expire.
        expire: Option<bool>,
        /// After how long passwords expire.
        max_age: Option<i64> => "days",
        /// How many earlier passwords may not be used again.
        reuse_prevention: Option<i64> => "passwords",
        /// An expired password can be changed only by an administrator.
        hard_expiry: Option<bool>,
    }
}
