//! `cloudsplaining`: `audit` of cloudsplaining's own example, against its scan, and whether we find all that it finds.
//!
//! It judges one policy at a time; a finding of a policy is ours if the same kind of finding is at each principal to which the policy is
//! attached, a group's at its members. What it finds and what is not so is listed here, each with why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use leastgrant_testing::corpus;
use serde_json::Value;

use super::ratio;
use crate::environment;
use crate::measure::{self, median};
use crate::shell::{say, target_folder};

const ROUNDS: usize = 3;
const PROMISED: u128 = 50;
/// What its findings are called, and the rules that find the same.
///
/// Some actions that it takes for permissions management have the access level Write in AWS's service reference, such as
/// `iam:CreateAccessKey`.
const KINDS: &[(&str, &[&str])] = &[
    (
        "PrivilegeEscalation",
        &["escalation-path", "can-become-admin"],
    ),
    (
        "ResourceExposure",
        &["unscoped-permissions-management", "unscoped-write"],
    ),
    ("DataExfiltration", &["data-exfiltration"]),
    ("CredentialsExposure", &["credential-exposure"]),
    ("ServiceWildcard", &["service-wildcard"]),
    (
        "InfrastructureModification",
        &["unscoped-write", "unscoped-permissions-management"],
    ),
];
/// Trust that it finds. That a compute service may assume a role is no fault by itself, but what such a role needs.
const TRUST: &[(&str, &[&str])] = &[
    ("AssumableByCrossAccountPrincipal", &["cross-account-trust"]),
    ("AssumableByAnyPrincipal", &["public-trust"]),
    ("AssumableByAnyPrincipalWithConditions", &["public-trust"]),
];
/// An administrator has all that its policies give; it is told once.
const ADMINISTRATOR: &str = "admin-access";
/// Kind of finding (none: all), policy, and why it is not so.
const FALSE_FINDINGS: &[(Option<&str>, &str, &str)] = &[
    (
        None,
        "fp1-allow-and-deny",
        "the same policy denies what it allows",
    ),
    (
        None,
        "fp2-allow-all",
        "another policy of its principals denies everything",
    ),
    (
        Some("PrivilegeEscalation"),
        "AWSLambdaFullAccess",
        "its account has no role that could be passed",
    ),
    (
        Some("InfrastructureModification"),
        "ReadOnlyAccess",
        "all five actions read, which `data-exfiltration` tells of data, and `athena:GetSessionEndpoint` changes nothing",
    ),
];

