//! Generators of policies for property tests. Their alphabets are small, so that patterns overlap and requests match often.
//!
//! All of them give texts; those of documents, statements and conditions are JSON.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::condition::{Comparison, Family};
use crate::{
    ActionPattern, Context, DocumentSize, Edited, Layout, Policy, PolicyKind, Principal, Resource,
    ResourcePattern, ShortArn, StatementEdit, Syntax, Version, Wildcard, lint,
};

/// Puts any text through everything that reads texts, for fuzzing.
///
/// # Panics
/// If printing, editing or counting loses something.
pub fn exercise(text: &str) {
    exercise_patterns(text);
    let Ok(policy) = Policy::parse(text) else {
        return;
    };
    for layout in [Layout::COMPACT, Layout::TWO_SPACES] {
        let printed = policy.print(layout);
        let read = Policy::parse(&printed);
        assert_eq!(read.as_ref(), Ok(&policy), "printed as {printed}");
    }
    let kept = policy.edit(|_, _| StatementEdit::Keep);
    assert_eq!(kept, Edited::Document(text.to_owned()));
    let replaced = policy.edit(|_, statement| StatementEdit::Replace(vec![statement.clone()]));
    let Edited::Document(replaced) = replaced else {
        assert!(policy.statements.is_empty(), "statements were lost");
        return;
    };
    let read = Policy::parse(&replaced);
    assert_eq!(read.as_ref(), Ok(&policy), "edited to {replaced}");
    let size = DocumentSize::of(text);
    assert!(size.bytes <= text.len() && size.characters <= size.bytes);
    for kind in PolicyKind::ALL {
        for finding in lint(&policy, *kind) {
            let part = text.get(finding.span.start..finding.span.end);
            assert!(part.is_some(), "{finding:?} stands nowhere");
        }
    }
    let context = Context::open();
    for entry in policy.statements.iter().flat_map(|own| &own.conditions) {
        let _ = entry.evaluate(&context);
    }
}

/// The text as each kind of pattern and request; its lines are matched against the first one.
fn exercise_patterns(text: &str) {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let syntax = Syntax {
        wildcards: true,
        variables: true,
        escapes: true,
    };
    let wildcard = Wildcard::parse(first, syntax);
    assert_eq!(Wildcard::parse(&wildcard.to_string(), syntax), wildcard);
    let action = ActionPattern::parse(first);
    for version in [Version::V2008, Version::V2012] {
        let pattern = ResourcePattern::parse(first, version);
        for line in lines.clone() {
            let resource = Resource::parse(line);
            let whole = pattern.matches(&resource, ShortArn::Anything, |_| Some("v"));
            // No policy reads a short ARN more widely than identity policies do.
            let narrow = pattern.matches(&resource, ShortArn::Nothing, |_| Some("v"));
            assert!(whole >= narrow, "{first} against {line}");
        }
    }
    for line in lines {
        let _ = wildcard.matches(line);
        let _ = Principal::parse(line);
        if let Some(request) = crate::Action::parse(line) {
            let _ = action.matches(&request);
        }
    }
}

/// An entry of an Action or NotAction list, nearly always well formed.
pub(crate) fn action_pattern() -> impl Strategy<Value = String> + Clone {
    let service = select(&["s3", "s3", "S3", "sqs", "iam", "s?", "*"][..]);
    let pieces = select(&["Get", "get", "Put", "List", "Object", "User", "*", "?"][..]);
    prop_oneof![
        2 => Just("*".to_owned()),
        1 => Just("s3*".to_owned()),
        20 => (service, vec(pieces, 1..4)).prop_map(|(service, name)| format!("{service}:{}", name.concat())),
    ]
}

/// An action of a request, of the alphabet of [`action_pattern`].
pub fn action() -> impl Strategy<Value = String> + Clone {
    let service = select(&["s3", "sqs", "iam"][..]);
    let pieces = select(&["Get", "Put", "List", "Object", "User"][..]);
    (service, vec(pieces, 1..3)).prop_map(|(service, name)| format!("{service}:{}", name.concat()))
}

