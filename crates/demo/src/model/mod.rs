//! The made-up organisation as values: what the writers of the bundle read, and what an auditor
//! must find.

pub(crate) mod account;
pub(crate) mod role;
pub(crate) mod rule;
pub(crate) mod usage;
pub(crate) mod user;

pub(crate) use account::{Account, Organisation, PasswordPolicy, Place, Root, RootKey};
pub(crate) use role::{Role, Trust};
pub(crate) use rule::{Expected, Rule};
pub(crate) use usage::{Actor, Client, LastUse, Rhythm, Use};
pub(crate) use user::{Key, KeyHolder, ServiceCredential, User};

use crate::policy::{ManagedPolicy, Statement};

/// A policy that is part of one user, group or role.
#[derive(Debug)]
pub(crate) struct InlinePolicy {
    /// The policy's name.
    pub(crate) name: String,
    /// The policy's `Version`, usually `2012-10-17`.
    pub(crate) version: &'static str,
    /// The statements, in order.
    pub(crate) statements: Vec<&'static Statement>,
    /// Whether the only statement is written as an object in place of a list of one.
    pub(crate) lone: bool,
}

/// What users and roles have in common: a tag list, policies and their place in the organisation.
#[derive(Debug)]
pub(crate) struct Common {
    /// The scenario that made this principal.
    pub(crate) scenario: &'static str,
    /// The unique id, `AIDA…` or `AROA…`.
    pub(crate) id: String,
    /// The path, `/` or `/team/a/`.
    pub(crate) path: String,
    /// When the principal was created.
    pub(crate) created: crate::moment::Moment,
    /// The tags, in order.
    pub(crate) tags: Vec<(String, String)>,
    /// The owner that follows from the tags.
    pub(crate) owner: String,
    /// The policy that bounds the permissions.
    pub(crate) boundary: Option<&'static ManagedPolicy>,
    /// The managed policies that are attached.
    pub(crate) attached: Vec<&'static ManagedPolicy>,
    /// The inline policies.
    pub(crate) inline: Vec<InlinePolicy>,
    /// The statements that this principal's own calls need; they become its first inline policy.
    pub(crate) grants: Vec<&'static Statement>,
    /// The `Version` of the inline policies.
    pub(crate) policy_version: &'static str,
    /// Whether no further policies may be added, because the scenario's truth hangs on them.
    pub(crate) policies_are_final: bool,
    /// What fills the placeholders of the policies.
    pub(crate) place: Place,
    /// The address that the principal calls from.
    pub(crate) source_ip: String,
    /// The client that the principal calls with.
    pub(crate) user_agent: &'static str,
    /// The VPC endpoint that the principal calls through.
    pub(crate) vpc_endpoint: Option<&'static str>,
    /// What the principal does.
    pub(crate) uses: Vec<Use>,
    /// What an auditor must find.
    pub(crate) expected: Vec<Expected>,
    /// The rules that this principal nearly, but not quite, breaks.
    pub(crate) near_misses: Vec<Rule>,
    /// What logs of at least 90 days prove of the use of some actions.
    pub(crate) shown: Vec<(&'static str, Shown)>,
    /// A service that was accessed, as last-accessed data know and the logs do not.
    pub(crate) accessed_unlogged: Option<(&'static str, crate::moment::Moment)>,
}

/// What logs prove of an action that a principal may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Calls that need it are among the principal's uses.
    Used,
    /// It would have been seen, and was not.
    Unused,
    /// It could have gone unseen.
    Unknown,
}

impl Common {
    /// States that an auditor must find this.
    pub(crate) fn expect(&mut self, rule: Rule) {
        self.expected.push(Expected { rule, key: None });
    }

    /// States what logs prove of the use of an action.
    pub(crate) fn shows(&mut self, action: &'static str, shown: Shown) {
        self.shown.push((action, shown));
    }

    /// States that these rules must find nothing here, although they nearly would.
    pub(crate) fn nearly(&mut self, rules: &[Rule]) {
        self.near_misses.extend_from_slice(rules);
    }

    /// Adds the statements that a call needs, each once.
    pub(crate) fn grant(&mut self, statements: &[&'static Statement]) {
        for statement in statements {
            if !self
                .grants
                .iter()
                .any(|known| std::ptr::eq(*known, *statement))
            {
                self.grants.push(statement);
            }
        }
    }
}
