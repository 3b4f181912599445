//! Policies made to take long: the comparison ends, and within its bound.

use std::fmt::Write as _;
use std::time::Instant;

use super::{DEFAULT_WORK, Kind, Verdict, compare};
use crate::Policy;

fn policy(statements: &[String]) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    Policy::parse(&text).unwrap()
}

fn statement(effect: &str, actions: &[String], resources: &[String], more: &str) -> String {
    let list = |texts: &[String]| format!("[\"{}\"]", texts.join("\",\""));
    format!(
        r#"{{"Effect":"{effect}","Action":{},"Resource":{}{more}}}"#,
        list(actions),
        list(resources)
    )
}

fn texts(count: usize, text: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(text).collect()
}

fn star() -> Vec<String> {
    vec!["*".to_owned()]
}

/// The verdict's name. A debug build on a busy machine takes long, so the limit is a wide one.
fn verdict(name: &str, old: &Policy, new: &Policy, kind: Kind) -> &'static str {
    let start = Instant::now();
    let verdict = compare(&[old], &[new], kind, DEFAULT_WORK);
    let took = start.elapsed();
    assert!(took.as_secs() < 60, "{name} took {took:?}");
    match verdict {
        Verdict::Subset => "subset",
        Verdict::NotSubset(_) => "not_subset",
        Verdict::Unknown(_) => "unknown",
    }
}

fn letter(index: usize) -> char {
    char::from_u32(u32::try_from(0xA1 + index).unwrap()).unwrap()
}

#[test]
fn many_sets_of_patterns_that_match_together() {
    let all = texts(40, |index| format!("a:*{}*", letter(index)));
    let old = policy(&[statement("Allow", &all, &star(), "")]);
    let new = policy(&[statement("Allow", &["a:*".to_owned()], &star(), "")]);
    verdict("sets of actions", &old, &new, Kind::Identity);
    let all = texts(40, |index| format!("arn:aws:s3:::*{}*", letter(index)));
    let each: Vec<String> = all
        .iter()
        .map(|own| statement("Allow", &star(), std::slice::from_ref(own), ""))
        .collect();
    let old = policy(&each);
    let new = policy(&[statement("Allow", &star(), &star(), "")]);
    verdict("sets of statements", &old, &new, Kind::Identity);
    let new = policy(&[statement(
        "Allow",
        &star(),
        &["arn:aws:s3:::a*".to_owned()],
        "",
    )]);
    let denied: Vec<String> = all
        .iter()
        .map(|own| statement("Deny", &star(), std::slice::from_ref(own), ""))
        .chain([statement("Allow", &star(), &star(), "")])
        .collect();
    verdict("sets of denies", &policy(&denied), &new, Kind::Identity);
    verdict("sets of denies", &new, &policy(&denied), Kind::Identity);
}

#[test]
fn many_statements_with_many_patterns() {
    let side = |tail: &str| {
        let statements = texts(192, |own| {
            let actions = texts(4, |index| format!("s{}:Get{index}*", own % 7));
            let resources = texts(6, |index| {
                format!("arn:aws:s3:::bucket-of-a-department-{own}/{index}*{tail}")
            });
            statement("Allow", &actions, &resources, "")
        });
        policy(&statements)
    };
    let (wider, narrower) = (side(""), side("x"));
    let name = verdict("statements", &wider, &narrower, Kind::Identity);
    assert_eq!(name, "subset");
    let name = verdict("statements", &narrower, &wider, Kind::Identity);
    assert_eq!(name, "not_subset");
    let wide = |tail: &str| {
        let statements = texts(192, |own| {
            let resources = texts(30, |index| format!("arn:aws:*:*:*:*{index}*{own}*{tail}"));
            statement("Allow", &["*:*a*".to_owned()], &resources, "")
        });
        policy(&statements)
    };
    verdict("wide statements", &wide(""), &wide("x"), Kind::Identity);
}

#[test]
fn a_thousand_stars() {
    let stars = |own: &str, last: &str| {
        let resource = format!("arn:aws:s3:::{}{last}", own.repeat(1000));
        policy(&[statement("Allow", &star(), &[resource], "")])
    };
    verdict(
        "stars",
        &stars("a*", ""),
        &stars("a*b*", ""),
        Kind::Identity,
    );
    verdict(
        "stars",
        &stars("a*b*", ""),
        &stars("a*", ""),
        Kind::Identity,
    );
    verdict(
        "stars",
        &stars("*a?", ""),
        &stars("*?a", "*"),
        Kind::Identity,
    );
    verdict(
        "stars",
        &stars("*a", "??????????????"),
        &stars("*", ""),
        Kind::Identity,
    );
    let action = |own: &str| {
        let action = format!("a:{}", own.repeat(1000));
        policy(&[statement("Allow", &[action], &star(), "")])
    };
    verdict("stars", &action("a*"), &action("*a"), Kind::Identity);
}

