//! Real policies through every rule: nothing panics, and what AWS shows as the safe way is not reported. Skipped aloud without the corpus.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::testing::{World, allow, arn};
use crate::{AuditOutcome, rules};

/// The corpus, or none with a line on standard error that says what is missing.
fn corpus(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEASTGRANT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(part);
    if !path.exists() {
        eprintln!(
            "SKIPPED: the corpus is missing; set LEASTGRANT_CORPUS to the folder that holds `{part}`"
        );
        return None;
    }
    Some(path)
}

/// The rules on rights and policies; the others need no policies.
const RULES: [&str; 13] = [
    rules::admin_access::ID,
    rules::allow_not_action::ID,
    rules::allow_not_resource::ID,
    rules::credential_exposure::ID,
    rules::data_exfiltration::ID,
    rules::effectively_star_resource::ID,
    rules::policy_lint::ID,
    rules::service_wildcard::ID,
    rules::unscoped_permissions_management::ID,
    rules::unscoped_write::ID,
    rules::unused_permission::ID,
    rules::unused_policy_attachment::ID,
    rules::unused_service::ID,
];

/// How many findings each rule has.
fn counts(outcome: &AuditOutcome) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(finding.rule).or_default() += 1;
    }
    counts
}

/// The documented policies without a Principal, each as a role's; the role's name is the number of the policy.
fn documented() -> Option<(World, Vec<Value>)> {
    let file = corpus("policies/documented/aws-user-guide-policies.json")?;
    let all: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut world = World::new();
    for (index, entry) in all.iter().enumerate() {
        let text = entry["policy"].to_string();
        if text.contains("\"Principal\"") || text.contains("\"NotPrincipal\"") {
            continue;
        }
        let role = format!("role/documented-{index}");
        world.inline(&role, &[]);
        world.data.inline_policies.last_mut().unwrap().document = text.into();
    }
    Some((world, all))
}

