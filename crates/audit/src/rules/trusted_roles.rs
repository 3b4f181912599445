//! The roles of an account with their trust policies, gone through the same way by all rules about trust.

use std::collections::BTreeMap;

use leastgrant_access::Membership;

use super::coverage;
use crate::context::Output;
use crate::contexts::PolicyContext;
use crate::trust::{Admission, TrustedRole, Way};

/// What rules about trust gather beside findings.
pub(super) struct Judged<'o> {
    pub output: &'o mut Output,
    /// Roles by what is missing to judge them.
    unknown: BTreeMap<String, Vec<String>>,
}

impl Judged<'_> {
    /// The way in, if there is one; what is missing to tell is kept.
    pub(super) fn way(&mut self, role: &TrustedRole<'_>, admission: Admission) -> Option<Way> {
        match admission {
            Admission::Refused => None,
            Admission::Admitted(way) => Some(way),
            Admission::Unknown(reasons) => {
                for reason in reasons {
                    self.not_known(role, reason);
                }
                None
            }
        }
    }

    pub(super) fn not_known(&mut self, role: &TrustedRole<'_>, reason: impl Into<String>) {
        let names = self.unknown.entry(reason.into()).or_default();
        if names.last() != Some(&role.row.role_name) {
            names.push(role.row.role_name.clone());
        }
    }
}

/// Asks a rule about every role whose trust policy is known, and says which are not.
///
/// AWS alone decides who assumes service-linked roles, so they are left out.
pub(super) fn for_each<'a>(
    context: &PolicyContext<'a>,
    output: &mut Output,
    mut judge: impl FnMut(&TrustedRole<'a>, &mut Judged<'_>),
) {
    coverage::report_missing_roles(&context.account, output);
    let mut not_known = Vec::new();
    let mut judged = Judged {
        output,
        unknown: BTreeMap::new(),
    };
    let account = context.account.account;
    let (access, providers) = (&context.policies.access, &account.identity_providers);
    let roles = account.roles.iter();
    for row in roles.filter(|row| !row.is_service_linked) {
        match TrustedRole::new(access, row, providers, context.account.as_of) {
            Ok(role) => judge(&role, &mut judged),
            Err(_) => not_known.push(row.role_name.as_str()),
        }
    }
    let Judged { output, unknown } = judged;
    output.not_checked_for(
        "the trust policy was not collected, or cannot be read,",
        &not_known,
    );
    for (reason, names) in unknown {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        output.not_checked_for(
            &format!("{reason}; it bears on who may assume roles, such as those"),
            &names,
        );
    }
}

/// Whether an account is one's own: of the inventory, of its organisation, or of the settings.
pub(super) fn is_own(context: &PolicyContext<'_>, account_id: &str) -> bool {
    let settings = &context.account.settings.trust.own_accounts;
    context.policies.access.account(account_id).is_some()
        || settings.iter().any(|own| own == account_id)
}

/// The organisation of the account, where it was collected.
pub(super) fn organization<'a>(context: &PolicyContext<'a>) -> Option<&'a str> {
    let account = &context.account.account.account_id;
    context
        .policies
        .access
        .account(account)?
        .organization_id
        .as_deref()
}

/// Whether the organisation's accounts were collected, so that an account that is none of them is somebody else's.
pub(super) fn knows_organization(context: &PolicyContext<'_>) -> bool {
    let account = &context.account.account.account_id;
    let own = context.policies.access.account(account);
    own.is_some_and(|own| own.membership != Membership::NotCollected)
}

/// What a way in depends on, as the end of a sentence.
pub(super) fn keys_in_words(way: &Way) -> String {
    let keys: Vec<String> = way
        .keys
        .iter()
        .filter(|key| *key != "sts:externalid")
        .map(|key| format!("`{key}`"))
        .collect();
    let mut words = String::new();
    if way.needs_external_id() {
        words.push_str(", if they know the external id");
    }
    if !keys.is_empty() {
        let joined = keys.join(", ");
        words.push_str(&format!(", if their request has the right {joined}"));
    }
    words
}