#[test]
fn long_lists_of_patterns() {
    let list = |count: usize, tail: &str| {
        let resources = texts(count, |index| format!("arn:aws:s3:::b{index}*{tail}"));
        policy(&[statement("Allow", &star(), &resources, "")])
    };
    verdict("lists", &list(3000, ""), &list(3000, "/x"), Kind::Identity);
    let name = verdict("lists", &list(200, "/x"), &list(200, ""), Kind::Identity);
    assert_eq!(name, "not_subset");
    let long = |tail: &str| {
        let resources = texts(400, |index| {
            format!("arn:aws:s3:::{}{index}*{tail}", "x".repeat(1500))
        });
        policy(&[statement("Allow", &star(), &resources, "")])
    };
    verdict("long lists", &long(""), &long("/x"), Kind::Identity);
    let colours = |tail: &str| {
        let resources = texts(300, |index| {
            let all: String = (0..80).map(|more| letter(index + more)).collect();
            format!("arn:aws:s3:::{all}*{tail}")
        });
        policy(&[statement("Allow", &star(), &resources, "")])
    };
    verdict("alphabets", &colours(""), &colours("/*x"), Kind::Identity);
}

#[test]
fn many_conditions() {
    let condition = |from: usize, count: usize, value: &str| {
        let mut text = String::new();
        for index in from..from + count {
            let comma = if index > from { "," } else { "" };
            write!(text, r#"{comma}"k{index}":"{value}{index}""#).unwrap();
        }
        format!(r#","Condition":{{"StringEquals":{{{text}}}}}"#)
    };
    let allow = |more: &str| statement("Allow", &star(), &star(), more);
    let new = policy(&[allow("")]);
    let old: Vec<String> = texts(200, |own| allow(&condition(own * 3, 50, "v")));
    verdict("many keys", &policy(&old), &new, Kind::Identity);
    let old: Vec<String> = texts(5000, |own| allow(&condition(own % 4000, 1, "v")));
    verdict("many statements", &policy(&old), &new, Kind::Identity);
    let old = policy(&[allow(&condition(0, 10_000, "v"))]);
    verdict(
        "many entries",
        &old,
        &policy(&[allow(&condition(0, 10_000, "w"))]),
        Kind::Identity,
    );
    let variables = policy(&[allow(&condition(0, 5000, "${l}"))]);
    verdict("many variables", &variables, &variables, Kind::Identity);
    let values = |text: &str, count: usize| {
        let values = texts(count, |index| text.replace('#', &index.to_string()));
        allow(&format!(
            r#","Condition":{{"StringLike":{{"k":["{}"]}}}}"#,
            values.join("\",\"")
        ))
    };
    verdict(
        "values",
        &policy(&[values("a#", 20_000)]),
        &policy(&[values("b#", 20_000)]),
        Kind::Identity,
    );
    verdict(
        "patterns",
        &policy(&[values("*a#*", 300)]),
        &policy(&[values("*b#*", 300)]),
        Kind::Identity,
    );
}

#[test]
fn many_principals() {
    let allow = |effect: &str, not: &str, from: usize, count: usize| {
        let all = texts(count, |index| {
            format!("arn:aws:iam::{:012}:user/u{index}", index + from)
        });
        format!(
            r#"{{"Effect":"{effect}","{not}Principal":{{"AWS":["{}"]}},"Action":"*","Resource":"*"}}"#,
            all.join("\",\"")
        )
    };
    let (old, new) = (
        policy(&[allow("Allow", "", 0, 8000)]),
        policy(&[allow("Allow", "", 1, 8000)]),
    );
    verdict("principals", &old, &new, Kind::Resource);
    let old: Vec<String> = texts(500, |index| allow("Allow", "", index, 15));
    let new: Vec<String> = texts(500, |index| allow("Deny", "Not", index, 15));
    verdict("principals", &policy(&old), &policy(&new), Kind::Resource);
}
