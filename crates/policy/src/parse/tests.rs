//! Each fault is its own error, in its place.

use insta::assert_snapshot;

use crate::Policy;
use crate::problem::line_and_column;

/// The faults, each with line:column and the text it stands at.
fn faults(text: &str) -> String {
    let error = Policy::parse(text).expect_err("faults");
    let lines: Vec<String> = error
        .problems
        .iter()
        .map(|problem| {
            let (line, column) = line_and_column(text, problem.span.start);
            let at = text.get(problem.span.start..problem.span.end).unwrap();
            format!("{line}:{column} at {at}\n    {problem}")
        })
        .collect();
    lines.join("\n")
}

/// A policy with one statement of these members beside Effect, Action and Resource.
fn with(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#)
}

#[test]
fn duplicate_members_are_refused_at_every_level() {
    assert_snapshot!(faults(
        r#"{"Version":"2012-10-17","Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":"b","a":"c"},"StringEquals":{"d":"e"}}}]}"#
    ));
}

#[test]
fn empty_lists_are_refused() {
    assert_snapshot!(faults(
        r#"{"Statement":[{"Effect":"Allow","Action":[],"Resource":[],"Principal":{"AWS":[]},"Condition":{"StringEquals":{"a":[]}}}]}"#
    ));
    assert_snapshot!(faults(r#"{"Statement":[]}"#));
    assert_snapshot!(faults(&with(r#""Action":"*","Principal":{}"#)));
}

#[test]
fn unknown_elements_are_named_with_those_that_there_are() {
    assert_snapshot!(faults(
        r#"{"version":"2012-10-17","Statement":{"Effect":"Allow","Actions":"*","Resource":"*","Principal":{"Aws":"*"}}}"#
    ));
}

#[test]
fn wrong_types_are_named() {
    assert_snapshot!(faults(
        r#"{"Version":2012,"Id":null,"Statement":[{"Sid":1,"Effect":["Allow"],"Action":{"a":1},"Resource":["*",7],"Condition":[]},"x"]}"#
    ));
    assert_snapshot!(faults("[]"));
}

#[test]
fn wrong_values_are_named() {
    assert_snapshot!(faults(
        r#"{"Version":"2012-10-18","Statement":[{"Effect":"allow","Action":"*","Resource":"*","Principal":"111122223333","Condition":{"StringEqual":{"a":"b"},"NullIfExists":{"a":"true"}}}]}"#
    ));
}

#[test]
fn missing_and_contradicting_elements_are_named() {
    assert_snapshot!(faults(r#"{"Version":"2012-10-17"}"#));
    assert_snapshot!(faults(r#"{"Statement":{"Resource":"*"}}"#));
    assert_snapshot!(faults(&with(
        r#""Action":"*","NotAction":"s3:*","Resource":"*","NotResource":"*""#
    )));
}

#[test]
fn broken_json_is_one_fault_with_its_place() {
    assert_snapshot!(faults("{\n  \"Statement\": [}\n"));
    assert_snapshot!(faults("{\"Statement\": 1} x"));
    assert_snapshot!(faults(""));
}

#[test]
fn one_value_or_a_list_is_the_same() {
    let one = Policy::parse(
        r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}}"#,
    );
    let list = Policy::parse(
        r#"{"Statement":[{"Effect":"Deny","Action":["s3:*"],"Resource":["*"],"Condition":{"bool":{"aws:SecureTransport":["false"]}}}]}"#,
    );
    assert_eq!(one.unwrap(), list.unwrap());
}

#[test]
fn deep_nesting_is_a_fault_and_no_stack_overflow() {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    assert!(Policy::parse(&deep).is_err());
    assert!(Policy::parse(&format!("{{\"Statement\":{deep}}}")).is_err());
}

#[test]
fn escaped_names_are_read() {
    let policy = Policy::parse(
        r#"{"Statement":{"\u0045ffect":"Allow","Action":"s3:\u0047et*","Resource":"*"}}"#,
    )
    .unwrap();
    assert_eq!(policy.statements[0].action.entries[0].as_str(), "s3:Get*");
}

#[test]
fn operators_and_keys_that_differ_in_case_only_are_duplicates() {
    assert_snapshot!(faults(&with(
        r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"a":"b","A":"c","B":"d"},"stringequals":{"d":"e"}}"#
    )), @r#"
    1:121 at "A"
        `A` stands twice in one object; keep one of them
    1:138 at "stringequals"
        `stringequals` stands twice in one object; keep one of them
    "#);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    assert_snapshot!(faults(&with(
        r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"\ud800":"b"}}"#
    )), @r#"
    1:120 at "
        it is no JSON: a string is not valid text: an escape such as `\ud800` is half of a character
    "#);
}

#[test]
fn the_place_of_a_fault_is_whole_characters() {
    let text = "{\"Statement\": é}";
    let error = Policy::parse(text).expect_err("no JSON");
    let span = error.problems[0].span;
    assert!(text.get(span.start..span.end).is_some(), "{span:?}");
}

/// Comparing each with each would take minutes here.
#[test]
fn very_many_members_are_read() {
    let members: Vec<String> = (0..100_000).map(|index| format!("\"{index}\":1")).collect();
    assert!(Policy::parse(&format!("{{{}}}", members.join(","))).is_err());
}

/// Each of these looked for its brace, or its comma, up to the end of the text.
#[test]
fn very_many_beginnings_of_variables_are_read() {
    for pattern in ["${", "${,", "${ "] {
        for end in ["", ",x}", "    }"] {
            let text = pattern.repeat(200_000) + end;
            let policy = Policy::parse(&format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"{text}"}}}}"#
            ));
            assert!(policy.is_ok());
        }
    }
}
