//! The probes of subjects against a slow twin, which tries every subject of a small world.

use proptest::prelude::*;
use proptest::sample::select;

use super::{GITHUB, WEB, allow, provider};
use crate::Severity;
use crate::made_up::World;

const OWNER: &str = "my-org";
const REFS: &[&str] = &[
    "ref:refs/heads/main",
    "ref:refs/heads/zz-stranger",
    "ref:refs/tags/zz-stranger",
    "pull_request",
    "environment:prod",
    "environment:zz-stranger",
];

/// Whether a pattern matches a text, by trying all that each star could be.
fn is_match(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), tail) => {
            is_match(rest, text) || tail.is_some_and(|(_, tail)| is_match(pattern, tail))
        }
        (Some((one, rest)), Some((other, tail))) => {
            (*one == b'?' || one == other) && is_match(rest, tail)
        }
        _ => false,
    }
}

/// Owners that are not the own one: strangers, and those who took a name that a pattern has room for.
fn strangers() -> Vec<String> {
    let mut owners = vec![
        "zz-stranger".to_owned(),
        "zz-strangermy-org".to_owned(),
        "mz-org".to_owned(),
    ];
    owners.extend((1..=OWNER.len()).map(|length| format!("{}zz-stranger", cut(OWNER, length))));
    owners
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}

fn subjects(owners: &[String], repositories: &[&str]) -> Vec<String> {
    let mut subjects = Vec::new();
    for owner in owners {
        for repository in repositories {
            subjects.extend(
                REFS.iter()
                    .map(|own| format!("repo:{owner}/{repository}:{own}")),
            );
        }
    }
    subjects
}

fn pattern() -> impl Strategy<Value = String> {
    let owner = select(vec![
        "my-org", "my-org", "my-org*", "*my-org", "m?-org", "*",
    ]);
    let repository = select(vec!["app", "app", "*", "zz-*"]);
    let place = select(vec![
        "ref:refs/heads/main",
        "ref:refs/heads/*",
        "pull_request",
        "environment:prod",
        "*",
    ]);
    (owner, repository, place, 4..40_usize, any::<bool>()).prop_map(
        |(owner, repository, place, length, is_cut)| {
            let text = format!("repo:{owner}/{repository}:{place}");
            match is_cut && length < text.len() {
                true => format!("{}*", cut(&text, length)),
                false => text,
            }
        },
    )
}

/// The worst that the rules say of each role.
fn severities(roles: &[Vec<String>]) -> Vec<Option<Severity>> {
    let mut world = World::in_organization();
    for (number, patterns) in roles.iter().enumerate() {
        let condition = format!(r#""StringLike":{{"{GITHUB}:sub":{patterns:?}}}"#);
        world.role(
            &format!("r{number}"),
            Some(&allow(&provider(GITHUB), WEB, &condition)),
        );
    }
    let outcome = world.audit(&["oidc-wide-subject", "oidc-without-subject"]);
    assert!(outcome.not_checked.is_empty(), "{:?}", outcome.not_checked);
    let worst = |number: usize| {
        let ending = format!(":role/r{number}");
        let own = outcome
            .findings
            .iter()
            .filter(|own| own.resource_arn.ends_with(&ending));
        own.map(|own| own.severity).max()
    };
    (0..roles.len()).map(worst).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn whom_patterns_let_in_is_told_as_by_trying_all_subjects(
        roles in prop::collection::vec(prop::collection::vec(pattern(), 1..3), 16),
    ) {
        let of_others = subjects(&strangers(), &["app", "zz-stranger"]);
        let of_own = subjects(&[OWNER.to_owned()], &["zz-stranger"]);
        for (patterns, told) in roles.iter().zip(severities(&roles)) {
            let lets_in = |subjects: &[String]| {
                subjects.iter().any(|own| patterns.iter().any(|pattern| is_match(pattern.as_bytes(), own.as_bytes())))
            };
            let is_critical = told == Some(Severity::Critical);
            prop_assert_eq!(is_critical, lets_in(&of_others), "{:?}: {:?}", patterns, told);
            if !is_critical {
                let is_medium = told >= Some(Severity::Medium);
                let is_wide = lets_in(&of_own);
                // Names that a pattern leaves room for are a low finding.
                let is_by_name = patterns.iter().any(|own| own.contains("/z"));
                prop_assert!(is_medium == is_wide || is_by_name, "{:?}: {:?}", patterns, told);
                prop_assert!(told.is_some() || !is_wide, "{:?}", patterns);
            }
        }
    }
}
