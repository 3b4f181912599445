//! Each check has a case that it finds and one that it does not.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::testing;

/// The findings: place, severity, name, the text there, and the message.
fn found(kind: PolicyKind, text: &str) -> String {
    let policy = Policy::parse(text).expect("it parses");
    let lines: Vec<String> = lint(&policy, kind)
        .iter()
        .map(|finding| {
            let at = text.get(finding.span.start..finding.span.end).unwrap();
            let at: String = at.chars().take(30).collect();
            format!(
                "{} {} at {at}\n    {}",
                finding.severity.name(),
                finding.code,
                finding.message
            )
        })
        .collect();
    lines.join("\n")
}

/// A statement of these members beside Effect, in a document of the newer version.
fn allow(kind: PolicyKind, members: &str) -> String {
    found(kind, &document("Allow", members))
}

fn document(effect: &str, members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{members}}}]}}"#)
}

fn deny(kind: PolicyKind, members: &str) -> String {
    found(kind, &document("Deny", members))
}

fn codes(kind: PolicyKind, text: &str) -> Vec<&'static str> {
    lint(&Policy::parse(text).unwrap(), kind)
        .iter()
        .map(|finding| finding.code.name())
        .collect()
}

const CLEAN: &str = r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#;

#[test]
fn what_is_in_order_has_no_findings() {
    for kind in PolicyKind::ALL.iter().copied() {
        let (effect, members) = match kind {
            PolicyKind::Trust => (
                "Allow",
                r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole""#
                    .to_owned(),
            ),
            PolicyKind::ResourceControl => ("Deny", format!(r#""Principal":"*",{CLEAN}"#)),
            kind if kind.has_principals() => ("Allow", format!(r#""Principal":"*",{CLEAN}"#)),
            _ => ("Allow", CLEAN.to_owned()),
        };
        assert_eq!(found(kind, &document(effect, &members)), "");
    }
    assert_eq!(
        allow(
            PolicyKind::Identity,
            r#""Sid":"","Action":["*","s3:Get*","aws-portal:*"],"Resource":["*","arn:aws:s3:::b/${aws:username}/${*}","arn:aws:iam::*:role/a/${aws:PrincipalTag/team, 'x y'}"],
            "Condition":{"Bool":{"aws:SecureTransport":true},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"ForAnyValue:StringLike":{"aws:TagKeys":"a*"},
            "NumericLessThan":{"s3:max-keys":"10"},"DateLessThan":{"aws:CurrentTime":"2026-01-02"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"},
            "BinaryEquals":{"k:b":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="},"Null":{"aws:TagKeys":"false"}}"#
        ),
        ""
    );
}

#[test]
fn the_document_as_a_whole() {
    let text = r#"{"Id":"x","Version":"2012-10-17","Statement":[{"Sid":"a b","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/é世界"},
        {"Sid":"A","Effect":"Allow","Action":"s3:PutObject","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"s3:PutObject","Resource":["*"]}]}"#;
    assert_snapshot!(found(PolicyKind::Identity, text), @r#"
    error id-not-allowed at "Id"
        `Id` is not allowed in an identity policy; remove it
    error sid-characters at "a b"
        `a b` has characters that IAM does not take in a Sid; use ASCII letters and digits only
    error character-not-allowed at 世
        U+4E16 is no character that IAM takes (1 more in this document); use those from U+0020 to U+00FF, tabs and line ends
    warning statement-repeated at {"Sid":"A","Effect":"Allow","A
        the statement says what statement 2 says; remove one of them
    error sid-repeated at "A"
        `A` is the Sid of statement 2 too; give each statement its own
    "#);
    // Other services take both, and want unique names too.
    assert_eq!(
        codes(PolicyKind::ServiceControl, text),
        ["statement-repeated", "sid-repeated"]
    );
    assert_snapshot!(found(PolicyKind::ServiceControl, r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#), @r#"
    error version-required at {
        a service control policy must have `"Version": "2012-10-17"`; add it
    "#);
}

#[test]
fn size_against_the_quotas_of_each_kind() {
    let of_length = |characters: usize| {
        let empty = document("Allow", r#""Sid":"","Action":"s3:*","Resource":"*""#);
        let sid = "a".repeat(characters - empty.len());
        document(
            "Allow",
            &format!(r#""Sid":"{sid}","Action":"s3:*","Resource":"*""#),
        )
    };
    let size = |kind: PolicyKind, characters: usize| {
        let findings = lint(&Policy::parse(&of_length(characters)).unwrap(), kind);
        let of_size = findings
            .iter()
            .find(|finding| finding.code == LintCode::SizeAboveQuota);
        of_size.map(|finding| (finding.severity, finding.message.clone()))
    };
    let severity = |kind, characters| size(kind, characters).map(|(severity, _)| severity);
    for (kind, free, warned) in [
        (PolicyKind::Identity, 6_144, 10_240),
        (PolicyKind::Boundary, 6_144, 6_144),
        (PolicyKind::Session, 2_048, 2_048),
        (PolicyKind::Trust, 2_048, 8_192),
        (PolicyKind::Resource, 20_480, 100_000),
        (PolicyKind::ServiceControl, 5_120, 10_240),
        (PolicyKind::ResourceControl, 5_120, 5_120),
        (PolicyKind::VpcEndpoint, 100_000, 100_000),
    ] {
        assert_eq!(severity(kind, free), None);
        if warned > free {
            assert_eq!(severity(kind, free + 1), Some(Severity::Warning));
            assert_eq!(severity(kind, warned), Some(Severity::Warning));
        }
        if warned < 100_000 {
            assert_eq!(severity(kind, warned + 1), Some(Severity::Error));
        }
    }
    assert_snapshot!(size(PolicyKind::Identity, 7_000).unwrap().1, @"the document has 7000 characters without white space, and a managed policy may have 6144; split it; only the inline policies of a role may have up to 10240 together");
    assert_snapshot!(size(PolicyKind::Resource, 30_000).unwrap().1, @"the document has 30000 bytes without white space, and the policy of an S3 bucket may have 20480; shorten it if it is one");
    assert_snapshot!(size(PolicyKind::ServiceControl, 30_000).unwrap().1, @"the document has 30000 characters without white space, and a service control policy may have 5120; split it, or look at the quota in Service Quotas");
}

#[test]
fn principals() {
    let with = r#""Principal":{"AWS":["arn:aws:iam::111122223333:role/*","*"],"Service":"*.amazonaws.com"},"Action":"s3:Get*","Resource":"*""#;
    assert_snapshot!(allow(PolicyKind::Resource, with), @r#"
    error principal-wildcard at "arn:aws:iam::111122223333:rol
        `arn:aws:iam::111122223333:role/*` has a wildcard for a part of a principal; write it out, or `*` and a condition on `aws:PrincipalArn`
    error principal-wildcard at "*.amazonaws.com"
        `*.amazonaws.com` has a wildcard for a part of a principal; write it out, or `*` and a condition on `aws:PrincipalArn`
    "#);
    assert_snapshot!(allow(PolicyKind::Identity, with), @r#"
    error principal-not-allowed at "arn:aws:iam::111122223333:rol
        `Principal` is not allowed in an identity policy; remove it
    "#);
    assert_snapshot!(deny(PolicyKind::ResourceControl, with), @r#"
    error principal-wildcard at "arn:aws:iam::111122223333:rol
        `arn:aws:iam::111122223333:role/*` has a wildcard for a part of a principal; write it out, or `*` and a condition on `aws:PrincipalArn`
    error resource-control-principal at "arn:aws:iam::111122223333:rol
        a resource control policy takes `"Principal": "*"` only; name callers in a condition on `aws:PrincipalArn`
    error principal-wildcard at "*.amazonaws.com"
        `*.amazonaws.com` has a wildcard for a part of a principal; write it out, or `*` and a condition on `aws:PrincipalArn`
    "#);
    assert_snapshot!(allow(PolicyKind::VpcEndpoint, CLEAN), @r#"
    error principal-missing at {"Effect":"Allow","Action":"s3
        a statement of a VPC endpoint policy must have a `Principal`; say who calls
    "#);
    let negated = r#""NotPrincipal":{"AWS":"111122223333"},"Action":"s3:Get*","Resource":"*""#;
    assert_snapshot!(allow(PolicyKind::Resource, negated), @r#"
    warning allow-with-not-principal at "111122223333"
        `Allow` with `NotPrincipal` grants to everyone else, anonymous callers too; name those who may in `Principal`
    "#);
    assert_eq!(deny(PolicyKind::Resource, negated), "");
}

#[test]
fn resource_control_policies_deny_only() {
    let not_action = r#""Principal":"*","NotAction":"s3:Get*","Resource":"*""#;
    assert_snapshot!(allow(PolicyKind::ResourceControl, not_action), @r#"
    error resource-control-allow at {"Effect":"Allow","Principal":
        `Allow` is not supported in a resource control policy; it can only deny
    error resource-control-not-action at "s3:Get*"
        `NotAction` is not supported in a resource control policy; list the actions in `Action`
    "#);
    // The one that AWS attaches.
    assert_eq!(
        allow(
            PolicyKind::ResourceControl,
            r#""Principal":"*","Action":"*","Resource":"*""#
        ),
        ""
    );
}

#[test]
fn actions() {
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":["s3","s3*","s3:","s3: GetObject","s3:Get:Object","s?:Get*","*:*","**"],"Resource":"*""#), @r#"
    error action-malformed at "s3"
        `s3` has no prefix and matches no action; write the service before it, such as `s3:GetObject`
    error action-malformed at "s3*"
        `s3*` has no prefix and matches no action; write the service before it, such as `s3:GetObject`
    error action-malformed at "s3:"
        `s3:` is no action; write a service, a colon and a name, such as `s3:GetObject`
    error action-malformed at "s3: GetObject"
        `s3: GetObject` is no action; write a service, a colon and a name, such as `s3:GetObject`
    error action-malformed at "s3:Get:Object"
        `s3:Get:Object` is no action; write a service, a colon and a name, such as `s3:GetObject`
    error action-prefix-wildcard at "s?:Get*"
        `s?:Get*` has a wildcard in the service, which IAM does not take; write an entry for each service
    warning action-prefix-wildcard at "*:*"
        `*:*` is no documented way to write every action; write `*`
    "#);
    assert_snapshot!(allow(PolicyKind::Identity, r#""NotAction":"iam:*","Resource":"*""#), @r#"
    warning allow-with-not-action at "iam:*"
        `Allow` with `NotAction` grants every other action of every service, future ones too; list what is needed in `Action`
    "#);
    assert_eq!(
        deny(
            PolicyKind::ServiceControl,
            r#""NotAction":"iam:*","Resource":"*""#
        ),
        ""
    );
    assert_snapshot!(allow(PolicyKind::Trust, r#""Principal":"*","Action":["STS:AssumeRole","s3:GetObject"],"Resource":"*""#), @r#"
    error trust-action at "s3:GetObject"
        `s3:GetObject` has no effect on who may assume a role; a trust policy takes actions of `sts` only
    error resource-not-allowed at "*"
        `Resource` is not allowed in a trust policy, whose resource is the role; remove it
    "#);
}

#[test]
fn resources() {
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":"s3:*","Resource":["b","","ARN:aws:s3:::b","arn:*:s3:::b","arn:aws:*:::b","arn:aws:iam::1:us*/a","arn:aws:iam::1:*","arn:aws:sqs:eu-*:1:q","arn:aws*:s3:::b"]"#), @r#"
    error resource-not-an-arn at "b"
        `b` is neither `*` nor an ARN; an ARN begins with `arn:` and has six fields
    error resource-not-an-arn at ""
        `` is neither `*` nor an ARN; an ARN begins with `arn:` and has six fields
    error resource-not-an-arn at "ARN:aws:s3:::b"
        `ARN:aws:s3:::b` is neither `*` nor an ARN; an ARN begins with `arn:` and has six fields
    warning resource-service-wildcard at "arn:aws:*:::b"
        `arn:aws:*:::b` has a wildcard in the service, where AWS documents none; write an entry for each service, or `*` alone
    warning resource-type-wildcard at "arn:aws:iam::1:us*/a"
        `arn:aws:iam::1:us*/a` has a wildcard in the type of the resource, where AWS documents none; write `user`, `role` or the like out
    warning resource-colon-reading at "arn:aws:sqs:eu-*:1:q"
        `arn:aws:sqs:eu-*:1:q` has a `*` at the end of a field, which by AWS's documentation can reach beyond the next colon; write the field out, or `*` alone
    warning resource-colon-reading at "arn:aws*:s3:::b"
        `arn:aws*:s3:::b` has a `*` at the end of a field, which by AWS's documentation can reach beyond the next colon; write the field out, or `*` alone
    "#);
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":"s3:*""#), @r#"
    error resource-missing at {"Effect":"Allow","Action":"s3
        a statement of an identity policy must have a `Resource`; add one, such as `*`
    "#);
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":"s3:*","NotResource":["arn:aws:s3:::b/${aws:username}","arn:aws:s3:::b"]"#), @r#"
    warning not-resource-with-variable at "arn:aws:s3:::b/${aws:username
        `arn:aws:s3:::b/${aws:username}` has a variable, and what `NotResource` matches where it has no value is not documented; write it with `Resource`
    warning allow-with-not-resource at "arn:aws:s3:::b/${aws:username
        `Allow` with `NotResource` grants on every other resource, future ones too; list what is needed in `Resource`
    "#);
    assert_eq!(
        allow(
            PolicyKind::Resource,
            r#""Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/*""#
        ),
        ""
    );
    assert_eq!(
        allow(PolicyKind::Resource, r#""Principal":"*","Action":"ecr:*""#),
        ""
    );
}

#[test]
fn short_arns_by_kind() {
    let members = r#""Action":"sqs:*","Resource":["arn:aws:sqs","arn:aws:s?s","arn:aws:sqs:*"]"#;
    assert_snapshot!(deny(PolicyKind::Identity, members), @r#"
    warning resource-short at "arn:aws:sqs"
        `arn:aws:sqs` has 3 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    warning resource-short at "arn:aws:s?s"
        `arn:aws:s?s` has 3 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    warning resource-short at "arn:aws:sqs:*"
        `arn:aws:sqs:*` has 4 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    "#);
    assert_snapshot!(deny(PolicyKind::ServiceControl, members), @r#"
    error resource-short at "arn:aws:sqs"
        `arn:aws:sqs` has 3 of the six fields of an ARN; a service control policy takes such an ARN only if it ends in `*`; write all six
    error resource-short at "arn:aws:s?s"
        `arn:aws:s?s` has 3 of the six fields of an ARN; a service control policy takes such an ARN only if it ends in `*`; write all six
    warning resource-short at "arn:aws:sqs:*"
        `arn:aws:sqs:*` has 4 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    "#);
    let members = format!(r#""Principal":"*",{members}"#);
    assert_snapshot!(deny(PolicyKind::Resource, &members), @r#"
    error resource-short at "arn:aws:sqs"
        `arn:aws:sqs` has 3 of the six fields of an ARN; in a resource policy it matches nothing; write all six
    warning resource-short at "arn:aws:s?s"
        `arn:aws:s?s` has 3 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    warning resource-short at "arn:aws:sqs:*"
        `arn:aws:sqs:*` has 4 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
    "#);
    assert_snapshot!(deny(PolicyKind::ResourceControl, &members), @r#"
    error resource-short at "arn:aws:sqs"
        `arn:aws:sqs` has 3 of the six fields of an ARN; a resource control policy takes no such ARN; write all six
    error resource-short at "arn:aws:s?s"
        `arn:aws:s?s` has 3 of the six fields of an ARN; a resource control policy takes no such ARN; write all six
    error resource-short at "arn:aws:sqs:*"
        `arn:aws:sqs:*` has 4 of the six fields of an ARN; a resource control policy takes no such ARN; write all six
    "#);
}

#[test]
fn variables() {
    let members = r#""Action":"s3:*","Resource":["arn:aws:s3:::${aws:username}","arn:aws:s3:::${*}"],"Condition":{"StringLike":{"s3:prefix":"${aws:username}/*"},"NumericEquals":{"k:n":"${k:m}"}}"#;
    let statement = format!(r#"{{"Effect":"Allow",{members}}}"#);
    assert_snapshot!(found(PolicyKind::Identity, &format!(r#"{{"Version":"2008-10-17","Statement":{statement}}}"#)), @r#"
    warning variable-in-old-version at "arn:aws:s3:::${aws:username}"
        `${` in `arn:aws:s3:::${aws:username}` is plain text under version `2008-10-17`; write `"Version": "2012-10-17"` if it is meant as a variable
    warning variable-in-old-version at "arn:aws:s3:::${*}"
        `${` in `arn:aws:s3:::${*}` is plain text under version `2008-10-17`; write `"Version": "2012-10-17"` if it is meant as a variable
    warning variable-in-old-version at "${aws:username}/*"
        `${` in `${aws:username}/*` is plain text under version `2008-10-17`; write `"Version": "2012-10-17"` if it is meant as a variable
    error condition-value-malformed at "${k:m}"
        `${k:m}` is nothing that `NumericEquals` can compare; write a number
    "#);
    assert_eq!(
        codes(
            PolicyKind::Identity,
            &format!(r#"{{"Statement":{statement}}}"#)
        ),
        [
            "variable-in-old-version",
            "variable-in-old-version",
            "variable-in-old-version",
            "condition-value-malformed"
        ]
    );
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":"s3:*","Resource":["arn:aws:iam::${aws:PrincipalAccount}:role/a","arn:aws:s3:::b/${aws:username","arn:aws:s3:::b/${}/${ aws:username }","arn:aws:s3:::${Bucket}/${aws:PrincipalTag/team, none}"],"Condition":{"StringEquals":{"s3:prefix":"${aws:user*}"}}"#), @r#"
    warning variable-before-fifth-colon at "arn:aws:iam::${aws:PrincipalA
        `arn:aws:iam::${aws:PrincipalAccount}:role/a` has a variable before the fifth colon, where AWS documents none; write that field out, or `*` and a condition
    error variable-malformed at "arn:aws:s3:::b/${aws:username
        `${aws:username` has no `}`, so it is plain text; close the variable, or write `${$}{` for the characters
    error variable-malformed at "arn:aws:s3:::b/${}/${ aws:use
        `${}` names no key; write one, such as `${aws:username}`
    error variable-malformed at "arn:aws:s3:::b/${}/${ aws:use
        `${ aws:username }` has spaces around its key; remove them
    error variable-malformed at "arn:aws:s3:::${Bucket}/${aws:
        `${Bucket}` names a key without a prefix; write one, such as `${aws:username}`, or fill the placeholder in
    error variable-malformed at "arn:aws:s3:::${Bucket}/${aws:
        `${aws:PrincipalTag/team, none}` has a default without single quotes; write it as `${aws:PrincipalTag/team, 'none'}`
    error variable-malformed at "${aws:user*}"
        `${aws:user*}` names a key with characters that no key has; write it as `${aws:username}`
    "#);
}

#[test]
fn conditions() {
    assert_snapshot!(allow(PolicyKind::Identity, r#""Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"yes"},"Null":{"aws:TagKeys":"no"},"NumericEquals":{"k:n":"1k"},"DateLessThan":{"aws:CurrentTime":"soon"},"IpAddress":{"aws:SourceIp":"10.0.0.0/33"},"ArnLike":{"aws:SourceArn":"arn:aws:s3"},"BinaryEquals":{"k:b":"a"},"StringEquals":{"username":"a"}}"#), @r#"
    error condition-value-malformed at "yes"
        `yes` is nothing that `Bool` can compare; write `true` or `false`
    error condition-value-malformed at "no"
        `no` is nothing that `Null` can compare; write `true` or `false`
    error condition-value-malformed at "1k"
        `1k` is nothing that `NumericEquals` can compare; write a number
    error condition-value-malformed at "soon"
        `soon` is nothing that `DateLessThan` can compare; write a date such as `2026-01-02T03:04:05Z`, or seconds since 1970
    error condition-value-malformed at "10.0.0.0/33"
        `10.0.0.0/33` is nothing that `IpAddress` can compare; write an address or a range such as `203.0.113.0/24`
    error condition-value-malformed at "arn:aws:s3"
        `arn:aws:s3` is nothing that `ArnLike` can compare; write an ARN of six fields, or `*`
    error condition-value-malformed at "a"
        `a` is nothing that `BinaryEquals` can compare; write base64 text
    error condition-key-malformed at "username"
        `username` has no prefix and is no condition key; write the service before it, such as `aws:SourceIp`
    "#);
}

#[test]
fn set_operators() {
    let members = r#""Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"],"aws:PrincipalTag/team":"b"},"StringLike":{"aws:CalledVia":"a*"}}"#;
    assert_snapshot!(allow(PolicyKind::Identity, members), @r#"
    warning for-all-values-without-null at "aws:TagKeys"
        `ForAllValues:StringEquals` is met by a request without `aws:TagKeys` too, and the statement allows it; add `"Null": {"aws:TagKeys": "false"}`
    warning for-all-values-without-null at "aws:PrincipalTag/team"
        `ForAllValues:StringEquals` is met by a request without `aws:PrincipalTag/team` too, and the statement allows it; add `"Null": {"aws:PrincipalTag/team": "false"}`
    warning set-operator-on-single-value at "aws:PrincipalTag/team"
        `aws:PrincipalTag/team` has one value, and `ForAllValues:StringEquals` is for keys with several; use `StringEquals`
    warning set-operator-missing at "aws:CalledVia"
        `aws:CalledVia` has several values, and without `ForAnyValue:` or `ForAllValues:` before the operator the condition is never met; add one
    "#);
    assert_eq!(
        codes(PolicyKind::Identity, &document("Deny", members)),
        ["set-operator-on-single-value", "set-operator-missing"]
    );
    assert_eq!(
        allow(
            PolicyKind::Identity,
            r#""Action":"s3:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]},"Null":{"AWS:tagkeys":"false"}}"#
        ),
        ""
    );
}

#[test]
fn names_are_kebab_case_and_unique() {
    let mut names: Vec<&str> = LintCode::ALL.iter().map(|code| code.name()).collect();
    assert!(names.iter().all(|name| {
        name.bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
    }));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), LintCode::ALL.len());
}

proptest! {
    #[test]
    fn findings_stand_in_the_text_in_order_and_layout_changes_none(text in testing::policy()) {
        let policy = Policy::parse(&text).unwrap();
        let printed = policy.print(crate::Layout::FOUR_SPACES);
        let printed = Policy::parse(&printed).unwrap();
        for kind in PolicyKind::ALL {
            let findings = lint(&policy, *kind);
            prop_assert!(findings.is_sorted_by_key(|finding| finding.span));
            for finding in &findings {
                prop_assert!(text.get(finding.span.start..finding.span.end).is_some());
            }
            let sorted = |findings: Vec<Finding>| {
                let mut messages: Vec<_> = findings
                    .into_iter()
                    // Brackets around one value go in print.
                    .filter(|finding| finding.code != LintCode::SizeAboveQuota)
                    .map(|finding| (finding.code, finding.severity, finding.message))
                    .collect();
                messages.sort();
                messages
            };
            prop_assert_eq!(sorted(findings), sorted(lint(&printed, *kind)));
        }
    }
}