pub(super) fn run() -> anyhow::Result<()> {
    let Some(example) = corpus("authz/cloudsplaining-example.json") else {
        return Ok(());
    };
    let Some(python) = environment::scan_peer_python() else {
        return Ok(());
    };
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench/cloudsplaining");
    let (bundle, inventory, peer) = (
        folder.join("bundle"),
        folder.join("inventory"),
        folder.join("peer"),
    );
    std::fs::create_dir_all(&bundle)?;
    std::fs::create_dir_all(&peer)?;
    std::fs::copy(&example, bundle.join("account-authorization-details.json"))?;
    let mut collect = Command::new(&binary);
    collect
        .args(["collect", "--quiet", "--from"])
        .arg(&bundle)
        .arg("--out")
        .arg(&inventory);
    let mut audit = Command::new(&binary);
    audit
        .args(["audit", "--quiet", "--format", "json"])
        .arg(&inventory);
    let mut scan = Command::new(python.with_file_name("cloudsplaining"));
    scan.args([
        "scan",
        "--skip-open-report",
        "--flag-trust-policies",
        "--input-file",
    ])
    .arg(&example)
    .arg("--output")
    .arg(&peer);
    let (mut ours, mut both, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let collected = measure::run(&mut collect)?.wall;
        let audited = measure::run(&mut audit)?.wall;
        ours.push(audited);
        both.push(collected + audited);
        theirs.push(measure::run(&mut scan)?.wall);
    }
    let (ours, both, theirs) = (median(ours), median(both), median(theirs));
    let times = |own: Duration| ratio(theirs.as_micros(), own.as_micros());
    say(&format!(
        "cloudsplaining {theirs:?}; `audit` {ours:?}: {} times as fast (promised: at least {PROMISED}), with `collect` {both:?}: {} times",
        times(ours),
        times(both)
    ));
    let report = audit.stdout(Stdio::piped()).output()?.stdout;
    let findings = peer.join("iam-results-cloudsplaining-example.json");
    let missed = missed(&serde_json::from_slice(&report)?, &read(&findings)?)?;
    if !missed.is_empty() {
        bail!("cloudsplaining finds more: {}", missed.join("; "));
    }
    if theirs.as_micros() < ours.as_micros() * PROMISED {
        bail!("not {PROMISED} times as fast");
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// What it finds, is not listed as false, and we do not find; how many we both find is said.
fn missed(ours: &Value, theirs: &Value) -> anyhow::Result<Vec<String>> {
    let mut rules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in members(ours, "findings") {
        let principal = finding["resource_arn"].as_str().unwrap_or_default();
        let rule = finding["rule"].as_str().unwrap_or_default();
        rules.entry(principal).or_default().insert(rule);
    }
    let has = |principal: &str, kinds: &[&str]| {
        rules.get(principal).is_some_and(|found| {
            found.contains(ADMINISTRATOR) || kinds.iter().any(|rule| found.contains(rule))
        })
    };
    let (mut found, mut not_so, mut missed) = (0_usize, BTreeSet::new(), Vec::new());
    let mut judge = |principal: &str, what: &str, kinds: &[&str]| {
        if has(principal, kinds) {
            found += 1;
        } else {
            missed.push(format!("{what} at `{principal}`"));
        }
    };
    for policy in [
        "aws_managed_policies",
        "customer_managed_policies",
        "inline_policies",
    ]
    .into_iter()
    .flat_map(|kind| members(theirs, kind))
    {
        let name = policy["PolicyName"].as_str().unwrap_or_default();
        let principals = attached(theirs, policy);
        for (kind, kinds) in KINDS {
            if !finds(&policy[*kind]) {
                continue;
            }
            let false_finding = FALSE_FINDINGS
                .iter()
                .find(|(of, policy, _)| *policy == name && of.is_none_or(|of| of == *kind));
            if let Some((_, _, why)) = false_finding {
                not_so.insert(format!("`{name}`: {why}"));
                continue;
            }
            for principal in &principals {
                judge(principal, &format!("{kind} of `{name}`"), kinds);
            }
        }
    }
    for role in members(theirs, "roles") {
        for (kind, kinds) in TRUST.iter().filter(|(kind, _)| finds(&role[*kind])) {
            judge(role["arn"].as_str().unwrap_or_default(), kind, kinds);
        }
    }
    for reason in &not_so {
        say(&format!("not so, and not found by us: {reason}"));
    }
    if found == 0 {
        bail!("cloudsplaining found nothing, so that nothing was compared");
    }
    say(&format!(
        "of what cloudsplaining finds at principals {found} are found by us, {} are not",
        missed.len()
    ));
    Ok(missed)
}

fn finds(kind: &Value) -> bool {
    kind["findings"]
        .as_array()
        .is_some_and(|findings| !findings.is_empty())
}

/// The members of an object or an array.
fn members<'v>(whole: &'v Value, name: &str) -> Vec<&'v Value> {
    match &whole[name] {
        Value::Object(members) => members.values().collect(),
        Value::Array(members) => members.iter().collect(),
        _ => Vec::new(),
    }
}

/// The ARNs of users and roles that have a policy, be it by their groups.
fn attached(theirs: &Value, policy: &Value) -> BTreeSet<String> {
    let names = |kind: &str| -> BTreeSet<&str> {
        members(&policy["AttachedTo"], kind)
            .into_iter()
            .filter_map(Value::as_str)
            .collect()
    };
    let groups = names("groups");
    ["users", "roles"]
        .into_iter()
        .flat_map(|kind| {
            let own = names(kind);
            let groups = &groups;
            members(theirs, kind).into_iter().filter(move |principal| {
                let in_group = members(principal, "groups")
                    .into_iter()
                    .filter_map(|group| group["name"].as_str())
                    .any(|group| groups.contains(group));
                in_group
                    || principal["name"]
                        .as_str()
                        .is_some_and(|name| own.contains(name))
            })
        })
        .filter_map(|principal| principal["arn"].as_str().map(str::to_owned))
        .collect()
}
