//! Whether the data that credential rules need are there, asked the same way by all of them.

use leastgrant_inventory::DataKind;

use crate::context::{Context, Output};
use crate::facts::UserFacts;

/// Says what is missing to know every key of the account, the root user's included if `with_root`.
pub(super) fn report_missing_keys(context: &Context<'_>, with_root: bool, output: &mut Output) {
    if let Some(reason) = context.account.users_missing() {
        output.not_checked(reason);
    }
    let unknown: Vec<&str> = context
        .account
        .users
        .iter()
        .filter(|user| !user.user.access_keys_known)
        .map(|user| user.user.user_name.as_str())
        .collect();
    output.not_checked_for("the access keys were not collected", &unknown);
    if with_root {
        report_missing_root_keys(context, output);
    }
}

/// Says so if the root user may have keys of which nothing is known.
pub(super) fn report_missing_root_keys(context: &Context<'_>, output: &mut Output) {
    let counted = context.account.counter("AccountAccessKeysPresent");
    if let Some(root) = context.account.reported_root() {
        if root.keys.is_empty() && counted.is_some_and(|counted| counted > 0) {
            output.not_checked("the account summary counts an access key of the root user that the credential report does not show");
        }
    } else if context.account.counter("AccountAccessKeysPresent") != Some(0) {
        output.not_checked("the root user's access keys are not known, since no row of the root user in a credential report was collected");
    }
}

/// Says what is missing to know whether each user has a password.
pub(super) fn report_missing_passwords(context: &Context<'_>, output: &mut Output) {
    if let Some(reason) = context.account.users_missing() {
        output.not_checked(reason);
    }
    let unknown: Vec<&str> = context
        .account
        .users
        .iter()
        .filter(|user| user.user.password_enabled.is_none())
        .map(|user| user.user.user_name.as_str())
        .collect();
    output.not_checked_for("the password was not collected", &unknown);
}

/// All users and the root user.
pub(super) fn users_and_root<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a UserFacts> {
    let account = context.account;
    account.root.iter().chain(account.users.iter())
}

/// Says what is missing to know every role of the account.
pub(super) fn report_missing_roles(context: &Context<'_>, output: &mut Output) {
    let shows_roles = [DataKind::AuthorizationDetails, DataKind::Roles]
        .into_iter()
        .filter_map(|kind| context.account.source(kind));
    match shows_roles.map(|source| source.complete).max() {
        None => output.not_checked("no roles were collected (authorization details)"),
        Some(false) => output.not_checked(
            "not all roles are known, since the authorization details could not be read whole",
        ),
        Some(true) => {}
    }
}

/// Says what is missing to know every managed policy of the account; whether some are known.
pub(super) fn report_missing_policies(context: &Context<'_>, output: &mut Output) -> bool {
    let shows_policies = [DataKind::AuthorizationDetails, DataKind::Policies]
        .into_iter()
        .filter_map(|kind| context.account.source(kind));
    match shows_policies.map(|source| source.complete).max() {
        None => {
            output.not_checked("no managed policies were collected (authorization details)");
            false
        }
        Some(false) => {
            output.not_checked("not all managed policies are known, since the authorization details could not be read whole");
            true
        }
        Some(true) => true,
    }
}