/// An entry of a Resource or NotResource list: mostly ARNs of six fields, some short, some none.
pub(crate) fn resource_pattern() -> impl Strategy<Value = String> + Clone {
    let pieces = select(
        &[
            "a",
            "b",
            "/",
            ":",
            "user/",
            "*",
            "*",
            "?",
            "${*}",
            "${aws:username}",
            "${aws:PrincipalTag/team, 'a'}",
            "${",
        ][..],
    );
    let fields = (
        select(&["aws", "aws", "*", "aws*"][..]),
        select(&["s3", "s3", "sqs", "iam", "*"][..]),
        select(&["", "eu-west-1", "*", "eu-*"][..]),
        select(&["", "111122223333", "*"][..]),
        vec(pieces, 1..5),
    );
    prop_oneof![
        3 => Just("*".to_owned()),
        1 => select(&["arn:aws:sqs", "arn:aws:s3:*", "arn:aws:s3:::", "b", "${aws:username}"][..]).prop_map(str::to_owned),
        16 => fields.prop_map(|(partition, service, region, account, resource)| {
            format!("arn:{partition}:{service}:{region}:{account}:{}", resource.concat())
        }),
    ]
}

/// A resource of a request, of the alphabet of [`resource_pattern`]; some requests have none, which is `*`.
pub fn resource() -> impl Strategy<Value = String> + Clone {
    let fields = (
        select(&["s3", "sqs", "iam"][..]),
        select(&["", "eu-west-1"][..]),
        select(&["", "111122223333"][..]),
        vec(select(&["a", "b", "/", ":", "user/"][..]), 1..4),
    );
    prop_oneof![
        1 => Just("*".to_owned()),
        12 => fields.prop_map(|(service, region, account, resource)| {
            format!("arn:aws:{service}:{region}:{account}:{}", resource.concat())
        }),
    ]
}

/// The value of a Principal element, as JSON.
pub fn principal() -> impl Strategy<Value = String> + Clone {
    let aws = select(
        &[
            "*",
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/a",
            "arn:aws:iam::111122223333:role/a",
            "arn:aws:sts::111122223333:assumed-role/a/b",
        ][..],
    );
    let service = select(&["ec2.amazonaws.com", "s3.amazonaws.com"][..]);
    let federated = select(
        &[
            "accounts.google.com",
            "arn:aws:iam::111122223333:saml-provider/a",
        ][..],
    );
    let members = (
        option::of(one_or_list(aws.prop_map(quoted))),
        option::of(one_or_list(service.prop_map(quoted))),
        option::of(one_or_list(federated.prop_map(quoted))),
    );
    prop_oneof![
        1 => Just("\"*\"".to_owned()),
        4 => members.prop_map(|(aws, service, federated)| {
            let members: Vec<String> = [("AWS", aws), ("Service", service), ("Federated", federated)]
                .into_iter()
                .filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)))
                .collect();
            if members.is_empty() {
                "{\"CanonicalUser\":\"79a59d\"}".to_owned()
            } else {
                format!("{{{}}}", members.join(","))
            }
        }),
    ]
}

/// The value of a Condition element, as JSON: every operator, in any case.
pub fn condition() -> impl Strategy<Value = String> + Clone {
    let group = select(Comparison::ALL).prop_flat_map(|comparison| {
        (
            operator_name(comparison),
            vec(
                (
                    context_key(),
                    one_or_list(condition_value(comparison.family())),
                ),
                1..3,
            ),
        )
    });
    vec(group, 0..3).prop_map(|groups| {
        let groups = groups.into_iter().map(|(operator, keys)| {
            let keys = keys
                .into_iter()
                .map(|(key, values)| (key.to_owned(), values));
            (operator, object(keys))
        });
        object(groups)
    })
}

/// A context key, in any case.
pub(crate) fn context_key() -> impl Strategy<Value = &'static str> + Clone {
    select(
        &[
            "aws:username",
            "AWS:UserName",
            "aws:SourceIp",
            "aws:PrincipalTag/team",
            "aws:TagKeys",
            "s3:prefix",
            "key \"with\" quotes",
        ][..],
    )
}

fn operator_name(comparison: Comparison) -> impl Strategy<Value = String> + Clone {
    let set = select(&["", "", "ForAllValues:", "ForAnyValue:"][..]);
    (set, any::<bool>(), 0..6).prop_map(move |(set, if_exists, case)| {
        let name = comparison.name();
        let name = match (comparison, if_exists) {
            (Comparison::Null, _) => name.to_owned(),
            (_, true) => format!("{set}{name}IfExists"),
            (_, false) => format!("{set}{name}"),
        };
        match case {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            _ => name,
        }
    })
}

