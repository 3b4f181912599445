//! The calls that a collection would make. It goes the way of a collection, asks only the listings, and counts the rest.
//!
//! So a plan cannot name a call that no collection makes. What depends on answers that only the collection gets is told as a bound.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::calls::{
    CALLS, Call, DESCRIBE_ORGANIZATION, DESCRIBE_REPOSITORIES, DESCRIBE_TRAILS,
    GENERATE_CREDENTIAL_REPORT, GENERATE_SERVICE_LAST_ACCESSED_DETAILS, GET_ACCESS_KEY_LAST_USED,
    GET_ACCOUNT_AUTHORIZATION_DETAILS, GET_BUCKET_POLICY, GET_CREDENTIAL_REPORT,
    GET_EVENT_DATA_STORE, GET_EVENT_SELECTORS, GET_FUNCTION_POLICY, GET_KEY_POLICY,
    GET_OPEN_ID_CONNECT_PROVIDER, GET_QUEUE_ATTRIBUTES, GET_REPOSITORY_POLICY, GET_RESOURCE_POLICY,
    GET_SERVICE_LAST_ACCESSED_DETAILS, GET_TOPIC_ATTRIBUTES, GET_TRAIL_STATUS, LIST_ACCESS_KEYS,
    LIST_ACCOUNTS, LIST_ALIASES, LIST_ANALYZERS, LIST_BUCKETS, LIST_EVENT_DATA_STORES,
    LIST_FINDINGS, LIST_FUNCTIONS, LIST_INSTANCES, LIST_KEYS, LIST_MFA_DEVICES,
    LIST_OPEN_ID_CONNECT_PROVIDERS, LIST_PERMISSION_SETS, LIST_POLICIES, LIST_QUEUES, LIST_REGIONS,
    LIST_ROOTS, LIST_SECRETS, LIST_SIGNING_CERTIFICATES, LIST_TOPICS, LIST_USERS, Part,
};

/// Listings, from which the plan is made: the accounts, and their users, groups, roles, policies and Regions.
const ASKED: [&Call; 5] = [
    DESCRIBE_ORGANIZATION,
    LIST_ACCOUNTS,
    GET_ACCOUNT_AUTHORIZATION_DETAILS,
    LIST_USERS,
    LIST_REGIONS,
];

/// An estimate: AWS publishes no rates of IAM's, and what is throttled is asked again later.
pub const CALLS_A_SECOND: u64 = 10;

/// A user has at most two access keys (IAM User Guide, quotas).
const MOST_ACCESS_KEYS: u64 = 2;

/// How often a call will be made, against how often the plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// So often, unless it is refused to everybody.
    Exactly,
    /// What the first answers show may make some of them needless.
    AtMost,
    /// Answers tell how many more follow: looks at what is being made, pages, and what lies below what is listed.
    AtLeast,
}

/// A call, and how often it will be made in all accounts together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// `service:Operation`.
    pub call: &'static str,
    /// How often.
    pub count: u64,
    /// How certain that is.
    pub bound: Bound,
}

/// What a collection would ask.
#[derive(Debug)]
pub struct Plan {
    /// Sorted by their names.
    pub calls: Vec<PlannedCall>,
    /// Accounts that would be asked.
    pub accounts: usize,
    /// Why the plan is not whole, in words; the accounts or lists that were refused.
    pub refusals: Vec<String>,
    /// About how long it takes at [`CALLS_A_SECOND`] for each account.
    pub duration: Duration,
}

/// What is counted for each account while the way of a collection is gone.
#[derive(Debug, Default)]
pub(super) struct Planner {
    counts: Mutex<BTreeMap<String, BTreeMap<&'static str, u64>>>,
}

impl Planner {
    pub(super) fn count(&self, account: &str, call: &'static str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = counts.entry(account.to_owned()).or_default();
        *calls.entry(call).or_default() += 1;
        for (following, times) in following(call) {
            *calls.entry(following.name).or_default() += times;
        }
    }

    /// Whether a call is made while planning.
    pub(super) fn asks(call: &'static Call) -> bool {
        ASKED.contains(&call)
    }

    pub(super) fn plan(self, accounts_at_a_time: usize, refusals: Vec<String>) -> Plan {
        let counts = self
            .counts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let each: Vec<u64> = counts.values().map(|calls| calls.values().sum()).collect();
        let side_by_side = u64::try_from(accounts_at_a_time).unwrap_or(1).max(1);
        let longest = each.iter().copied().max().unwrap_or_default();
        let shared = each.iter().sum::<u64>().div_ceil(side_by_side);
        let mut calls: BTreeMap<&'static str, u64> = BTreeMap::new();
        for (call, count) in counts.into_values().flatten() {
            *calls.entry(call).or_default() += count;
        }
        Plan {
            calls: calls
                .into_iter()
                .map(|(call, count)| PlannedCall {
                    call,
                    count,
                    bound: bound(call),
                })
                .collect(),
            accounts: each.len(),
            refusals,
            duration: Duration::from_secs(longest.max(shared).div_ceil(CALLS_A_SECOND)),
        }
    }
}

