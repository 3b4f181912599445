//! Whose principals were collected: what is there of each account, and what must be there and is not.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use leastgrant_inventory::tables::AccountRow;
use leastgrant_inventory::{DataKind, Inventory};
use leastgrant_policy::Principal;
use leastgrant_policy::evaluate::Member;

use crate::{Account, Membership, PolicyGap, Subject, SubjectKind, Unknown};

/// More accounts than these are counted, not named.
const NAMED: usize = 5;

/// What was collected of whom.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Accounts of which all roles were collected.
    pub with_roles: BTreeSet<Box<str>>,
    /// Accounts of the organisation of which nothing was collected.
    pub absent: BTreeSet<Box<str>>,
    /// Accounts of the inventory without any principal.
    pub missing: Vec<PolicyGap>,
    /// Files and calls in which principals may have been.
    pub hiding: Vec<PolicyGap>,
    pub notes: Vec<String>,
}

/// Gives each account its root user, which needs no row to exist, and says whose principals are missing.
pub(super) fn complete(
    inventory: &Inventory,
    rows: &[AccountRow],
    accounts: &BTreeMap<Box<str>, Account>,
    subjects: &mut Vec<Subject>,
) -> Coverage {
    let of_kind = |kind: SubjectKind| -> BTreeSet<Box<str>> {
        let own = subjects.iter().filter(|subject| subject.kind == kind);
        own.map(|subject| subject.account_id.clone()).collect()
    };
    let (users, roles, roots) = (
        of_kind(SubjectKind::User),
        of_kind(SubjectKind::Role),
        of_kind(SubjectKind::Root),
    );
    let mut partitions: BTreeMap<Box<str>, Box<str>> = subjects
        .iter()
        .filter_map(|own| Some((own.account_id.clone(), own.arn.split(':').nth(1)?.into())))
        .collect();
    for row in rows {
        let partition = match row.partition.is_empty() {
            true => "aws",
            false => &row.partition,
        };
        partitions.insert(row.account_id.as_str().into(), partition.into());
    }
    let mut coverage = Coverage {
        with_roles: with_all_roles(inventory, &roles),
        hiding: hiding(inventory),
        ..Coverage::default()
    };
    let details = inventory
        .manifest()
        .sources_of(DataKind::AuthorizationDetails);
    let mut without_roles = Vec::new();
    for (account_id, partition) in &partitions {
        if users.contains(account_id) && !roles.contains(account_id) {
            without_roles.push(&**account_id);
        } else if !roles.contains(account_id) && !details.contains_key(&**account_id) {
            let reason = format!(
                "users and roles of the account {account_id} were not collected; collect authorization details"
            );
            coverage.missing.push(PolicyGap {
                account_id: Some(account_id.clone()),
                unknown: Unknown::new(Member::Identity, reason),
                service: None,
            });
        }
        if !roots.contains(account_id) {
            subjects.extend(root(partition, account_id));
        }
    }
    if !without_roles.is_empty() {
        coverage.notes.push(format!(
            "no roles were collected of {}, and every account has some",
            listed(&without_roles)
        ));
    }
    let absent = accounts.iter().filter(|(account_id, account)| {
        matches!(
            account.membership,
            Membership::Member | Membership::Management
        ) && !partitions.contains_key(&**account_id)
    });
    coverage.absent = absent.map(|(account_id, _)| account_id.clone()).collect();
    if !coverage.absent.is_empty() {
        let absent: Vec<&str> = coverage.absent.iter().map(|own| &**own).collect();
        coverage.notes.push(format!(
            "nothing was collected of {} of the organisation: principals there were not asked about",
            listed(&absent)
        ));
    }
    coverage
}

fn hiding(inventory: &Inventory) -> Vec<PolicyGap> {
    let gaps = inventory.manifest().gaps.iter().filter(|gap| {
        gap.unknowable.iter().any(|kind| {
            matches!(
                kind,
                DataKind::Anything
                    | DataKind::AuthorizationDetails
                    | DataKind::CredentialReport
                    | DataKind::Users
                    | DataKind::Roles
            )
        })
    });
    gaps.map(|gap| PolicyGap {
        account_id: gap.account_id.as_deref().map(Into::into),
        unknown: Unknown::new(Member::Identity, format!("`{}` {}", gap.source, gap.reason)),
        service: None,
    })
    .collect()
}

/// The accounts of which no file or page is missing in which roles may be.
fn with_all_roles(inventory: &Inventory, roles: &BTreeSet<Box<str>>) -> BTreeSet<Box<str>> {
    let gaps = inventory.manifest().gaps.iter().filter(|gap| {
        gap.unknowable.iter().any(|kind| {
            matches!(
                kind,
                DataKind::Anything | DataKind::AuthorizationDetails | DataKind::Roles
            )
        })
    });
    let lacking: HashSet<Option<&str>> = gaps.map(|gap| gap.account_id.as_deref()).collect();
    // A gap of nobody's may be one of everybody's.
    if lacking.contains(&None) {
        return BTreeSet::new();
    }
    let complete = roles
        .iter()
        .filter(|account_id| !lacking.contains(&Some(&***account_id)));
    complete.cloned().collect()
}

fn root(partition: &str, account_id: &str) -> Option<Subject> {
    let arn = format!("arn:{partition}:iam::{account_id}:root");
    Some(Subject {
        account_id: account_id.into(),
        name: "<root_account>".into(),
        kind: SubjectKind::Root,
        ..Subject::without_policies(Principal::parse(&arn)?)
    })
}

/// `the account A`, `the accounts A, B and 3 more`.
fn listed(accounts: &[&str]) -> String {
    let shown: Vec<&str> = accounts.iter().take(NAMED).copied().collect();
    let more = match accounts.len().saturating_sub(NAMED) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let word = if accounts.len() == 1 {
        "account"
    } else {
        "accounts"
    };
    format!("the {word} {}{more}", shown.join(", "))
}
