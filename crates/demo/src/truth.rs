//! `truth.json`: what an auditor must find, where every principal comes from, and what the
//! CloudTrail files hold.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::Error;
use crate::bundle::{Folder, unassigned_permission_sets};
use crate::cloudtrail::{self, Stream};
use crate::model::{
    Account, Actor, Common, Organisation, Rhythm, Rule, ServiceCredential, Shown, Use, User,
};
use crate::moment::{Moment, Zulu};
use crate::ownership::UNOWNED;

#[derive(Serialize, JsonSchema)]
struct Truth<'a> {
    schema: &'static str,
    #[schemars(with = "String")]
    as_of: Zulu,
    seed: u64,
    /// The rules of which `findings` has every finding. Of the others, which judge the many made-up policies, nothing is stated.
    rules: Vec<&'static str>,
    findings: Vec<Finding<'a>>,
    principals: Vec<Principal<'a>>,
    usage: Vec<Usage<'a>>,
    evidence: Vec<Evidence<'a>>,
    key_holders: Vec<KeyHolder<'a>>,
}

/// A finding. Its members are in the order that it is sorted by.
#[derive(Debug, Clone, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding<'a> {
    pub(crate) rule: &'static str,
    pub(crate) account_id: &'a str,
    pub(crate) resource_arn: String,
    pub(crate) access_key_id: Option<&'a str>,
    pub(crate) owner: &'a str,
}

#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
struct Principal<'a> {
    arn: &'a str,
    scenario: &'static str,
}

/// Who holds an access key, as files of at least 90 days tell it: `person`, `workload`, `ci`, `vendor` or `several` of these. Of keys
/// that are not listed nothing is stated.
#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
struct KeyHolder<'a> {
    access_key_id: &'a str,
    holder: &'static str,
}

/// What the files prove of a principal's use of an action: `used`, `unused` or `unknown`. In fewer than 90 days of files nothing is
/// unused.
#[derive(Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
struct Evidence<'a> {
    principal_arn: &'a str,
    action: &'static str,
    verdict: &'static str,
}

/// Equal events of one principal. Those of people and workflows at an identity provider are left
/// out: they are nobody in IAM. An event that two accounts got counts in the caller's.
#[derive(Serialize, JsonSchema)]
struct Usage<'a> {
    account_id: &'a str,
    principal_arn: &'a str,
    access_key_id: Option<&'a str>,
    event_source: &'static str,
    event_name: &'static str,
    region: &'static str,
    rhythm: &'static str,
    events: u64,
    #[schemars(with = "String")]
    first: Zulu,
    #[schemars(with = "String")]
    last: Zulu,
    outcome: &'static str,
}

/// The JSON Schema of `truth.json`.
pub(crate) fn json_schema() -> String {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Truth<'_>>();
    format!("{:#}\n", schema.as_value())
}

/// Writes the file and counts the findings.
pub(crate) fn write(
    organisation: &Organisation,
    streams: &[Vec<Stream>],
    folder: &Folder,
) -> Result<usize, Error> {
    let findings = findings(organisation);
    let count = findings.len();
    let mut principals: Vec<_> = organisation.accounts.iter().flat_map(principals).collect();
    principals.sort();
    let truth = Truth {
        schema: "leastgrant.truth/1",
        as_of: Zulu(Moment::NOW),
        seed: organisation.seed,
        rules: Rule::ALL.map(Rule::id).to_vec(),
        findings,
        principals,
        usage: usage(organisation, streams),
        evidence: evidence(organisation),
        key_holders: key_holders(organisation),
    };
    folder.write_json("truth.json", &truth)?;
    Ok(count)
}

