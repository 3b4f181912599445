//! Certificates that hold, certificates that were tampered with, and inclusion against a slow twin.

use proptest::prelude::*;

use crate::disjoint::resources_are_disjoint;
use crate::include::{includes, includes_action, includes_resource};
use crate::text::symbols;
use crate::{Place, Refinement, check};

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn pair(statement: usize, old_statement: usize) -> Refinement {
    Refinement {
        new: Place {
            document: 0,
            statement,
        },
        old_statement,
    }
}

fn faults(old: &str, new: &str, refinements: &[Refinement]) -> String {
    let (old, new) = (document(old), document(new));
    let faults = check(&old, &[&new], refinements);
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    faults.join("; ")
}

const WIDE: &str = r#"{"Effect":"Allow","Action":["s3:*","sqs:Get*"],"Resource":["arn:aws:s3:::data/*","arn:aws:sqs:*:*:q-*"]}"#;
const DENY: &str = r#"{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}"#;

#[test]
fn a_narrower_statement_holds() {
    let new = r#"{"Sid":"Other","Effect":"Allow","Action":"S3:getobject","Resource":"arn:aws:s3:::data/in/*"}"#;
    assert_eq!(faults(WIDE, new, &[pair(0, 0)]), "");
}

#[test]
fn a_condition_is_the_same_whether_its_values_are_texts() {
    let with = |value: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":{value}}}}}}}"#
        )
    };
    assert_eq!(faults(&with("true"), &with("\"true\""), &[pair(0, 0)]), "");
    assert_ne!(faults(&with("true"), &with("\"false\""), &[pair(0, 0)]), "");
    assert_ne!(faults(&with("1"), &with("[1,2]"), &[pair(0, 0)]), "");
}

