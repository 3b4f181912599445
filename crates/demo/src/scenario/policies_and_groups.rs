//! What is to be found of the policies and groups that every account has, after its users and roles got theirs.

use crate::model::{Account, Rule};
use crate::policy::ManagedPolicy;
use crate::policy::groups::GROUPS;
use crate::policy::managed::{
    APP_DEPLOY, KEY_ADMINISTRATION, LOGS_READ_ONLY_COPY, OURS, TEAM_BOUNDARY,
};

/// Policies with a stored version that allows more, or denies less, than the one in force.
static WITH_WIDER_VERSIONS: [&ManagedPolicy; 3] =
    [&APP_DEPLOY, &KEY_ADMINISTRATION, &TEAM_BOUNDARY];

/// States what an auditor must find.
pub(super) fn state(account: &mut Account) {
    let mut expected = vec![(Rule::DuplicatePolicy, LOGS_READ_ONLY_COPY.arn(&account.id))];
    for policy in OURS {
        let is_used = is_used(account, policy);
        let has_wider = WITH_WIDER_VERSIONS
            .iter()
            .any(|own| std::ptr::eq(*own, *policy));
        if !is_used {
            expected.push((Rule::UnattachedPolicy, policy.arn(&account.id)));
        } else if has_wider {
            expected.push((Rule::StalePolicyVersion, policy.arn(&account.id)));
        }
    }
    for group in GROUPS {
        let mut users = account.users.iter();
        if !users.any(|user| user.groups.iter().any(|own| own.name == group.name)) {
            let arn = format!(
                "arn:aws:iam::{}:group{}{}",
                account.id, group.path, group.name
            );
            expected.push((Rule::EmptyGroup, arn));
        }
    }
    account.expected_elsewhere = expected;
    // A boundary, a policy with an older and a narrower version, and groups with members; of the permission sets, those that have
    // roles.
    account.near_misses.extend([
        Rule::UnattachedPolicy,
        Rule::DuplicatePolicy,
        Rule::StalePolicyVersion,
        Rule::EmptyGroup,
        Rule::PermissionSetUnused,
    ]);
}

/// Whether a user, group or role has the policy, or is bounded by it.
fn is_used(account: &Account, policy: &ManagedPolicy) -> bool {
    let is_it = |own: &&ManagedPolicy| std::ptr::eq(*own, policy);
    let users = account.users.iter().map(|user| &user.common);
    let mut principals = users.chain(account.roles.iter().map(|role| &role.common));
    let mut groups = GROUPS.iter();
    groups.any(|group| group.attached.iter().any(&is_it))
        || principals
            .any(|common| common.attached.iter().any(&is_it) || common.boundary.iter().any(&is_it))
}
