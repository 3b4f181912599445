//! `authorization-details.json`: the answer of GetAccountAuthorizationDetails, by far the largest
//! file. It is written from borrowed values, never built as a tree.

mod shapes;

use serde::{Serialize, Serializer};
use shapes::{
    Attached, Boundary, GroupDetail, InstanceProfile, NamedDocument, PolicyDetail, RoleDetail,
    RoleLastUsed, RoleOfProfile, Tag, UserDetail, VersionDetail,
};

use super::Folder;
use crate::Error;
use crate::model::{Account, Common, Organisation, Place, Role, User};
use crate::moment::Moment;
use crate::policy::groups::GROUPS;
use crate::policy::managed::OURS;
use crate::policy::trust::TrustDocument;
use crate::policy::{Document, Group, ManagedPolicy, VERSION};
use crate::randomness::{fork, unique_id};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details<'a> {
    #[serde(serialize_with = "users")]
    user_detail_list: &'a [User],
    group_detail_list: Vec<GroupDetail<'a>>,
    #[serde(serialize_with = "roles")]
    role_detail_list: &'a [Role],
    policies: Vec<PolicyDetail<'a>>,
}

/// Writes the file.
pub(super) fn write(
    organisation: &Organisation,
    account: &Account,
    folder: &Folder,
) -> Result<(), Error> {
    let place = account.place(organisation);
    let details = Details {
        user_detail_list: &account.users,
        group_detail_list: GROUPS
            .iter()
            .map(|group| group_detail(group, &place))
            .collect(),
        role_detail_list: &account.roles,
        policies: policies(account, &place),
    };
    let path = format!("{}/authorization-details.json", account.id);
    folder.write_json(&path, &details)
}

// Users and roles are turned into their details one by one, while they are written.

fn users<S: Serializer>(users: &[User], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(users.iter().map(user_detail))
}

fn roles<S: Serializer>(roles: &[Role], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(roles.iter().map(role_detail))
}

fn user_detail(user: &User) -> UserDetail<'_> {
    let common = &user.common;
    UserDetail {
        path: &common.path,
        user_name: &user.name,
        user_id: &common.id,
        arn: &user.arn,
        create_date: common.created,
        user_policy_list: documents(common),
        group_list: user.groups.iter().map(|group| group.name).collect(),
        attached_managed_policies: attached(&common.attached, &common.place),
        permissions_boundary: boundary(common),
        tags: tags(common),
    }
}

fn role_detail(role: &Role) -> RoleDetail<'_> {
    let common = &role.common;
    let trust = TrustDocument {
        trust: &role.trust,
        place: &common.place,
    };
    let last_used = role.last_used();
    RoleDetail {
        path: &common.path,
        role_name: &role.name,
        role_id: &common.id,
        arn: &role.arn,
        create_date: common.created,
        assume_role_policy_document: trust,
        instance_profile_list: role
            .instance_profile
            .iter()
            .map(|name| instance_profile(role, name, trust))
            .collect(),
        role_policy_list: documents(common),
        attached_managed_policies: attached(&common.attached, &common.place),
        permissions_boundary: boundary(common),
        tags: tags(common),
        role_last_used: RoleLastUsed {
            last_used_date: last_used.map(|(at, _)| at),
            region: last_used.map(|(_, region)| region),
        },
    }
}

fn instance_profile<'a>(
    role: &'a Role,
    name: &'static str,
    trust: TrustDocument<'a>,
) -> InstanceProfile<'a> {
    let account = &role.common.place.account;
    InstanceProfile {
        path: "/",
        instance_profile_name: name,
        // Like its role's but for the prefix; unique ids need no more than to be unique.
        instance_profile_id: role.common.id.replacen("AROA", "AIPA", 1),
        arn: format!("arn:aws:iam::{account}:instance-profile/{name}"),
        create_date: role.common.created.later(1),
        roles: [RoleOfProfile {
            path: &role.common.path,
            role_name: &role.name,
            role_id: &role.common.id,
            arn: &role.arn,
            create_date: role.common.created,
            assume_role_policy_document: trust,
        }],
    }
}

fn group_detail<'a>(group: &'static Group, place: &'a Place) -> GroupDetail<'a> {
    let arn = format!(
        "arn:aws:iam::{}:group{}{}",
        place.account, group.path, group.name
    );
    GroupDetail {
        path: group.path,
        group_name: group.name,
        group_id: id_of("AGPA", &arn),
        arn,
        create_date: Moment::days_ago(group.days_ago).earlier(5025),
        group_policy_list: group
            .inline
            .iter()
            .map(|(name, statements)| NamedDocument {
                policy_name: name,
                policy_document: Document::new(statements, place),
            })
            .collect(),
        attached_managed_policies: attached(group.attached, place),
    }
}