#[test]
fn a_corrupted_certificate_is_refused() {
    let good = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/in/*"}"#;
    let cases: &[(&str, &[Refinement], &str)] = &[
        (
            good,
            &[],
            "the certificate names no old statement for the new [0]#0",
        ),
        (
            good,
            &[pair(0, 1)],
            "the certificate names the old #1, which is no Allow statement of that document",
        ),
        (
            good,
            &[pair(0, 0), pair(3, 0)],
            "the certificate names the new [0]#3, which is no Allow statement of that document",
        ),
        (
            r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:1:q-1"}"#,
            &[pair(0, 0)],
            "the new [0]#0 does not refine the old #0: the action `sqs:SendMessage` is not within it",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::data/x","arn:aws:s3:::dat*"]}"#,
            &[pair(0, 0)],
            "the new [0]#0 does not refine the old #0: the resource `arn:aws:s3:::dat*` is not within it",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/x","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#,
            &[pair(0, 0)],
            "the new [0]#0 does not refine the old #0: its Condition is another",
        ),
        (
            r#"{"Effect":"Allow","NotAction":"s3:GetObject","Resource":"arn:aws:s3:::data/x"}"#,
            &[pair(0, 0)],
            "the new [0]#0 does not refine the old #0: the action `s3:GetObject` is not within it",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/x"}"#,
            &[pair(0, 0)],
            "the new [0] document cannot be followed: `Principal` is not an element that it follows",
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:GetObject","Action":"s3:*","Resource":"arn:aws:s3:::data/x"}"#,
            &[pair(0, 0)],
            "the new [0] document cannot be followed: `Action` stands twice at line 1 column 128",
        ),
    ];
    for (new, refinements, expected) in cases {
        assert_eq!(faults(WIDE, new, refinements), *expected);
    }
}

#[test]
fn denies_and_version_must_be_the_same() {
    let old = format!("{WIDE},{DENY}");
    assert_eq!(faults(&old, &old, &[pair(0, 0)]), "");
    let expected = "the Deny statements are not those of the old document: 1 missing or changed, 0 new or changed";
    assert_eq!(faults(&old, WIDE, &[pair(0, 0)]), expected);
    let faults = check(
        &document(WIDE),
        &[&format!(r#"{{"Statement":{WIDE}}}"#)],
        &[pair(0, 0)],
    );
    assert_eq!(faults, [crate::Fault::Version { document: 0 }]);
    // A policy that goes takes its Denies with it.
    assert_eq!(check(&document(WIDE), &[], &[]), []);
    assert_eq!(check(&document(&old), &[], &[]).len(), 1);
}

#[test]
fn exceptions_stay_or_become_a_list_that_does_not_touch_them() {
    let old =
        r#"{"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"NotResource":"arn:aws:s3:::audit*"}"#;
    assert_eq!(faults(old, old, &[pair(0, 0)]), "");
    let with = |action: &str, resource: &str| {
        let new = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#);
        faults(old, &new, &[pair(0, 0)]).is_empty()
    };
    assert!(with("s3:GetObject", "arn:aws:s3:::data/x"));
    assert!(!with("s3:*Object", "arn:aws:s3:::data/x"));
    assert!(!with("*:GetObject", "arn:aws:s3:::data/x"));
    assert!(!with("s3:GetObject", "arn:aws:s3:::*"));
    assert!(!with("s3:GetObject", "arn:aws:s3:::a${aws:username}"));
    assert!(!with("s3:GetObject", "arn:aws:s3"));
}

#[test]
fn a_wildcard_of_an_arn_is_read_both_ways() {
    assert!(includes_resource(
        "arn:aws:sqs:*:*:q*",
        "arn:aws:sqs:eu-*:1:q"
    ));
    // Across `:` it matches; within its field it does not, and the other way round.
    assert!(!includes_resource(
        "arn:aws:sqs:*",
        "arn:aws:sqs:eu-west-1:1:q"
    ));
    assert!(!includes_resource(
        "arn:aws:sqs:*:1:q",
        "arn:aws:sqs:eu-west-1:2:1:q"
    ));
    assert!(includes_resource("*", "arn:aws:sqs:*:1:q"));
    assert!(includes_resource(
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::1:user/${aws:username}"
    ));
    assert!(!includes_resource(
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::1:user/ann"
    ));
    // In a policy of 2008 this is no variable, and its colon parts fields.
    assert!(!includes_resource(
        "arn:aws:sqs:*:*:q",
        "arn:aws:sqs:${a:b}:1:q"
    ));
    assert!(includes_resource(
        "arn:aws:sqs:${a:b}:*:q",
        "arn:aws:sqs:${a:b}:1:q"
    ));
    assert!(!includes_resource("arn:aws:s3:::B/*", "arn:aws:s3:::b/x"));
    assert!(resources_are_disjoint("arn:aws:s3:::a*", "arn:aws:s3:::b*"));
    assert!(!resources_are_disjoint(
        "arn:aws:s3:::a*",
        "arn:aws:s3:::*b"
    ));
}

#[test]
fn a_wildcard_of_an_action_does_not_cross_the_colon() {
    assert!(includes_action("s3:*", "S3:Get*"));
    assert!(includes_action("*", "*"));
    assert!(!includes_action("s3*", "s3:GetObject"));
    assert!(!includes_action("s3:*", "*"));
}

/// Whether a pattern matches a text, the slow way.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        Some((b'?', rest)) => !text.is_empty() && matches(rest, &text[1..]),
        Some((own, rest)) => text.first() == Some(own) && matches(rest, &text[1..]),
    }
}

/// All texts of three letters and up to five characters.
fn texts() -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut longest = all.clone();
    for _ in 0..5 {
        longest = longest
            .iter()
            .flat_map(|text: &Vec<u8>| {
                b"abc"
                    .iter()
                    .map(|letter| [text.as_slice(), &[*letter]].concat())
            })
            .collect();
        all.extend(longest.iter().cloned());
    }
    all
}

proptest! {
    #[test]
    fn inclusion_and_disjointness_are_never_claimed_wrongly(one in "[ab*?]{0,4}", other in "[ab*?]{0,4}") {
        let all = texts();
        let both = |text: &&Vec<u8>| matches(one.as_bytes(), text) && matches(other.as_bytes(), text);
        let only_other = |text: &&Vec<u8>| !matches(one.as_bytes(), text) && matches(other.as_bytes(), text);
        if includes(&symbols(&one), &symbols(&other)) {
            prop_assert_eq!(all.iter().find(only_other), None);
        }
        let arn = |text: &str| format!("arn:aws:x:::{text}");
        let are_disjoint = resources_are_disjoint(&arn(&one), &arn(&other));
        prop_assert_eq!(are_disjoint, !all.iter().any(|text| both(&text)));
        // Plain text is told exactly.
        if !other.contains(['*', '?']) {
            prop_assert_eq!(includes(&symbols(&one), &symbols(&other)), matches(one.as_bytes(), other.as_bytes()));
        }
    }
}
