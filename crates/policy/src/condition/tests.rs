//! The tables of the IAM User Guide on condition operators, row by row.

use super::*;
use crate::Version;

/// Whether `{operator: {key: values}}` is met by a context.
fn met(operator: &str, values: &[&str], context: &[(&str, &[&str])]) -> Truth {
    met_in(&closed(context), operator, values)
}

fn met_in(context: &Context, operator: &str, values: &[&str]) -> Truth {
    let operator = Operator::parse(operator).expect("an operator");
    let entry = ConditionEntry {
        operator,
        key: Spanned {
            value: "K".into(),
            span: crate::Span::default(),
        },
        lower_key: "k".into(),
        values: values
            .iter()
            .map(|value| Spanned {
                value: ConditionValue::parse(value, operator.comparison, Version::V2012),
                span: crate::Span::default(),
            })
            .collect(),
    };
    entry.evaluate(context)
}

/// A key with one value is single-valued here, one with a list of others multivalued.
fn closed(context: &[(&str, &[&str])]) -> Context {
    context
        .iter()
        .map(|(key, values)| {
            let value = match values {
                [value] => ContextValue::One((*value).to_owned()),
                values => ContextValue::Many(values.iter().map(|v| (*v).to_owned()).collect()),
            };
            (*key, value)
        })
        .collect()
}

#[test]
fn a_missing_key_meets_negated_operators_only() {
    for comparison in Comparison::ALL {
        if *comparison == Comparison::Null {
            continue;
        }
        let name = comparison.name();
        assert_eq!(
            met(name, &["1"], &[]),
            comparison.is_negated().into(),
            "{name}"
        );
        assert_eq!(
            met(&format!("{name}IfExists"), &["1"], &[]),
            Truth::Yes,
            "{name}"
        );
        assert_eq!(
            met(&format!("ForAllValues:{name}"), &["1"], &[]),
            Truth::Yes,
            "{name}"
        );
        assert_eq!(
            met(&format!("ForAnyValue:{name}"), &["1"], &[]),
            Truth::No,
            "{name}"
        );
    }
}

#[test]
fn comparisons() {
    let cases: &[(&str, &str, &str, bool)] = &[
        ("StringEquals", "a*", "a*", true),
        ("StringEquals", "a*", "ab", false),
        ("StringEquals", "a", "A", false),
        ("StringEqualsIgnoreCase", "rEd", "Red", true),
        ("StringNotEqualsIgnoreCase", "rEd", "Red", false),
        ("StringLike", "a*:?c", "ab:c:bc", true),
        ("StringLike", "a", "A", false),
        ("NumericEquals", "1.0", "1", true),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "10", "10.5", true),
        ("NumericGreaterThanEquals", "10", "x", false),
        ("NumericNotEquals", "10", "x", true),
        (
            "DateLessThan",
            "2026-01-01T00:00:00Z",
            "2025-12-31T23:59:59Z",
            true,
        ),
        (
            "DateGreaterThan",
            "2026-01-01T00:00:00Z",
            "1800000000",
            true,
        ),
        ("DateNotEquals", "2026-01-01", "2026-01-01T00:00:00Z", false),
        ("Bool", "true", "TRUE", true),
        ("Bool", "true", "false", false),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", true),
        ("IpAddress", "203.0.113.7", "203.0.113.8", false),
        ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", true),
        (
            "ArnLike",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1:role/a/b",
            true,
        ),
        (
            "ArnEquals",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1:role/a",
            true,
        ),
        (
            "ArnLike",
            "arn:aws:sns:*:t",
            "arn:aws:sns:eu-west-1:1:t",
            false,
        ),
        (
            "ArnNotLike",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1:user/a",
            true,
        ),
        ("ArnLike", "*", "arn:aws:iam::1:user/a", true),
    ];
    for (operator, value, request, expected) in cases {
        assert_eq!(
            met(operator, &[value], &[("k", &[request])]),
            (*expected).into(),
            "{operator} {value} against {request}"
        );
    }
}

#[test]
fn several_values_are_or_and_negated_ones_nor() {
    assert_eq!(
        met("StringEquals", &["a", "b"], &[("k", &["b"])]),
        Truth::Yes
    );
    assert_eq!(
        met("StringNotEquals", &["a", "b"], &[("k", &["b"])]),
        Truth::No
    );
    assert_eq!(
        met("StringNotEquals", &["a", "b"], &[("k", &["c"])]),
        Truth::Yes
    );
}

#[test]
fn multivalued_keys() {
    let both: &[(&str, &[&str])] = &[("k", &["a", "b"])];
    assert_eq!(met("StringEquals", &["a"], both), Truth::No);
    assert_eq!(met("StringNotEquals", &["x"], both), Truth::No);
    assert_eq!(
        met("ForAllValues:StringEquals", &["a", "b", "c"], both),
        Truth::Yes
    );
    assert_eq!(met("ForAllValues:StringEquals", &["a"], both), Truth::No);
    assert_eq!(met("ForAnyValue:StringEquals", &["a"], both), Truth::Yes);
    assert_eq!(
        met("ForAnyValue:StringNotEquals", &["a", "b"], both),
        Truth::No
    );
    assert_eq!(
        met("ForAllValues:StringEquals", &["a"], &[("k", &[])]),
        Truth::Yes
    );
}

#[test]
fn null_asks_for_the_key() {
    assert_eq!(met("Null", &["true"], &[]), Truth::Yes);
    assert_eq!(met("Null", &["false"], &[]), Truth::No);
    assert_eq!(met("Null", &["TRUE"], &[("k", &["x"])]), Truth::No);
    assert_eq!(met("Null", &["false"], &[("K", &["x"])]), Truth::Yes);
}

#[test]
fn variables_take_the_requests_value_and_defaults_stand_in() {
    let context: &[(&str, &[&str])] = &[("k", &["red/ann"]), ("aws:username", &["ann"])];
    assert_eq!(
        met("StringEquals", &["red/${aws:UserName}"], context),
        Truth::Yes
    );
    assert_eq!(
        met("StringLike", &["*/${aws:username}"], context),
        Truth::Yes
    );
    assert_eq!(
        met("StringEquals", &["${team, 'red'}/ann"], context),
        Truth::Yes
    );
    assert_eq!(met("StringEquals", &["${team}/ann"], context), Truth::No);
    assert_eq!(
        met("StringNotEquals", &["${team}/ann"], context),
        Truth::Yes
    );
    // A wildcard in a value of the request is an ordinary character.
    let star: &[(&str, &[&str])] = &[("k", &["abc"]), ("aws:username", &["*"])];
    assert_eq!(met("StringLike", &["${aws:username}"], star), Truth::No);
    let arn: &[(&str, &[&str])] = &[
        ("k", &["arn:aws:iam::1:role/x"]),
        ("aws:principalaccount", &["1"]),
    ];
    assert_eq!(
        met(
            "ArnLike",
            &["arn:aws:iam::${aws:PrincipalAccount}:role/*"],
            arn
        ),
        Truth::Yes
    );
}

#[test]
fn what_was_not_told_is_unknown() {
    let open = Context::open();
    assert_eq!(met_in(&open, "StringEquals", &["a"]), Truth::Unknown);
    assert_eq!(met_in(&open, "Null", &["true"]), Truth::Unknown);
    let mut told = Context::open();
    told.insert("K", ContextValue::One("a".to_owned()));
    assert_eq!(met_in(&told, "StringEquals", &["a"]), Truth::Yes);
    assert_eq!(met_in(&told, "StringEquals", &["${x}"]), Truth::Unknown);
}
