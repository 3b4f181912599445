//! The organisation, its accounts and their roots.

use super::{LastUse, Role, Rule, Use, User};
use crate::moment::Moment;

/// What fills the placeholders in policies, trust and request parameters.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `{account}`: the account's id.
    pub(crate) account: String,
    /// `{neighbour}`: the id of another account of the organisation.
    pub(crate) neighbour: String,
    /// `{organisation}`: the organisation's id.
    pub(crate) organisation: String,
    /// `{region}`: the principal's usual Region.
    pub(crate) region: &'static str,
    /// `{app}`: the application that the principal belongs to.
    pub(crate) app: String,
    /// `{target}`: the one thing that the principal's calls are about, such as a role to assume.
    pub(crate) target: String,
}

/// An access key of the root user. No listing tells its id; CloudTrail events have it.
#[derive(Clone, Debug)]
pub(crate) struct RootKey {
    /// The id, `AKIA…`.
    pub(crate) id: String,
    /// Whether it is switched on.
    pub(crate) active: bool,
    /// When it was created.
    pub(crate) created: Moment,
    /// When it was last used.
    pub(crate) last_used: Option<LastUse>,
}

/// The root user of an account.
#[derive(Debug)]
pub(crate) struct Root {
    /// When the account was created.
    pub(crate) created: Moment,
    /// `true`, `false` or `not_supported`, as the credential report has it.
    pub(crate) password_enabled: &'static str,
    /// When the password was last used.
    pub(crate) password_last_used: Option<Moment>,
    /// Whether an MFA device is active.
    pub(crate) mfa: bool,
    /// The access keys, at most two.
    pub(crate) keys: Vec<RootKey>,
    /// What root does.
    pub(crate) uses: Vec<Use>,
}

/// An account's password policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PasswordPolicy {
    /// The least number of characters.
    pub(crate) minimum_length: u32,
    /// How many former passwords are refused.
    pub(crate) reuse_prevention: Option<u32>,
    /// After how many days a password ends.
    pub(crate) maximum_age_in_days: Option<i64>,
}

/// An account of the organisation.
#[derive(Debug)]
pub(crate) struct Account {
    /// The account's place in the organisation; 0 is the management account.
    pub(crate) index: usize,
    /// The twelve digits.
    pub(crate) id: String,
    /// The account's name.
    pub(crate) name: String,
    /// The root user.
    pub(crate) root: Root,
    /// The password policy; none means that the account never got one.
    pub(crate) password_policy: Option<PasswordPolicy>,
    /// What an auditor must find about root and the account. The key, if any, has no known id.
    pub(crate) expected: Vec<Rule>,
    /// What an auditor must find about the account's policies and groups, by their ARNs.
    pub(crate) expected_elsewhere: Vec<(Rule, String)>,
    /// The rules that root and the account nearly, but not quite, break.
    pub(crate) near_misses: Vec<Rule>,
    /// The users.
    pub(crate) users: Vec<User>,
    /// The roles.
    pub(crate) roles: Vec<Role>,
}

impl Account {
    /// The ARN of the account's root.
    pub(crate) fn root_arn(&self) -> String {
        format!("arn:aws:iam::{}:root", self.id)
    }

    /// What fills the placeholders of policies that belong to no principal.
    pub(crate) fn place(&self, organisation: &Organisation) -> Place {
        Place {
            account: self.id.clone(),
            neighbour: organisation.neighbour_of(self.index),
            organisation: organisation.id.clone(),
            region: "eu-central-1",
            app: "platform".to_owned(),
            target: "*".to_owned(),
        }
    }
}

/// The organisation.
#[derive(Debug)]
pub(crate) struct Organisation {
    /// The seed of all randomness.
    pub(crate) seed: u64,
    /// The organisation's id, `o-…`.
    pub(crate) id: String,
    /// The id of the organisation's root, `r-…`.
    pub(crate) root_id: String,
    /// The days, counted back, that CloudTrail files are written for; 0 for none.
    pub(crate) days: i64,
    /// The accounts; the first is the management account.
    pub(crate) accounts: Vec<Account>,
}

impl Organisation {
    /// The id of the account after the given one; of itself in an organisation of one.
    pub(crate) fn neighbour_of(&self, index: usize) -> String {
        let following = index.saturating_add(1);
        self.accounts
            .get(following)
            .or_else(|| self.accounts.first())
            .map(|account| account.id.clone())
            .unwrap_or_default()
    }
}