/// All findings that the scenarios state, sorted.
pub(crate) fn findings(organisation: &Organisation) -> Vec<Finding<'_>> {
    let mut findings = Vec::new();
    for account in &organisation.accounts {
        for rule in &account.expected {
            findings.push(Finding {
                rule: rule.id(),
                account_id: &account.id,
                resource_arn: account.root_arn(),
                // No listing tells the ids of root's keys.
                access_key_id: None,
                owner: UNOWNED,
            });
        }
        let elsewhere = account.expected_elsewhere.iter();
        findings.extend(elsewhere.map(|(rule, arn)| Finding {
            rule: rule.id(),
            account_id: &account.id,
            resource_arn: arn.clone(),
            access_key_id: None,
            owner: UNOWNED,
        }));
        let users = account.users.iter().map(|user| (&user.arn, &user.common));
        let roles = account.roles.iter().map(|role| (&role.arn, &role.common));
        for (arn, common) in users.chain(roles) {
            of_principal(&mut findings, account, arn, common);
        }
        findings.extend(
            account
                .users
                .iter()
                .flat_map(|user| active_keys(account, user)),
        );
    }
    // Identity Center is the management account's.
    if let Some(management) = organisation.accounts.first() {
        let unassigned = unassigned_permission_sets(organisation).into_iter();
        findings.extend(unassigned.map(|arn| Finding {
            rule: Rule::PermissionSetUnused.id(),
            account_id: &management.id,
            resource_arn: arn,
            access_key_id: None,
            owner: UNOWNED,
        }));
    }
    findings.sort();
    findings
}

/// Whatever holds an active key, there is something better than a key.
fn active_keys<'a>(account: &'a Account, user: &'a User) -> impl Iterator<Item = Finding<'a>> {
    let active = user.keys.iter().filter(|key| key.active);
    active.map(|key| Finding {
        rule: Rule::MigrateKey.id(),
        account_id: &account.id,
        resource_arn: user.arn.clone(),
        access_key_id: Some(&key.id),
        owner: &user.common.owner,
    })
}

fn key_holders(organisation: &Organisation) -> Vec<KeyHolder<'_>> {
    let users = organisation
        .accounts
        .iter()
        .flat_map(|account| &account.users);
    let mut holders: Vec<KeyHolder<'_>> = users
        .flat_map(|user| &user.key_holders)
        .map(|(key, holder)| KeyHolder {
            access_key_id: key,
            holder: holder.id(),
        })
        .collect();
    holders.sort();
    holders
}

fn of_principal<'a>(
    findings: &mut Vec<Finding<'a>>,
    account: &'a Account,
    arn: &str,
    common: &'a Common,
) {
    for expected in &common.expected {
        findings.push(Finding {
            rule: expected.rule.id(),
            account_id: &account.id,
            resource_arn: arn.to_owned(),
            access_key_id: expected.key.as_deref(),
            owner: &common.owner,
        });
    }
}

fn principals(account: &Account) -> impl Iterator<Item = Principal<'_>> {
    let users = account.users.iter().map(|user| Principal {
        arn: &user.arn,
        scenario: user.common.scenario,
    });
    let roles = account.roles.iter().map(|role| Principal {
        arn: &role.arn,
        scenario: role.common.scenario,
    });
    users.chain(roles)
}

/// The least number of days of files that prove that something is not used.
const LEAST_DAYS: i64 = 90;

/// What the scenarios state, for the days that there are files of.
fn evidence(organisation: &Organisation) -> Vec<Evidence<'_>> {
    let (from, until) = cloudtrail::window(organisation);
    let absent = if organisation.days < LEAST_DAYS {
        "unknown"
    } else {
        "unused"
    };
    let mut rows = Vec::new();
    for account in &organisation.accounts {
        let users = account.users.iter().map(|user| (&user.arn, &user.common));
        let roles = account.roles.iter().map(|role| (&role.arn, &role.common));
        // As whom nobody could call for long enough: that it did not tells nothing of what it is for.
        let latest = Moment::days_ago(LEAST_DAYS);
        let unusable: HashSet<&String> = account
            .users
            .iter()
            .filter(|user| usable_since(user, from, until).is_none_or(|since| since > latest))
            .map(|user| &user.arn)
            .collect();
        for (arn, common) in users.chain(roles) {
            let is_seen = |action: &str| {
                common.uses.iter().any(|used| {
                    action == format!("{}:{}", used.call.namespace, used.call.action)
                        && used.denied.is_none()
                        && used.schedule.extent(from, until).is_some()
                })
            };
            rows.extend(common.shown.iter().map(|(action, shown)| Evidence {
                principal_arn: arn,
                action,
                verdict: match shown {
                    Shown::Used if is_seen(action) => "used",
                    _ if unusable.contains(arn) => "unknown",
                    Shown::Used | Shown::Unused => absent,
                    Shown::Unknown => "unknown",
                },
            }));
        }
    }
    rows.sort();
    rows
}

