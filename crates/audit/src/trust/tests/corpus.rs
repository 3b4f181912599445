//! The trust policies that AWS's guides print.

use super::RULES;
use crate::made_up::World;

/// Accounts that AWS's guides use as one's own, beside that of the test's role.
const OWN_IN_GUIDES: &str =
    r#"["111111111111", "222222222222", "123456789012", "012345678910", "444455556666"]"#;

#[test]
fn of_the_policies_that_aws_prints_only_those_are_found_that_are_no_example_to_follow() {
    let part = "policies/documented/aws-user-guide-policies.json";
    let Some(path) = leastgrant_testing::corpus(part) else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut world = World::in_organization();
    world.settings = format!("[trust]\nown_accounts = {OWN_IN_GUIDES}\n");
    let mut headings = Vec::new();
    for entry in &entries {
        let policy = entry["policy"].to_string();
        if policy.contains("\"Principal\"") && policy.contains("sts:") {
            let page = entry["source"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap();
            headings.push(page.trim_end_matches(".md").to_owned());
            world.role(&format!("r{}", headings.len() - 1), Some(&policy));
        }
    }
    // Roles for guests of an identity pool are meant for everybody, and AWS's newer guides ask for `amr` in those for users; the page on
    // CloudTrail's role recommends the condition in its newer edition.
    assert!(headings.len() > 40);
    let outcome = world.audit(RULES);
    let mut found: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let number = finding.resource_arn.rsplit("/r").next().unwrap();
            let heading = &headings[number.parse::<usize>().unwrap()];
            format!("{heading}: {} {}", finding.rule, finding.severity.name())
        })
        .collect();
    found.sort();
    found.dedup();
    insta::assert_snapshot!(found.join("\n"), @r#"
    id_roles_create_for-idp: oidc-wide-subject medium
    id_roles_create_for-idp_oidc: oidc-wide-subject low
    id_roles_create_for-idp_oidc: oidc-wide-subject medium
    send-cloudtrail-events-to-cloudwatch-logs: confused-deputy low
    "#);
}
