//! What was once answered wrongly, or might well have been.

use super::{DEFAULT_WORK, Kind, Reason, Verdict, compare, compare_knowing};
use crate::Policy;
use crate::evaluate::{Outcome, Policies, Untold, decide};

fn statement(effect: &str, action: &str, resource: &str, more: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{more}}}"#)
}

fn allow(action: &str, resource: &str) -> String {
    statement("Allow", action, resource, "")
}

/// Allows everything where the condition holds.
fn when(condition: &str) -> String {
    statement("Allow", "a:b", "*", &format!(r#","Condition":{condition}"#))
}

fn by(effect: &str, principal: &str) -> String {
    statement(effect, "a:b", "arn:aws:s3:::b", &format!(",{principal}"))
}

fn verdict(old: &[String], new: &[String], kind: Kind) -> Verdict {
    let policy = |statements: &[String]| {
        let nothing = statement(
            "Deny",
            "nothing:nothing",
            "arn:aws:nothing:::",
            r#","Principal":"*""#,
        );
        let statements = match (statements, kind) {
            ([], Kind::Resource) => nothing,
            ([], Kind::Identity) => nothing.replace(r#","Principal":"*""#, ""),
            _ => statements.join(","),
        };
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
        ))
        .unwrap()
    };
    compare(&[&policy(old)], &[&policy(new)], kind, DEFAULT_WORK)
}

#[track_caller]
fn is_subset(old: &[String], new: &[String]) {
    assert_eq!(verdict(old, new, Kind::Identity), Verdict::Subset);
}

/// Gives the witness's request.
#[track_caller]
fn is_more(old: &[String], new: &[String], kind: Kind) -> String {
    match verdict(old, new, kind) {
        Verdict::NotSubset(witness) => format!(
            "{} {} {}",
            witness.principal, witness.action, witness.resource
        ),
        other => panic!("{other:?}"),
    }
}

const NOTHING: &[String] = &[];

#[test]
fn a_name_may_hold_further_colons() {
    is_more(NOTHING, &[allow("a:x:y", "*")], Kind::Identity);
    is_more(&[allow("a:x", "*")], &[allow("a:x*", "*")], Kind::Identity);
    is_subset(&[allow("a:*", "*")], &[allow("a:x:*", "*")]);
}

#[test]
fn a_neighbour_of_get_caller_identity_is_an_action_like_any_other() {
    is_subset(NOTHING, &[allow("sts:GetCallerIdentity", "*")]);
    let witness = is_more(
        &[allow("sts:GetCallerIdentity*x", "*")],
        &[allow("sts:GetCallerIdentit?", "*")],
        Kind::Identity,
    );
    assert!(!witness.contains("getcalleridentity "), "{witness}");
}

#[test]
fn a_list_meets_no_operator_without_a_set_of_another_family() {
    let set = r#""ForAnyValue:StringEquals":{"k":"a"}"#;
    let old = [
        when(&format!(r#"{{{set},"NumericEquals":{{"k":"5"}}}}"#)),
        when(&format!(r#"{{{set},"NumericNotEquals":{{"k":"5"}}}}"#)),
    ];
    let verdict = verdict(&old, &[when(&format!("{{{set}}}"))], Kind::Identity);
    assert_ne!(verdict, Verdict::Subset);
}

#[test]
fn letters_of_which_case_is_ignored_have_more_than_two_forms() {
    // The Kelvin sign is a `k` without its case.
    let neither = r#"{"StringEqualsIgnoreCase":{"k":"k"},"StringNotEquals":{"k":["k","K"]}}"#;
    is_more(NOTHING, &[when(neither)], Kind::Identity);
    // One letter stays one letter: `İ` is no `i` with a dot above it.
    let one = "{\"StringEqualsIgnoreCase\":{\"k\":\"i\u{307}\"},\"StringLike\":{\"k\":\"?\"}}";
    is_subset(NOTHING, &[when(one)]);
    is_subset(
        &[when("{\"StringEqualsIgnoreCase\":{\"k\":\"\u{c4}\"}}")],
        &[when("{\"StringEquals\":{\"k\":\"\u{e4}\"}}")],
    );
}

#[test]
fn there_are_numbers_beyond_the_largest_that_is_named() {
    let above = r#"{"NumericGreaterThan":{"k":"999999999999999999999999"}}"#;
    is_more(NOTHING, &[when(above)], Kind::Identity);
    let below = r#"{"NumericLessThan":{"k":"-999999999999999999999999"}}"#;
    is_more(NOTHING, &[when(below)], Kind::Identity);
    let late = r#"{"DateGreaterThan":{"k":"99999999999999"}}"#;
    is_more(NOTHING, &[when(late)], Kind::Identity);
}

#[test]
fn numbers_and_instants_at_one_point() {
    let number =
        |operator: &str, value: &str| when(&format!(r#"{{"{operator}":{{"k":"{value}"}}}}"#));
    is_subset(
        &[
            number("NumericLessThan", "1"),
            number("NumericGreaterThanEquals", "1.0"),
        ],
        &[number("NumericGreaterThan", "-7")],
    );
    is_more(
        &[
            number("NumericLessThan", "1"),
            number("NumericGreaterThan", "1"),
        ],
        &[number("NumericGreaterThan", "-7")],
        Kind::Identity,
    );
    is_more(
        &[
            number("NumericLessThanEquals", "0"),
            number("NumericGreaterThanEquals", "0.000000002"),
        ],
        &[number("NumericGreaterThan", "-7")],
        Kind::Identity,
    );
    is_subset(
        &[number("DateLessThanEquals", "2026-01-02T00:00:00Z")],
        &[
            number("DateEquals", "1767312000"),
            number("DateLessThan", "2026-01-02T01:00:00+01:00"),
        ],
    );
}

#[test]
fn addresses_by_halves_and_to_the_ends() {
    let address =
        |operator: &str, values: &str| when(&format!(r#"{{"{operator}":{{"k":{values}}}}}"#));
    is_subset(
        &[address("IpAddress", r#"["10.0.0.0/9","10.128.0.0/9"]"#)],
        &[address("IpAddress", r#""10.0.0.0/8""#)],
    );
    let all = address("IpAddress", r#"["0.0.0.0/0","::/0"]"#);
    is_subset(
        std::slice::from_ref(&all),
        &[address("IpAddress", r#""255.255.255.255""#)],
    );
    is_subset(
        std::slice::from_ref(&all),
        &[address(
            "IpAddress",
            r#""ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff""#,
        )],
    );
    // What is no address, and a request without one.
    is_more(
        &[all],
        &[address("NotIpAddress", r#""10.0.0.1""#)],
        Kind::Identity,
    );
}

#[test]
fn empty_lists_and_missing_keys() {
    let only = when(r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}"#);
    let any = when(r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}"#);
    is_more(
        std::slice::from_ref(&any),
        std::slice::from_ref(&only),
        Kind::Identity,
    );
    let guarded =
        when(r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"aws:TagKeys":"false"}}"#);
    is_subset(&[any], &[guarded]);
    let if_exists = when(r#"{"StringEqualsIfExists":{"k":"a"}}"#);
    let two = [
        when(r#"{"Null":{"k":"true"}}"#),
        when(r#"{"StringEquals":{"k":"a"}}"#),
    ];
    is_subset(&two, std::slice::from_ref(&if_exists));
    is_subset(std::slice::from_ref(&if_exists), &two);
}

#[test]
fn a_question_mark_reads_one_letter_however_many_bytes_it_has() {
    is_subset(
        &[when(r#"{"StringLike":{"k":"?"}}"#)],
        &[when("{\"StringEquals\":{\"k\":\"\u{df}\"}}")],
    );
    is_more(
        &[allow("a:b", "arn:aws:s3:::??")],
        &[allow("a:b", "arn:aws:s3:::\u{df}")],
        Kind::Identity,
    );
}

#[test]
fn defaults_of_variables_are_values_too() {
    let with_default = allow("a:b", "arn:aws:s3:::${k, 'a'}");
    is_more(NOTHING, std::slice::from_ref(&with_default), Kind::Identity);
    is_more(
        &[allow("a:b", "arn:aws:s3:::a")],
        std::slice::from_ref(&with_default),
        Kind::Identity,
    );
    let plain = allow("a:b", "arn:aws:s3:::${k}");
    assert_ne!(
        verdict(
            std::slice::from_ref(&plain),
            std::slice::from_ref(&with_default),
            Kind::Identity
        ),
        Verdict::Subset
    );
    // A Deny with a variable that has no value denies nothing.
    is_more(
        NOTHING,
        &[
            allow("a:b", "arn:aws:s3:::*"),
            statement("Deny", "a:b", "arn:aws:s3:::${k}*", ""),
        ],
        Kind::Identity,
    );
}

#[test]
fn a_root_user_is_spared_where_others_of_its_account_are_not() {
    let new = [
        by("Allow", r#""Principal":"*""#),
        by("Deny", r#""NotPrincipal":{"AWS":"111122223333"}"#),
    ];
    let witness = is_more(NOTHING, &new, Kind::Resource);
    assert!(
        witness.starts_with("arn:aws:iam::111122223333:root "),
        "{witness}"
    );
}

#[test]
fn strangers_have_names_that_no_policy_has() {
    let old = [
        by(
            "Allow",
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/someone"}"#,
        ),
        by(
            "Allow",
            r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/someone/session"}"#,
        ),
    ];
    let new = [by("Allow", r#""Principal":{"AWS":"111122223333"}"#)];
    is_more(&old, &new, Kind::Resource);
}

#[test]
fn an_old_deny_of_an_account_may_be_one_of_a_canonical_user() {
    let owner = by("Allow", r#""Principal":{"CanonicalUser":"79a59d"}"#);
    let denied = by("Deny", r#""Principal":{"AWS":"111122223333"}"#);
    let verdict = verdict(&[owner.clone(), denied], &[owner], Kind::Resource);
    assert!(
        matches!(verdict, Verdict::Unknown(Reason::Caller { .. })),
        "{verdict:?}"
    );
}

#[test]
fn conditions_of_two_families_on_one_key_are_never_called_a_subset_in_error() {
    let both = [
        (
            r#"{"StringLike":{"k":"1*"}}"#,
            r#"{"NumericEquals":{"k":"1"}}"#,
        ),
        (
            r#"{"StringEquals":{"k":["true","True"]}}"#,
            r#"{"Bool":{"k":"true"}}"#,
        ),
        (
            r#"{"StringLike":{"k":"arn:aws:*a"}}"#,
            r#"{"ArnLike":{"k":"arn:aws:*:*:*:a"}}"#,
        ),
    ];
    for (old, new) in both {
        let verdict = verdict(&[when(old)], &[when(new)], Kind::Identity);
        let is_right = match old {
            // `01` is the number one, `TRUE` is true; ARNs and texts are compared together.
            text if text.contains("arn") => verdict == Verdict::Subset,
            _ => verdict != Verdict::Subset,
        };
        assert!(is_right, "{old} {new} {verdict:?}");
    }
}

#[test]
fn what_a_request_did_not_tell_has_no_default() {
    let deny = statement("Deny", "a:b", "arn:aws:s3:::${k, 'a'}*", "");
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{deny},{}]}}"#,
        allow("*", "*")
    );
    let policy = Policy::parse(&text).unwrap();
    let request = crate::evaluate::Request::new(
        crate::Principal::parse("arn:aws:iam::111122223333:user/ann").unwrap(),
        crate::Action::parse("a:b").unwrap(),
        crate::Resource::parse("arn:aws:s3:::b"),
        None,
        crate::Context::open(),
    );
    let policies = Policies {
        identity: vec![&policy],
        ..Policies::default()
    };
    let outcome = |untold: Untold| decide(&request, &policies, untold).outcome;
    assert_eq!(outcome(Untold::Refuse), Outcome::ExplicitlyDenied);
    assert_eq!(outcome(Untold::Grant), Outcome::Allowed);
}

#[test]
fn a_key_that_may_be_multivalued_is_no_subset_without_a_word_on_it() {
    // With two recipients the condition is not met, since no set operator reads them.
    let old = [when(r#"{"StringLikeIfExists":{"ses:Recipients":"*"}}"#)];
    let new = [allow("a:b", "*")];
    let Verdict::Unknown(Reason::Multivalued { keys }) = verdict(&old, &new, Kind::Identity) else {
        panic!("{:?}", verdict(&old, &new, Kind::Identity));
    };
    assert_eq!(keys, ["ses:recipients"]);
    let parse = |statement: &String| {
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":{statement}}}"#
        ))
        .unwrap()
    };
    let ([old], [new]) = (old.each_ref().map(parse), new.each_ref().map(parse));
    let knowing = |is_multivalued: bool| {
        compare_knowing(&[&old], &[&new], Kind::Identity, DEFAULT_WORK, &|_| {
            Some(is_multivalued)
        })
    };
    assert_eq!(knowing(false), Verdict::Subset);
    assert!(matches!(knowing(true), Verdict::NotSubset(_)));
}

#[test]
fn unchanged_and_refined_statements_need_no_search() {
    let stars = ["logs", "data", "raw", "tmp", "prod", "dev", "audit", "home"];
    let patterns: Vec<String> = stars
        .iter()
        .map(|name| allow("s3:GetObject", &format!("arn:aws:s3:::*-{name}-*/*")))
        .collect();
    is_subset(&patterns, &patterns);
    is_subset(&patterns, &patterns[3..4]);
    let narrower = allow("s3:GetObject", "arn:aws:s3:::a-logs-b-*/x/*");
    is_subset(&patterns, &[narrower]);
    let many: Vec<String> = (0..2_000)
        .map(|number| allow("s3:GetObject", &format!("arn:aws:s3:::{number}/*")))
        .collect();
    is_subset(&many, &many);
}

#[test]
fn a_simple_difference_is_found_before_the_search_gets_long() {
    let old: Vec<String> = ('a'..='t')
        .map(|letter| allow("s3:GetObject", &format!("arn:aws:s3:::*{letter}*")))
        .collect();
    let new = [allow("s3:GetObject", "arn:aws:s3:::*")];
    assert!(is_more(&old, &new, Kind::Identity).ends_with("s3:getobject arn:aws:s3:::"));
}

#[test]
fn a_resource_policy_without_principals_is_not_judged() {
    let statements = [allow("s3:*", "*")];
    assert_eq!(
        verdict(&statements, &statements, Kind::Resource),
        Verdict::Unknown(Reason::NoPrincipalInResourcePolicy)
    );
}

#[test]
fn negated_elements_refine_by_their_complements() {
    let not = |actions: &str, resources: &str| {
        format!(r#"{{"Effect":"Allow","NotAction":{actions},"NotResource":{resources}}}"#)
    };
    let wide = not(r#"["iam:*","sts:*"]"#, r#"["arn:aws:s3:::a*"]"#);
    let narrow = not(
        r#"["iam:*","sts:*","s3:Put*"]"#,
        r#"["arn:aws:s3:::a*","arn:aws:s3:::b"]"#,
    );
    is_subset(std::slice::from_ref(&wide), std::slice::from_ref(&narrow));
    is_more(
        std::slice::from_ref(&narrow),
        std::slice::from_ref(&wide),
        Kind::Identity,
    );
    is_subset(
        std::slice::from_ref(&wide),
        &[allow("s3:GetObject", "arn:aws:s3:::c")],
    );
    is_more(
        std::slice::from_ref(&wide),
        &[allow("s3:GetObject", "arn:aws:s3:::*")],
        Kind::Identity,
    );
}