fn documents(common: &Common) -> Vec<NamedDocument<'_>> {
    common
        .inline
        .iter()
        .map(|policy| NamedDocument {
            policy_name: &policy.name,
            policy_document: Document {
                version: policy.version,
                statements: &policy.statements,
                lone: policy.lone,
                place: &common.place,
            },
        })
        .collect()
}

fn attached(policies: &[&'static ManagedPolicy], place: &Place) -> Vec<Attached> {
    policies
        .iter()
        .map(|policy| Attached {
            policy_name: policy.name,
            policy_arn: policy.arn(&place.account),
        })
        .collect()
}

fn boundary(common: &Common) -> Option<Boundary> {
    common.boundary.map(|policy| Boundary {
        permissions_boundary_type: "Policy",
        permissions_boundary_arn: policy.arn(&common.place.account),
    })
}

fn tags(common: &Common) -> Vec<Tag<'_>> {
    common
        .tags
        .iter()
        .map(|(key, value)| Tag { key, value })
        .collect()
}

/// The policies of an account: all of the customer's, and those of AWS that something has.
fn policies<'a>(account: &Account, place: &'a Place) -> Vec<PolicyDetail<'a>> {
    let mut counted: Vec<Counted> = OURS.iter().map(|policy| Counted::of(policy)).collect();
    let principals = || {
        let users = account.users.iter().map(|user| &user.common);
        users.chain(account.roles.iter().map(|role| &role.common))
    };
    let of_principals = principals().flat_map(|common| common.attached.iter());
    let of_groups = GROUPS.iter().flat_map(|group| group.attached);
    for policy in of_principals.chain(of_groups) {
        Counted::count(&mut counted, policy, |counts| {
            counts.attachments = counts.attachments.saturating_add(1);
        });
    }
    for policy in principals().filter_map(|common| common.boundary) {
        Counted::count(&mut counted, policy, |counts| {
            counts.boundaries = counts.boundaries.saturating_add(1);
        });
    }
    counted
        .into_iter()
        .map(|counts| policy_detail(&counts, place))
        .collect()
}

/// A managed policy and how often it is used.
struct Counted {
    policy: &'static ManagedPolicy,
    attachments: usize,
    boundaries: usize,
}

impl Counted {
    fn of(policy: &'static ManagedPolicy) -> Self {
        Self {
            policy,
            attachments: 0,
            boundaries: 0,
        }
    }

    /// Counts one more use of a policy, which may be the first.
    fn count(
        counted: &mut Vec<Self>,
        policy: &'static ManagedPolicy,
        one_more: impl FnOnce(&mut Self),
    ) {
        let known = counted
            .iter_mut()
            .find(|known| std::ptr::eq(known.policy, policy));
        if let Some(known) = known {
            one_more(known);
        } else {
            let mut first = Self::of(policy);
            one_more(&mut first);
            counted.push(first);
        }
    }
}

fn policy_detail<'a>(counts: &Counted, place: &'a Place) -> PolicyDetail<'a> {
    let policy = counts.policy;
    let arn = policy.arn(&place.account);
    // Versions are made at some time of a day; which one does not matter.
    let at = |days_ago: i64| Moment::days_ago(days_ago).earlier(37_215);
    PolicyDetail {
        policy_name: policy.name,
        policy_id: id_of("ANPA", &arn),
        arn,
        path: policy.path,
        default_version_id: policy.default_version,
        attachment_count: counts.attachments,
        permissions_boundary_usage_count: counts.boundaries,
        is_attachable: true,
        create_date: at(policy.created_days_ago()),
        update_date: at(policy
            .versions
            .iter()
            .map(|version| version.days_ago)
            .min()
            .unwrap_or(0)),
        policy_version_list: policy
            .versions
            .iter()
            .map(|version| VersionDetail {
                document: Document {
                    version: VERSION,
                    statements: version.statements,
                    lone: false,
                    place,
                },
                version_id: version.id,
                is_default_version: version.id == policy.default_version,
                create_date: at(version.days_ago),
            })
            .collect(),
    }
}

/// A unique id that follows from the ARN, so that it is the same in every organisation for AWS's
/// policies, as it is in the field.
fn id_of(prefix: &str, arn: &str) -> String {
    unique_id(&mut fork(0, arn, 0), prefix)
}
