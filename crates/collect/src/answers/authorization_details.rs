//! iam:GetAccountAuthorizationDetails: users, groups, roles and policies, whole.

use leastgrant_inventory::DataKind;

use super::groups::GroupDetail;
use super::policies::PolicyDetail;
use super::roles::RoleDetail;
use super::shapes::prevailing_account;
use super::users::UserDetail;
use super::{Problems, Reader};
use crate::answer::{Answer, Members};
use crate::elements::list;
use crate::facts::Piece;

pub(crate) const READERS: &[Reader] = &[
    Reader::new(
        "iam:GetAccountAuthorizationDetails",
        DataKind::AuthorizationDetails,
        "UserDetailList",
        read,
    ),
    // The CLI leaves out lists that `--filter` excludes, so any one of the three is enough.
    Reader::new(
        "iam:GetAccountAuthorizationDetails",
        DataKind::AuthorizationDetails,
        "RoleDetailList",
        read,
    ),
    Reader::new(
        "iam:GetAccountAuthorizationDetails",
        DataKind::AuthorizationDetails,
        "GroupDetailList",
        read,
    ),
    Reader::new(
        "iam:GetAccountAuthorizationDetails",
        DataKind::AuthorizationDetails,
        "Policies",
        read,
    )
    .if_only(has_versions),
];

/// ListPolicies has the member `Policies` too, but never the versions.
fn has_versions(members: &Members<'_>) -> bool {
    members
        .get("Policies")
        .is_some_and(|policies| policies.get().contains("\"PolicyVersionList\""))
}

fn read(answer: &Answer<'_>, piece: &mut Piece, problems: &mut Problems) {
    let mut instance_profiles = Vec::new();
    for (index, user) in list::<UserDetail<'_>>(answer, "UserDetailList", problems)
        .into_iter()
        .enumerate()
    {
        piece.facts.entities.users.push(user.into_facts(
            true,
            &format!("/UserDetailList/{index}"),
            problems,
        ));
    }
    for (index, group) in list::<GroupDetail<'_>>(answer, "GroupDetailList", problems)
        .into_iter()
        .enumerate()
    {
        piece.facts.entities.groups.push(group.into_facts(
            true,
            &format!("/GroupDetailList/{index}"),
            problems,
        ));
    }
    for (index, mut role) in list::<RoleDetail<'_>>(answer, "RoleDetailList", problems)
        .into_iter()
        .enumerate()
    {
        instance_profiles.extend(role.take_instance_profiles());
        piece.facts.entities.roles.push(role.into_facts(
            true,
            &format!("/RoleDetailList/{index}"),
            problems,
        ));
    }
    for (index, policy) in list::<PolicyDetail<'_>>(answer, "Policies", problems)
        .into_iter()
        .enumerate()
    {
        piece.facts.entities.policies.push(policy.into_facts(
            true,
            &format!("/Policies/{index}"),
            problems,
        ));
    }
    piece.facts.rows.instance_profiles = instance_profiles
        .into_iter()
        .map(super::shapes::InstanceProfile::into_row)
        .collect();
    piece.account_id = prevailing_account(
        (piece
            .facts
            .entities
            .users
            .iter()
            .map(|user| user.principal.row.arn.as_str()))
        .chain(
            piece
                .facts
                .entities
                .groups
                .iter()
                .map(|group| group.row.arn.as_str()),
        )
        .chain(
            piece
                .facts
                .entities
                .roles
                .iter()
                .map(|role| role.row.arn.as_str()),
        )
        .chain(
            piece
                .facts
                .entities
                .policies
                .iter()
                .map(|policy| policy.row.arn.as_str()),
        ),
    );
}
