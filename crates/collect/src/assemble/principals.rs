//! Users, groups and roles: one row each, the newest answer that shows details.

use std::collections::HashMap;

use leastgrant_inventory::tables::{
    GroupMembershipRow, GroupRow, InlinePolicyRow, PolicyAttachmentRow, RoleRow, UserRow,
};
use leastgrant_inventory::{Dataset, Timestamp};

use super::{DatedPiece, Dating};
use crate::answers::shapes::tag_rows;
use crate::facts::{Entities, PrincipalFacts};

/// A user with what the credentials' assembly needs beside the row.
#[derive(Debug)]
pub(super) struct User {
    pub row: UserRow,
    /// When IAM itself (not the report) showed the user, if it did.
    pub shown: Option<Dating>,
    /// The newest answer that shows PasswordLastUsed, and what it shows.
    pub password_last_used: Option<(Dating, Option<Timestamp>)>,
    rest: PrincipalFacts<()>,
    groups: Vec<String>,
}

/// All principals by ARN.
#[derive(Debug, Default)]
pub(super) struct Principals {
    pub users: HashMap<String, User>,
    groups: HashMap<String, PrincipalFacts<GroupRow>>,
    roles: HashMap<String, PrincipalFacts<RoleRow>>,
    /// User ARNs by account and lower-case name: names are unique without regard to case.
    names: HashMap<(String, String), String>,
}

pub(super) fn assemble(dated: &mut [DatedPiece]) -> Principals {
    let mut principals = Principals::default();
    // Pieces come oldest first, so the later one is newer.
    for piece in dated {
        let dating = piece.dating();
        let account_id = &piece.account_id;
        let Some(entities) = piece.piece.facts.entities.get_mut() else {
            continue;
        };
        give_account(entities, account_id);
        for user in std::mem::take(&mut entities.users) {
            let PrincipalFacts {
                row,
                has_details,
                tags,
                inline_policies,
                attached_policies,
            } = user.principal;
            let rest = PrincipalFacts {
                row: (),
                has_details,
                tags,
                inline_policies,
                attached_policies,
            };
            let shown = user
                .shows_password_last_used
                .then_some((dating, user.password_last_used));
            let mut new = User {
                row,
                shown: Some(dating),
                password_last_used: shown,
                rest,
                groups: user.groups,
            };
            new.row.details_as_of = has_details.then_some(dating.at);
            match principals.users.get_mut(&new.row.arn) {
                Some(known) => {
                    let is_same =
                        is_same_id(known.row.user_id.as_deref(), new.row.user_id.as_deref());
                    if is_same && new.password_last_used.is_none() {
                        new.password_last_used = known.password_last_used;
                    }
                    if has_details || !known.rest.has_details || !is_same {
                        *known = new;
                    } else {
                        known.password_last_used = new.password_last_used;
                        known.shown = new.shown;
                    }
                }
                None => principals.add_user(new),
            }
        }
        for group in std::mem::take(&mut entities.groups) {
            let (arn, id) = (group.row.arn.clone(), group.row.group_id.clone());
            keep_newer(&mut principals.groups, arn, group, |known| {
                is_same_id(known.group_id.as_deref(), id.as_deref())
            });
        }
        for mut role in std::mem::take(&mut entities.roles) {
            role.row.as_of = Some(dating.at);
            let (arn, id) = (role.row.arn.clone(), role.row.role_id.clone());
            // GetRole shows the last use and no policies; authorization details show both.
            match principals.roles.get_mut(&arn) {
                Some(known)
                    if !role.has_details
                        && role.row.last_used_known
                        && is_same_id(known.row.role_id.as_deref(), id.as_deref()) =>
                {
                    known.row.last_used_known = true;
                    known.row.last_used_at = known.row.last_used_at.max(role.row.last_used_at);
                    known.row.last_used_region = role.row.last_used_region;
                    known.row.as_of = role.row.as_of;
                }
                _ => keep_newer(&mut principals.roles, arn, role, |known| {
                    is_same_id(known.role_id.as_deref(), id.as_deref())
                }),
            }
        }
    }
    principals
}

/// Principals whose own ARN names no account get the file's; without one they are dropped, and a gap says so.
fn give_account(entities: &mut Entities, account_id: &str) {
    let is_kept = |own: &mut String| {
        if own.is_empty() {
            account_id.clone_into(own);
        }
        !own.is_empty()
    };
    entities
        .users
        .retain_mut(|user| is_kept(&mut user.principal.row.account_id));
    entities
        .groups
        .retain_mut(|group| is_kept(&mut group.row.account_id));
    entities
        .roles
        .retain_mut(|role| is_kept(&mut role.row.account_id));
}

