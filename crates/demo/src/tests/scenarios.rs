//! The scenarios cover every rule from both sides.

use std::collections::{BTreeSet, HashSet};

use super::{Bundle, without_cloudtrail};
use crate::Options;
use crate::model::{Common, Organisation, Rule};
use crate::policy::Document;
use crate::scenario::plan;
use crate::truth;

fn principals(organisation: &Organisation) -> impl Iterator<Item = &Common> {
    organisation.accounts.iter().flat_map(|account| {
        let users = account.users.iter().map(|user| &user.common);
        users.chain(account.roles.iter().map(|role| &role.common))
    })
}

#[test]
fn every_rule_has_a_finding_and_a_near_miss() {
    let organisation = plan(&Options::default()).unwrap();
    let found: HashSet<&str> = truth::findings(&organisation)
        .iter()
        .map(|finding| finding.rule)
        .collect();
    let missed: HashSet<Rule> = principals(&organisation)
        .flat_map(|common| &common.near_misses)
        .chain(organisation.accounts.iter().flat_map(|a| &a.near_misses))
        .copied()
        .collect();
    for rule in Rule::ALL {
        assert!(found.contains(rule.id()), "no finding of {}", rule.id());
        assert!(missed.contains(&rule), "no near miss of {}", rule.id());
    }
}

#[test]
fn a_near_miss_is_no_finding() {
    let organisation = plan(&Options::default()).unwrap();
    for common in principals(&organisation) {
        for rule in &common.near_misses {
            // Of two keys one may be found and the other nearly.
            let about_the_principal = |key: &Option<String>| key.is_none();
            let found = common
                .expected
                .iter()
                .any(|expected| expected.rule == *rule && about_the_principal(&expected.key));
            assert!(!found, "{} {}", common.scenario, rule.id());
        }
    }
}

#[test]
fn no_finding_is_stated_twice() {
    let organisation = plan(&Options::default()).unwrap();
    let findings = truth::findings(&organisation);
    let distinct: BTreeSet<_> = findings.iter().collect();
    assert_eq!(distinct.len(), findings.len());
}

#[test]
fn every_scenario_occurs_in_the_default_organisation() {
    let bundle = Bundle::write(&without_cloudtrail());
    let truth = bundle.json("truth.json");
    let scenarios: HashSet<&str> = truth["principals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|principal| principal["scenario"].as_str().unwrap())
        .collect();
    assert_eq!(scenarios.len(), crate::scenario::names().count());
}

#[test]
fn names_are_unique_in_an_account_ignoring_case() {
    let organisation = plan(&Options {
        accounts: 2,
        principals: 3000,
        ..without_cloudtrail()
    })
    .unwrap();
    for account in &organisation.accounts {
        let users: HashSet<_> = account
            .users
            .iter()
            .map(|u| u.name.to_lowercase())
            .collect();
        assert_eq!(users.len(), account.users.len());
        let roles: HashSet<_> = account
            .roles
            .iter()
            .map(|r| r.name.to_lowercase())
            .collect();
        assert_eq!(roles.len(), account.roles.len());
        assert!(account.users.iter().all(|user| user.name.len() <= 64));
        assert!(account.roles.iter().all(|role| role.name.len() <= 64));
    }
}

#[test]
fn inline_policies_fit_into_the_quotas() {
    let organisation = plan(&Options {
        principals: 1500,
        ..without_cloudtrail()
    })
    .unwrap();
    for account in &organisation.accounts {
        for user in &account.users {
            assert!(characters(&user.common) <= 2_048, "{}", user.name);
        }
        for role in &account.roles {
            assert!(characters(&role.common) <= 10_240, "{}", role.name);
        }
    }
}

fn characters(common: &Common) -> usize {
    common
        .inline
        .iter()
        .map(|policy| {
            let document = Document::new(&policy.statements, &common.place);
            serde_json::to_string(&document).unwrap().len()
        })
        .sum()
}

#[test]
fn nothing_happens_before_the_principal_exists() {
    let organisation = plan(&Options::default()).unwrap();
    for common in principals(&organisation) {
        for used in &common.uses {
            assert!(used.schedule.not_before >= common.created);
            assert!(
                used.schedule.last >= used.schedule.not_before,
                "{}",
                common.scenario
            );
        }
    }
    for user in organisation.accounts.iter().flat_map(|a| &a.users) {
        let created = user.common.created;
        assert!(
            user.keys.iter().all(|key| key.created >= created),
            "{}",
            user.common.scenario
        );
        assert!(
            user.password
                .is_none_or(|password| password.changed >= created)
        );
    }
}