#[test]
fn documented_policies_are_read_and_the_safe_ones_are_not_reported() {
    let Some((world, all)) = documented() else {
        return;
    };
    let outcome = world.audit("", &RULES);
    let mut lines = Vec::new();
    for finding in &outcome.findings {
        let number = finding.resource_arn.rsplit('-').next().unwrap();
        let entry = &all[number.parse::<usize>().unwrap()];
        if finding.rule != rules::policy_lint::ID {
            let heading = entry["heading"].as_str().unwrap();
            lines.push(format!("{}: {number} {heading}", finding.rule));
        }
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn faults_of_documented_policies_are_as_reviewed() {
    let Some((world, _)) = documented() else {
        return;
    };
    let outcome = world.audit("", &[rules::policy_lint::ID]);
    let mut lines = Vec::new();
    for finding in &outcome.findings {
        let number = finding.resource_arn.rsplit('-').next().unwrap();
        let facts = finding.evidence.iter();
        lines.extend(facts.map(|own| format!("{number} {}", own.fact)));
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn policies_that_aws_manages_are_judged_at_the_roles_that_have_them() {
    let Some(file) = corpus("policies/aws-managed-latest.json.gz") else {
        return;
    };
    let mut text = String::new();
    let file = std::fs::File::open(file).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let policies: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let mut world = World::new();
    for (policy_arn, policy) in &policies {
        world.managed(policy_arn, &[]);
        let document = policy["document"].to_string();
        world.data.policy_versions.last_mut().unwrap().document = Some(document.into());
        world.attach(
            &format!("role/{}", policy_arn.replace(['/', ':'], "-")),
            policy_arn,
        );
    }
    let outcome = world.audit("", &RULES);
    let unread = outcome
        .not_checked
        .iter()
        .filter(|own| own.reason.contains("policies are known"));
    assert_eq!(unread.count(), 0);
    let has = |rule: &str, name: &str| {
        let mut findings = outcome.findings.iter();
        findings
            .any(|own| own.rule == rule && own.resource_arn.ends_with(&format!("policy-{name}")))
    };
    assert!(has(rules::admin_access::ID, "AdministratorAccess"));
    assert!(has(rules::allow_not_action::ID, "PowerUserAccess"));
    assert!(has(rules::data_exfiltration::ID, "AmazonS3ReadOnlyAccess"));
    assert!(has(rules::service_wildcard::ID, "AmazonS3FullAccess"));
    assert!(has(
        rules::unscoped_permissions_management::ID,
        "IAMFullAccess"
    ));
    let harmless = outcome.findings.iter().filter(|own| {
        [
            "AWSLambdaBasicExecutionRole",
            "IAMUserChangePassword",
            "AWSDenyAll",
        ]
        .iter()
        .any(|name| own.resource_arn.ends_with(name))
    });
    assert_eq!(harmless.count(), 0);
    // AWS's own policies are nobody's to edit.
    assert!(
        outcome
            .findings
            .iter()
            .all(|own| own.resource_arn.contains(":role/"))
    );
}

#[test]
fn organisations_policies_of_aws_samples_close_and_do_not_break() {
    let Some(folder) = corpus("policies/scp") else {
        return;
    };
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|own| own == "json") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    // All of them at once, as the strictest organisation that there is.
    let mut world = World::new();
    world.inline("role/r", &[allow("*", "*")]);
    world.service_control(&[allow("*", "*")]);
    let mut read = 0;
    for (number, file) in files.iter().enumerate() {
        let text = std::fs::read_to_string(file).unwrap();
        if serde_json::from_str::<Value>(&text).is_err() {
            continue;
        }
        read += 1;
        let mut policy = world.data.organization_policies.last().unwrap().clone();
        policy.policy_id = format!("p-{number}");
        policy.document = Some(text.into());
        let mut target = world
            .data
            .organization_policy_targets
            .last()
            .unwrap()
            .clone();
        target.policy_id.clone_from(&policy.policy_id);
        world.data.organization_policies.push(policy);
        world.data.organization_policy_targets.push(target);
    }
    assert!(read > 60, "{read}");
    let outcome = world.audit("", &RULES);
    assert!(
        outcome
            .findings
            .iter()
            .all(|own| own.resource_arn == arn("role/r"))
    );
}

#[test]
fn the_deliberate_cases_of_cloudsplainings_example_are_judged() {
    let Some(file) = corpus("authz/cloudsplaining-example.json") else {
        return;
    };
    let details: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut world = World::new();
    let account = "200611803367";
    let rename = |text: &str| text.replace(account, crate::testing::ACCOUNT);
    let name_of = |arn: &str| arn.rsplit_once(":").unwrap().1.to_owned();
    for policy in details["Policies"].as_array().unwrap() {
        let versions = policy["PolicyVersionList"].as_array().unwrap();
        let default = versions
            .iter()
            .find(|own| own["IsDefaultVersion"] == true)
            .unwrap();
        let policy_arn = rename(policy["Arn"].as_str().unwrap());
        world.managed(&policy_arn, &[]);
        let document = rename(&default["Document"].to_string());
        world.data.policy_versions.last_mut().unwrap().document = Some(document.into());
    }
    for (list, inline) in [
        ("UserDetailList", "UserPolicyList"),
        ("RoleDetailList", "RolePolicyList"),
    ] {
        for principal in details[list].as_array().unwrap() {
            let name = name_of(principal["Arn"].as_str().unwrap());
            world.principal(&name);
            for attached in principal["AttachedManagedPolicies"]
                .as_array()
                .into_iter()
                .flatten()
            {
                world.attach(&name, &rename(attached["PolicyArn"].as_str().unwrap()));
            }
            for own in principal[inline].as_array().into_iter().flatten() {
                world.inline(&name, &[]);
                let document = rename(&own["PolicyDocument"].to_string());
                world.data.inline_policies.last_mut().unwrap().document = document.into();
            }
        }
    }
    let outcome = world.audit("", &RULES);
    let mut lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|own| {
            format!(
                "{}: {} {}",
                own.rule,
                name_of(&own.resource_arn),
                own.detail
            )
        })
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
    insta::assert_debug_snapshot!(counts(&outcome));
}