/// A value of a condition, as JSON: mostly of the form that the operators of the family compare.
fn condition_value(family: Family) -> impl Strategy<Value = String> + Clone {
    let values: &'static [&'static str] = match family {
        Family::Text => &[
            "\"a\"",
            "\"A\"",
            "\"b*\"",
            "\"${aws:username}\"",
            "\"\\u0061\\\"\\\\\"",
            "true",
            "\"\"",
        ],
        Family::Arn => &[
            "\"*\"",
            "\"arn:aws:s3:::b/*\"",
            "\"arn:aws:iam::*:role/a\"",
            "\"arn:aws:iam::1:user/${aws:username}\"",
        ],
        Family::Number => &["1", "\"2\"", "-0.5", "1e3"],
        Family::Date => &["\"2026-01-02T03:04:05Z\"", "\"2026-01-02\"", "1767312000"],
        Family::Address => &[
            "\"10.0.0.0/8\"",
            "\"10.1.2.3\"",
            "\"2001:db8::/32\"",
            "\"a\"",
        ],
        Family::Existence => &["true", "\"false\"", "\"True\""],
    };
    select(values).prop_map(str::to_owned)
}

/// A statement, as JSON. It may have a Principal or not, and a Resource or not.
pub fn statement() -> impl Strategy<Value = String> + Clone {
    let sid = option::of("[A-Za-z0-9]{0,4}|[ é\"]{1,3}");
    let action = one_or_list(action_pattern().prop_map(quoted));
    let resource = one_or_list(resource_pattern().prop_map(quoted));
    let negations = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.15),
    );
    (
        sid,
        prop::bool::weighted(0.7),
        negations,
        option::weighted(0.2, principal()),
        action,
        option::weighted(0.9, resource),
        option::of(condition()),
        space(),
    )
        .prop_map(
            |(sid, allows, negations, principal, action, resource, condition, space)| {
                let name = |name: &str, is_negated: bool| match is_negated {
                    true => format!("Not{name}"),
                    false => name.to_owned(),
                };
                let members = [
                    sid.map(|sid| ("Sid".to_owned(), quoted(sid))),
                    Some((
                        "Effect".to_owned(),
                        quoted(if allows { "Allow" } else { "Deny" }),
                    )),
                    principal.map(|principal| (name("Principal", negations.0), principal)),
                    Some((name("Action", negations.1), action)),
                    resource.map(|resource| (name("Resource", negations.2), resource)),
                    condition.map(|condition| ("Condition".to_owned(), condition)),
                ];
                spaced_object(members.into_iter().flatten(), space)
            },
        )
}

/// A document's text.
pub fn policy() -> impl Strategy<Value = String> + Clone {
    let version = option::weighted(0.9, select(&["2012-10-17", "2012-10-17", "2008-10-17"][..]));
    let statements = prop_oneof![
        1 => statement(),
        5 => (vec(statement(), 1..5), space())
            .prop_map(|(statements, space)| format!("[{space}{}{space}]", statements.join(&format!(",{space}")))),
    ];
    (
        version,
        option::weighted(0.1, "[a-z]{0,3}"),
        statements,
        any::<bool>(),
        space(),
    )
        .prop_map(|(version, id, statements, version_is_last, space)| {
            let mut members = vec![
                version.map(|version| ("Version".to_owned(), quoted(version))),
                id.map(|id| ("Id".to_owned(), quoted(id))),
                Some(("Statement".to_owned(), statements)),
            ];
            if version_is_last {
                members.reverse();
            }
            spaced_object(members.into_iter().flatten(), space) + space
        })
}

/// White space between the tokens of JSON.
fn space() -> impl Strategy<Value = &'static str> + Clone {
    select(&["", "", " ", "\n  ", "\r\n\t", "\n\n    "][..])
}

/// A JSON string.
fn quoted(text: impl Into<String>) -> String {
    Value::String(text.into()).to_string()
}

/// One value without brackets, or a list with one or more.
fn one_or_list(
    value: impl Strategy<Value = String> + Clone,
) -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        value.clone(),
        vec(value, 1..4).prop_map(|values| format!("[{}]", values.join(", "))),
    ]
}

/// A JSON object of those members whose names did not stand before, in whatever case.
fn object(members: impl Iterator<Item = (String, String)>) -> String {
    spaced_object(members, "")
}

fn spaced_object(members: impl Iterator<Item = (String, String)>, space: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut texts = Vec::new();
    for (name, value) in members {
        let lower = name.to_ascii_lowercase();
        if !names.contains(&lower) {
            names.push(lower);
            texts.push(format!("{space}{}:{space}{value}", quoted(name)));
        }
    }
    format!("{{{}{space}}}", texts.join(","))
}