/// A principal made again under the same name has another id, and nothing of the old one is its own.
fn is_same_id(known: Option<&str>, new: Option<&str>) -> bool {
    match (known, new) {
        (Some(known), Some(new)) => known == new,
        _ => true,
    }
}

fn keep_newer<R>(
    known: &mut HashMap<String, PrincipalFacts<R>>,
    arn: String,
    new: PrincipalFacts<R>,
    is_same: impl Fn(&R) -> bool,
) {
    match known.get_mut(&arn) {
        Some(known) if known.has_details && !new.has_details && is_same(&known.row) => {}
        Some(known) => *known = new,
        None => {
            known.insert(arn, new);
        }
    }
}

impl Principals {
    fn add_user(&mut self, user: User) {
        self.names.insert(
            name_key(&user.row.account_id, &user.row.user_name),
            user.row.arn.clone(),
        );
        self.users.insert(user.row.arn.clone(), user);
    }

    /// Adds a user that only the credential report shows.
    pub(super) fn add_from_report(&mut self, row: UserRow) {
        self.add_user(User {
            row,
            shown: None,
            password_last_used: None,
            rest: PrincipalFacts::default(),
            groups: Vec::new(),
        });
    }

    /// A user by name, as IAM compares names.
    pub(super) fn user_by_name(&mut self, account_id: &str, user_name: &str) -> Option<&mut User> {
        let arn = self.names.get(&name_key(account_id, user_name))?;
        self.users.get_mut(arn)
    }

    /// Moves everything into the tables.
    pub(super) fn emit(self, dataset: &mut Dataset) {
        let group_arns: HashMap<(String, String), String> = self
            .groups
            .values()
            .map(|group| {
                (
                    (group.row.account_id.clone(), group.row.group_name.clone()),
                    group.row.arn.clone(),
                )
            })
            .collect();
        // Memberships that a call listed by the user's name have the name in the ARN's place.
        for membership in &mut dataset.group_memberships {
            if !membership.user_arn.starts_with("arn:")
                && let Some(arn) = self
                    .names
                    .get(&name_key(&membership.account_id, &membership.user_arn))
            {
                membership.user_arn.clone_from(arn);
            }
        }
        for user in self.users.into_values() {
            let (account_id, arn) = (user.row.account_id.clone(), user.row.arn.clone());
            dataset
                .group_memberships
                .extend(user.groups.into_iter().map(|group_name| {
                    GroupMembershipRow {
                        account_id: account_id.clone(),
                        user_arn: arn.clone(),
                        group_arn: group_arns
                            .get(&(account_id.clone(), group_name.clone()))
                            .cloned(),
                        group_name,
                    }
                }));
            emit_rest(&account_id, &arn, user.rest, dataset);
            dataset.users.push(user.row);
        }
        for group in self.groups.into_values() {
            let (row, rest) = split(group);
            emit_rest(&row.account_id, &row.arn, rest, dataset);
            dataset.groups.push(row);
        }
        for role in self.roles.into_values() {
            let (row, rest) = split(role);
            emit_rest(&row.account_id, &row.arn, rest, dataset);
            dataset.roles.push(row);
        }
    }
}

fn split<R>(principal: PrincipalFacts<R>) -> (R, PrincipalFacts<()>) {
    let PrincipalFacts {
        row,
        has_details,
        tags,
        inline_policies,
        attached_policies,
    } = principal;
    (
        row,
        PrincipalFacts {
            row: (),
            has_details,
            tags,
            inline_policies,
            attached_policies,
        },
    )
}

fn emit_rest(account_id: &str, arn: &str, rest: PrincipalFacts<()>, dataset: &mut Dataset) {
    dataset.tags.extend(tag_rows(account_id, arn, rest.tags));
    dataset
        .inline_policies
        .extend(
            rest.inline_policies
                .into_iter()
                .map(|(policy_name, document)| InlinePolicyRow {
                    account_id: account_id.to_owned(),
                    principal_arn: arn.to_owned(),
                    policy_name,
                    document,
                }),
        );
    dataset
        .policy_attachments
        .extend(
            rest.attached_policies
                .into_iter()
                .map(|(policy_arn, policy_name)| PolicyAttachmentRow {
                    account_id: account_id.to_owned(),
                    principal_arn: arn.to_owned(),
                    policy_arn,
                    policy_name,
                }),
        );
}

fn name_key(account_id: &str, user_name: &str) -> (String, String) {
    (account_id.to_owned(), user_name.to_ascii_lowercase())
}
