//! IAM: users, groups, roles and policies, and what hangs on them.

mod account;
mod credentials;
mod last_accessed;
mod report;
mod shapes;

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use futures::future::{join, join3};
use serde::Deserialize;
use serde_json::json;

use super::asker::{Asker, Listing};
use super::calls::{GET_ACCOUNT_AUTHORIZATION_DETAILS, LIST_USERS};
use super::identity_center::region_of_role;
use super::wire::shaped;

/// Collects all of an account's IAM, and gives the Regions whose permission sets have roles there.
pub(super) async fn collect(asker: &Asker<'_>, iam: &Client) -> BTreeSet<String> {
    let report = async {
        report::collect(asker, iam).await;
        report::Known::of(asker)
    };
    let (principals, known, ()) =
        join3(principals(asker, iam), report, account::collect(asker, iam)).await;
    if !known.is_readable() && !asker.is_planning() {
        // The details do not say when passwords were last used, and the list does.
        list_users(asker, iam).await;
    }
    join(
        credentials::collect(asker, iam, &principals.user_names, &known),
        last_accessed::collect(asker, iam, &principals.arns),
    )
    .await;
    let regions = principals.arns.iter().filter_map(|arn| region_of_role(arn));
    regions.map(str::to_owned).collect()
}

/// Whom and what there is more to ask about.
#[derive(Debug, Default)]
struct Principals {
    user_names: Vec<String>,
    /// Users, groups, roles, and the account's own policies that are attached to somebody.
    arns: Vec<String>,
}

/// All four lists are in each answer to a call without a filter, if empty ones.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct AuthorizationDetails {
    user_detail_list: Vec<Entity>,
    group_detail_list: Vec<Entity>,
    role_detail_list: Vec<Entity>,
    policies: Vec<Entity>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct UserList {
    users: Vec<Entity>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "PascalCase", default)]
struct Entity {
    arn: Option<String>,
    user_name: Option<String>,
    attachment_count: Option<i64>,
    permissions_boundary_usage_count: Option<i64>,
}

impl Entity {
    fn is_policy_in_use(&self) -> bool {
        let is_counted = |count: Option<i64>| count.is_none_or(|count| count > 0);
        is_counted(self.attachment_count) || is_counted(self.permissions_boundary_usage_count)
    }
}

async fn principals(asker: &Asker<'_>, iam: &Client) -> Principals {
    let details = asker
        .pages(
            GET_ACCOUNT_AUTHORIZATION_DETAILS,
            &json!({}),
            "Marker",
            |marker| {
                shaped(
                    GET_ACCOUNT_AUTHORIZATION_DETAILS,
                    iam.get_account_authorization_details()
                        .max_items(1000)
                        .set_marker(marker)
                        .send(),
                    shapes::authorization_details,
                )
            },
        )
        .await;
    // Without all of them, at least the users' credentials are known.
    let users = if details.is_whole() {
        Listing::default()
    } else {
        list_users(asker, iam).await
    };
    let users: Vec<Entity> = users
        .items(asker, |page: UserList| page.users)
        .into_iter()
        .chain(details.items(asker, |page: AuthorizationDetails| page.user_detail_list))
        .collect();
    let mut user_names: Vec<String> = users
        .iter()
        .filter_map(|user| user.user_name.clone())
        .collect();
    user_names.sort();
    user_names.dedup();
    let others = details.items(asker, |page: AuthorizationDetails| {
        let mut others = page.group_detail_list;
        others.extend(page.role_detail_list);
        others.extend(page.policies.into_iter().filter(Entity::is_policy_in_use));
        others
    });
    let mut arns: Vec<String> = users
        .into_iter()
        .chain(others)
        .filter_map(|entity| entity.arn)
        .collect();
    // A policy of AWS may be on two pages.
    arns.sort();
    arns.dedup();
    Principals { user_names, arns }
}

async fn list_users(asker: &Asker<'_>, iam: &Client) -> Listing {
    asker
        .pages(LIST_USERS, &json!({}), "Marker", |marker| {
            shaped(
                LIST_USERS,
                iam.list_users().max_items(1000).set_marker(marker).send(),
                |answer| {
                    shapes::page(
                        "Users",
                        shapes::list(&answer.users, shapes::user),
                        answer.is_truncated,
                        answer.marker.as_ref(),
                    )
                },
            )
        })
        .await
}
