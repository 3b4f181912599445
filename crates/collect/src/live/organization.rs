//! The organisation: accounts, units, service and resource control policies, and what these are attached to.

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::PolicyType;
use futures::future::{join, join3};
use leastgrant_aws::FailureKind;
use leastgrant_inventory::is_account;
use serde::Deserialize;
use serde_json::json;

use super::asker::Asker;
use super::calls::{
    DESCRIBE_ORGANIZATION, DESCRIBE_POLICY, LIST_ACCOUNTS, LIST_ACCOUNTS_FOR_PARENT,
    LIST_ORGANIZATIONAL_UNITS_FOR_PARENT, LIST_POLICIES, LIST_ROOTS, LIST_TARGETS_FOR_POLICY,
};
use super::wire::raw;

/// An organisation has at most five levels of units below its root (AWS Organizations, quotas).
const MOST_LEVELS: usize = 10;

/// An account of the organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Member {
    pub id: String,
    status: Option<String>,
    /// Replaces `Status` since 2025.
    state: Option<String>,
}

impl Member {
    /// Why the account cannot be collected, if that is so: it is closed, or on its way there or here.
    pub(super) fn closed(&self) -> Option<&str> {
        let state = self.state.as_deref().or(self.status.as_deref());
        state.filter(|state| *state != "ACTIVE")
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Described {
    organization: Organization,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Organization {
    master_account_id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    accounts: Vec<Member>,
    roots: Vec<Node>,
    organizational_units: Vec<Node>,
    policies: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    id: String,
}

/// The accounts of an organisation, as far as they could be listed.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub accounts: Vec<Member>,
    /// Whether there are no others.
    pub are_all: bool,
}

/// Collects the organisation where the account may see it, and gives its accounts. `is_wanted` says that accounts are found by it, so
/// that a refusal is a gap; another account than the management account is refused as a rule.
pub(super) async fn collect(
    asker: &Asker<'_>,
    organizations: &Client,
    account_id: &str,
    is_wanted: bool,
) -> Members {
    let described = asker.in_turn(raw(
        DESCRIBE_ORGANIZATION,
        organizations.describe_organization().send(),
    ));
    // Without an organization, that is an answer.
    let Some(described) = asker
        .ask(DESCRIBE_ORGANIZATION, &json!({}), described)
        .await
    else {
        return Members::default();
    };
    let management = described
        .read::<Described>(asker)
        .organization
        .master_account_id;
    if management != account_id && !is_wanted && asker.kept(LIST_ROOTS.name, &json!({})).is_none() {
        if asker.counts_only(LIST_ROOTS) {
            return Members::default();
        }
        // Delegated accounts can list, others cannot, and only trying tells which this is.
        let tried = asker
            .in_turn(raw(LIST_ROOTS, organizations.list_roots().send()))
            .await;
        match tried {
            Err(failure) if failure.kind == FailureKind::Denied => return Members::default(),
            Err(_) => {}
            Ok(roots) => asker.keep(LIST_ROOTS.name, &json!({}), &roots),
        }
    }
    let no_parameters = json!({});
    let (accounts, _) = join(
        asker.pages(LIST_ACCOUNTS, &no_parameters, "NextToken", |token| {
            raw(
                LIST_ACCOUNTS,
                organizations.list_accounts().set_next_token(token).send(),
            )
        }),
        async {
            join3(
                tree(asker, organizations),
                policies(asker, organizations, PolicyType::ServiceControlPolicy),
                policies(asker, organizations, PolicyType::ResourceControlPolicy),
            )
            .await
        },
    )
    .await;
    let listed = accounts.items(asker, |page: Page| page.accounts);
    let (listed, others): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .partition(|member| is_account(&member.id));
    if let Some(other) = others.first() {
        let why = format!(
            "it has the account `{}`, and an account has twelve digits",
            other.id
        );
        asker.not_readable(LIST_ACCOUNTS.name, no_parameters.to_string(), &why);
    }
    Members {
        are_all: accounts.is_whole() && others.is_empty(),
        accounts: listed,
    }
}

/// Roots and units, level by level, and which accounts are below each.
async fn tree(asker: &Asker<'_>, organizations: &Client) {
    let roots = asker
        .pages(LIST_ROOTS, &json!({}), "NextToken", |token| {
            raw(
                LIST_ROOTS,
                organizations.list_roots().set_next_token(token).send(),
            )
        })
        .await;
    let mut level = roots.items(asker, |page: Page| page.roots);
    for _ in 0..MOST_LEVELS {
        let below = level
            .iter()
            .map(|parent| children(asker, organizations, &parent.id));
        level = futures::future::join_all(below)
            .await
            .into_iter()
            .flatten()
            .collect();
    }
}

async fn children(asker: &Asker<'_>, organizations: &Client, parent: &str) -> Vec<Node> {
    let parameters = json!({"ParentId": parent});
    let (_, units) = join(
        asker.pages(
            LIST_ACCOUNTS_FOR_PARENT,
            &parameters,
            "NextToken",
            |token| {
                raw(
                    LIST_ACCOUNTS_FOR_PARENT,
                    organizations
                        .list_accounts_for_parent()
                        .parent_id(parent)
                        .set_next_token(token)
                        .send(),
                )
            },
        ),
        asker.pages(
            LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
            &parameters,
            "NextToken",
            |token| {
                raw(
                    LIST_ORGANIZATIONAL_UNITS_FOR_PARENT,
                    organizations
                        .list_organizational_units_for_parent()
                        .parent_id(parent)
                        .set_next_token(token)
                        .send(),
                )
            },
        ),
    )
    .await;
    units.items(asker, |page: Page| page.organizational_units)
}

async fn policies(asker: &Asker<'_>, organizations: &Client, kind: PolicyType) {
    let listed = asker
        .pages(
            LIST_POLICIES,
            &json!({"Filter": kind.as_str()}),
            "NextToken",
            |token| {
                raw(
                    LIST_POLICIES,
                    organizations
                        .list_policies()
                        .filter(kind.clone())
                        .set_next_token(token)
                        .send(),
                )
            },
        )
        .await;
    let each = listed.items(asker, |page: Page| page.policies);
    let each = each.iter().map(|Node { id }| async move {
        let parameters = json!({"PolicyId": id});
        let described = asker.in_turn(raw(
            DESCRIBE_POLICY,
            organizations.describe_policy().policy_id(id).send(),
        ));
        join(
            asker.ask(DESCRIBE_POLICY, &parameters, described),
            asker.pages(LIST_TARGETS_FOR_POLICY, &parameters, "NextToken", |token| {
                raw(
                    LIST_TARGETS_FOR_POLICY,
                    organizations
                        .list_targets_for_policy()
                        .policy_id(id)
                        .set_next_token(token)
                        .send(),
                )
            }),
        )
        .await;
    });
    futures::future::join_all(each).await;
}
