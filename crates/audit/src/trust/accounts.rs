//! Whose accounts a trust policy lets in, and which of them are one's own.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_policy::Principal;
use leastgrant_policy::principal::{PrincipalKind, is_account_id};
use leastgrant_policy::resource::arn_fields;

use super::stranger::{self, ExternalId, Network, Organization};
use super::values::has_wildcard;
use super::{Admission, TrustedRole};

/// The action that principals of accounts assume roles by.
pub(crate) const ASSUME_ROLE: &str = "sts:AssumeRole";

/// Other accounts by whose principals the role may be assumed, with those that it names.
///
/// Accounts are taken from the trusted principals and from conditions on the caller's account and ARN, so that `*` under a condition
/// names some as well.
pub(crate) fn named<'a>(role: &TrustedRole<'a>) -> BTreeMap<&'a str, Vec<Principal>> {
    let mut accounts: BTreeMap<&str, Vec<Principal>> = BTreeMap::new();
    for text in role.trusted_of(PrincipalKind::Aws) {
        if let Some(account_id) = account_of(text) {
            let callers = accounts.entry(account_id).or_default();
            let is_one = !is_account_id(text) && !text.ends_with(":root");
            callers.extend(Principal::parse(text).filter(|_| is_one));
        }
    }
    for condition in role.conditions() {
        if matches!(
            &*condition.lower_key,
            "aws:principalaccount" | "aws:principalarn"
        ) {
            for value in &condition.values {
                if let Some(account_id) = account_of(value.as_str()) {
                    accounts.entry(account_id).or_default();
                }
            }
        }
    }
    accounts.remove(role.account_id());
    accounts
}

fn account_of(text: &str) -> Option<&str> {
    let account = match arn_fields(text) {
        Some([_, _, _, _, account, _]) => account,
        None => text,
    };
    is_account_id(account).then_some(account)
}

/// Organisations that conditions name, by their ids.
pub(crate) fn organizations<'a>(role: &TrustedRole<'a>) -> BTreeSet<&'a str> {
    let mut ids = BTreeSet::new();
    for condition in role.conditions() {
        if matches!(
            &*condition.lower_key,
            "aws:principalorgid" | "aws:principalorgpaths"
        ) {
            for value in &condition.values {
                let id = value.as_str().split('/').next().unwrap_or_default();
                if id.starts_with("o-") && !has_wildcard(id) {
                    ids.insert(id);
                }
            }
        }
    }
    ids
}

/// Organisations that conditions name and that somebody else's accounts may be of: all but the role's own, where that is known.
pub(crate) fn other_organizations<'a>(role: &TrustedRole<'a>) -> Vec<&'a str> {
    let own = role.organization_id();
    let ids = organizations(role).into_iter();
    ids.filter(|id| Some(*id) != own).collect()
}

/// Whether the role lets principals of an account in, which may be of any of the organisations.
pub(crate) fn admits(
    role: &TrustedRole<'_>,
    account_id: &str,
    named: &[Principal],
    organizations: &[&str],
    external_id: ExternalId,
) -> Admission {
    let mut callers = stranger::callers(role, account_id);
    callers.extend_from_slice(named);
    let theirs = Network::Theirs;
    let mut contexts = stranger::contexts(role, Organization::Strange, external_id, theirs);
    for id in organizations {
        let organization = Organization::Is(id);
        contexts.extend(stranger::contexts(role, organization, external_id, theirs));
    }
    role.admits(&callers, ASSUME_ROLE, &contexts)
}

/// Whether the role lets principals of any account of an organisation in.
pub(crate) fn admits_organization(role: &TrustedRole<'_>, organization_id: &str) -> Admission {
    let callers = stranger::callers(role, stranger::account(role));
    let organization = Organization::Is(organization_id);
    let contexts = stranger::contexts(role, organization, ExternalId::Told, Network::Theirs);
    role.admits(&callers, ASSUME_ROLE, &contexts)
}

/// Whether the role lets principals of an account in that nobody named.
pub(crate) fn admits_everybody(role: &TrustedRole<'_>) -> Admission {
    // Who is not named can only be meant by `*`, or by what a NotPrincipal leaves.
    if !is_open(role) {
        return Admission::Refused;
    }
    let accounts = stranger::accounts(role);
    let callers: Vec<Principal> = accounts
        .iter()
        .flat_map(|account_id| stranger::callers(role, account_id))
        .collect();
    let contexts = stranger::contexts(
        role,
        Organization::Strange,
        ExternalId::Told,
        Network::Strange,
    );
    role.admits(&callers, ASSUME_ROLE, &contexts)
}

/// Whether an Allow means callers whom it does not name.
pub(crate) fn is_open(role: &TrustedRole<'_>) -> bool {
    role.allows().any(|statement| {
        statement.principal.as_ref().is_none_or(|element| {
            let mut entries = element.entries.iter();
            element.is_negated || entries.any(|entry| &*entry.text == "*")
        })
    })
}

/// Whether what lets an organisation in is about a part of it only: no condition has its id, and all paths in it go on below the root.
pub(crate) fn is_part_of_organization(role: &TrustedRole<'_>, organization_id: &str) -> bool {
    let is_named = role
        .values_of("aws:principalorgid")
        .any(|id| id == organization_id);
    let mut paths = role.values_of("aws:principalorgpaths").filter_map(|path| {
        let (id, rest) = path.split_once('/')?;
        (id == organization_id).then_some(rest)
    });
    !is_named && paths.all(|rest| rest.split('/').any(|part| part.starts_with("ou-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_from_arns_and_digits() {
        assert_eq!(account_of("111122223333"), Some("111122223333"));
        assert_eq!(
            account_of("arn:aws:iam::111122223333:root"),
            Some("111122223333")
        );
        assert_eq!(account_of("AIDAQQQQQQQQQQQQQQQQQ"), None);
        assert_eq!(account_of("arn:aws:iam::*:role/x"), None);
    }
}