/// The calls that the answer to a call is followed by, and how often at most or at least.
fn following(call: &str) -> Vec<(&'static Call, u64)> {
    let follows = |first: &Call| first.name == call;
    if follows(LIST_ACCESS_KEYS) {
        vec![(GET_ACCESS_KEY_LAST_USED, MOST_ACCESS_KEYS)]
    } else if follows(GET_SERVICE_LAST_ACCESSED_DETAILS) {
        vec![(GENERATE_SERVICE_LAST_ACCESSED_DETAILS, 1)]
    } else if follows(GET_CREDENTIAL_REPORT) {
        vec![(GENERATE_CREDENTIAL_REPORT, 1)]
    } else if follows(LIST_OPEN_ID_CONNECT_PROVIDERS) {
        vec![(GET_OPEN_ID_CONNECT_PROVIDER, 0)]
    } else if follows(LIST_ANALYZERS) {
        vec![(LIST_FINDINGS, 0)]
    } else if follows(LIST_EVENT_DATA_STORES) {
        vec![(GET_EVENT_DATA_STORE, 0)]
    } else if follows(DESCRIBE_TRAILS) {
        vec![(GET_EVENT_SELECTORS, 0), (GET_TRAIL_STATUS, 0)]
    } else if follows(LIST_INSTANCES) {
        below(LIST_PERMISSION_SETS, "sso-admin:")
    } else if follows(LIST_ROOTS) {
        below(LIST_POLICIES, "organizations:")
    } else {
        let following = FOLLOWING_RESOURCES.iter();
        let following = following.filter(|(first, _)| follows(first));
        following.map(|(_, policy)| (*policy, 0)).collect()
    }
}

/// The listings of resources, and what is asked of each.
const FOLLOWING_RESOURCES: [(&Call, &Call); 8] = [
    (LIST_BUCKETS, GET_BUCKET_POLICY),
    (LIST_KEYS, GET_KEY_POLICY),
    (LIST_TOPICS, GET_TOPIC_ATTRIBUTES),
    (LIST_QUEUES, GET_QUEUE_ATTRIBUTES),
    (LIST_FUNCTIONS, GET_FUNCTION_POLICY),
    (LIST_FUNCTIONS, LIST_ALIASES),
    (LIST_SECRETS, GET_RESOURCE_POLICY),
    (DESCRIBE_REPOSITORIES, GET_REPOSITORY_POLICY),
];

/// All calls of a service that only some accounts answer.
fn below(first: &'static Call, service: &str) -> Vec<(&'static Call, u64)> {
    let others = CALLS
        .iter()
        .filter(|call| call.part == Part::Organization && call.name.starts_with(service))
        .filter(|call| **call != first)
        .map(|call| (*call, 0));
    std::iter::once((first, 0)).chain(others).collect()
}

fn bound(call: &str) -> Bound {
    const AT_MOST: [&Call; 3] = [
        GET_ACCESS_KEY_LAST_USED,
        // The credential report tells of users who have none.
        LIST_MFA_DEVICES,
        LIST_SIGNING_CERTIFICATES,
    ];
    let is_any = |calls: &[&Call]| calls.iter().any(|other| other.name == call);
    if is_any(&AT_MOST) {
        return Bound::AtMost;
    }
    let is_open = is_any(&[
        GET_SERVICE_LAST_ACCESSED_DETAILS,
        GET_CREDENTIAL_REPORT,
        GENERATE_CREDENTIAL_REPORT,
        GET_OPEN_ID_CONNECT_PROVIDER,
        LIST_ANALYZERS,
        LIST_FINDINGS,
        // Once more in each other Region that has trails.
        DESCRIBE_TRAILS,
        GET_EVENT_SELECTORS,
        GET_TRAIL_STATUS,
        LIST_EVENT_DATA_STORES,
        GET_EVENT_DATA_STORE,
    ]);
    let is_of_the_organization = CALLS
        .iter()
        .any(|other| other.name == call && other.part == Part::Organization)
        && !is_any(&[DESCRIBE_ORGANIZATION, LIST_ACCOUNTS]);
    let mut resources = FOLLOWING_RESOURCES.iter();
    let is_of_resources = resources.any(|(list, policy)| [list.name, policy.name].contains(&call));
    if is_open || is_of_the_organization || is_of_resources {
        Bound::AtLeast
    } else {
        Bound::Exactly
    }
}
