//! Real policies through every rule: nothing panics, and what AWS shows as the safe way is not reported. Skipped aloud without the corpus.

use std::collections::BTreeMap;
use std::io::Read;

use leastgrant_testing::corpus;
use serde_json::Value;

use crate::testing::{World, allow, arn};
use crate::{AuditOutcome, rules};

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
    let mut reported: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in &outcome.findings {
        let number = finding.resource_arn.rsplit('-').next().unwrap();
        let entry = &all[number.parse::<usize>().unwrap()];
        let heading = entry["heading"].as_str().unwrap();
        reported.entry(heading).or_default().push(finding.rule);
    }
    // What AWS shows as the way to limit: to one's own, by tags, by names.
    const SAFE: [&str; 10] = [
        "AWS: Allows MFA\\-authenticated IAM users to manage their own credentials on the My security credentials page",
        "AWS: Allows MFA\\-authenticated IAM users to manage their own MFA device on the My security credentials page",
        "Amazon DynamoDB: Allows access to a specific table",
        "Amazon DynamoDB: Allows row\\-level access to DynamoDB based on an Amazon Cognito ID",
        "Amazon DynamoDB: Allows access to specific attributes",
        "IAM: Allows IAM users to self\\-manage an MFA device",
        "IAM: Pass an IAM role to a specific AWS service",
        "Amazon S3: Allows IAM users access to their S3 home directory, programmatically and in the console",
        "Amazon S3: Allows read and write access to objects in an S3 Bucket",
        "Amazon RDS: Allows tag owners full access to RDS resources that they have tagged",
    ];
    let headings: Vec<&str> = all
        .iter()
        .filter_map(|own| own["heading"].as_str())
        .collect();
    let known = SAFE.iter().filter(|own| headings.contains(own)).count();
    assert!(known > 5, "{known}");
    for heading in SAFE {
        // One of them names a stream by its table, which is a fault of another kind.
        let rules = reported.get(heading).into_iter().flatten();
        let wide: Vec<_> = rules
            .filter(|own| **own != rules::policy_lint::ID)
            .collect();
        assert_eq!(wide, Vec::<&&str>::new(), "{heading}");
    }
    // A page on reading summaries has mistakes in its policy, which AWS made on purpose.
    let summary = reported.get("**SummaryAllElements** JSON policy document");
    assert!(
        summary.is_some_and(|rules| rules.contains(&rules::policy_lint::ID)),
        "{summary:?}"
    );
    let counts = counts(&outcome);
    for rule in RULES.iter().filter(|rule| !rule.starts_with("unused-")) {
        let expected = ![rules::admin_access::ID].contains(rule);
        assert_eq!(counts.contains_key(rule), expected, "{rule}: {counts:?}");
    }
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
    const NAMED: [&str; 8] = [
        "AWSDenyAll",
        "AWSLambdaBasicExecutionRole",
        "AdministratorAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "IAMFullAccess",
        "IAMUserChangePassword",
        "PowerUserAccess",
    ];
    // One in four, for time's sake, and those that are named below.
    let chosen = policies
        .iter()
        .enumerate()
        .filter(|(number, (policy_arn, _))| {
            number % 4 == 0
                || NAMED
                    .iter()
                    .any(|name| policy_arn.ends_with(&format!("/{name}")))
        });
    for (_, (policy_arn, policy)) in chosen {
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
    let has = |rule: &str, name: &str| {
        let mut findings = outcome.findings.iter();
        findings.any(|own| own.rule == rule && name_of(&own.resource_arn) == name)
    };
    for (rule, name) in [
        (
            rules::admin_access::ID,
            "role/OrganizationAccountAccessRole",
        ),
        (rules::admin_access::ID, "user/obama"),
        (
            rules::allow_not_action::ID,
            "policy/fn4-exploitableNotAction",
        ),
        (
            rules::credential_exposure::ID,
            "user/fn4-exploitableNotAction-user",
        ),
        (
            rules::data_exfiltration::ID,
            "user/userwithlotsofpermissions",
        ),
        (
            rules::unscoped_permissions_management::ID,
            "user/fn1-privesc3-partial-user",
        ),
        (
            rules::unscoped_permissions_management::ID,
            "user/fn3-exploitableConditionConstraint-user",
        ),
        (rules::unscoped_write::ID, "user/userwithlotsofpermissions"),
        (rules::policy_lint::ID, "policy/fp1-allow-and-deny"),
    ] {
        assert!(has(rule, name), "{rule} {name}");
    }
    // What is denied, limited to a name, or under a condition on the resource is no wide right.
    let of_false_positives = outcome.findings.iter().filter(|own| {
        let name = name_of(&own.resource_arn);
        own.rule != rules::policy_lint::ID
            && (name.starts_with("user/fp") || name.starts_with("role/fp"))
    });
    let wrong: Vec<&str> = of_false_positives
        .map(|own| own.resource_arn.as_str())
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
    let counts = counts(&outcome);
    assert!(
        counts.get(rules::unscoped_permissions_management::ID) > Some(&30),
        "{counts:?}"
    );
}