/// Since when a user had what it calls with, by active credentials and by its calls; a password counts from the beginning.
///
/// An access key before which no other one called counts from when it was made, whatever else there is.
fn usable_since(user: &User, from: Moment, until: Moment) -> Option<Moment> {
    let keys = || user.keys.iter().filter(|key| key.active);
    let allowed = || user.common.uses.iter().filter(|used| used.denied.is_none());
    let first = |used: &Use| Some(used.schedule.extent(from, until)?.1);
    let credential = user.service_credential.iter().filter_map(|own| match own {
        ServiceCredential::SshKey {
            uploaded, active, ..
        }
        | ServiceCredential::SigningCertificate {
            uploaded, active, ..
        } => active.then_some(*uploaded),
        ServiceCredential::ServiceSpecific { created, .. } => Some(*created),
    });
    let any = match &user.password {
        Some(_) => from,
        None => {
            let made = keys().map(|key| key.created).chain(credential);
            made.chain(allowed().filter_map(first)).min()?
        }
    };
    let with_keys = allowed().filter(|used| matches!(used.actor, Actor::Key(_)));
    let first_with_key = with_keys.filter_map(first).min();
    let follows_none = |made: &Moment| first_with_key.is_none_or(|call| call >= *made);
    let newest = keys().map(|key| key.created).filter(follows_none).max();
    Some(newest.map_or(any, |made| made.max(any)))
}

/// How often, and the first and the last time.
struct Extent {
    rhythm: Rhythm,
    events: u64,
    first: Moment,
    last: Moment,
}

/// The streams that have events, counted. Several streams become one row where nothing tells
/// their events apart: a service opens sessions of many roles. The row has the fastest rhythm.
fn usage<'a>(organisation: &Organisation, streams: &'a [Vec<Stream>]) -> Vec<Usage<'a>> {
    let (from, until) = cloudtrail::window(organisation);
    let callers: HashSet<&str> = streams
        .iter()
        .flatten()
        .filter(|stream| !stream.is_of_another_account())
        .filter_map(Stream::shared)
        .collect();
    let is_counted_elsewhere = |stream: &Stream| {
        stream.is_of_another_account()
            && stream
                .shared()
                .is_some_and(|shared| callers.contains(shared))
    };
    let mut rows = BTreeMap::new();
    for stream in streams.iter().flatten() {
        if is_counted_elsewhere(stream) {
            continue;
        }
        let Some(principal) = stream.principal.as_deref() else {
            continue;
        };
        let Some((events, first, last)) = stream.schedule.extent(from, until) else {
            continue;
        };
        let key = (
            stream.account.as_str(),
            principal,
            stream.key.as_deref(),
            stream.call.source,
            stream.call.name,
            stream.region,
            outcome(stream),
        );
        let rhythm = stream.schedule.rhythm;
        match rows.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(Extent {
                    rhythm,
                    events,
                    first,
                    last,
                });
            }
            Entry::Occupied(mut entry) => {
                let extent = entry.get_mut();
                extent.rhythm = extent.rhythm.min(rhythm);
                extent.events = extent.events.saturating_add(events);
                extent.first = extent.first.min(first);
                extent.last = extent.last.max(last);
            }
        }
    }
    rows.into_iter()
        .map(|(key, extent)| {
            let (
                account_id,
                principal_arn,
                access_key_id,
                event_source,
                event_name,
                region,
                outcome,
            ) = key;
            Usage {
                account_id,
                principal_arn,
                access_key_id,
                event_source,
                event_name,
                region,
                rhythm: extent.rhythm.id(),
                events: extent.events,
                first: Zulu(extent.first),
                last: Zulu(extent.last),
                outcome,
            }
        })
        .collect()
}

fn outcome(stream: &Stream) -> &'static str {
    if stream.error.is_some() {
        "denied"
    } else {
        "allowed"
    }
}
