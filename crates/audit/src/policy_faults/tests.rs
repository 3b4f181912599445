//! Documents with faults, and documents as AWS shows them.

use insta::assert_snapshot;
use leastgrant_policy::Policy;
use leastgrant_policy::scalar::Instant;

use super::faults;

fn found(text: &str) -> String {
    let policy = Policy::parse(text).unwrap();
    let as_of = Instant::parse("2026-06-30T12:00:00Z");
    let faults = faults(&policy, "aws", as_of).into_iter().map(|fault| {
        let place = fault.statement.map_or(0, |index| index + 1);
        let mark = if fault.weakens_deny { " (deny)" } else { "" };
        format!("{place}{mark}: {}", fault.words)
    });
    faults.collect::<Vec<_>>().join("\n")
}

fn of(statements: &str) -> String {
    found(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
    ))
}

#[test]
fn unknown_actions_are_named_with_the_nearest_known() {
    assert_snapshot!(of(r#"{"Effect":"Allow","Action":["s3:GetObjekt","s3:Gett*","nosuchservice:Do","s3:GetObject","sqs:*"],"Resource":"*"}"#), @r#"
    1: `s3:GetObjekt` is no action that AWS documents; did you mean `s3:GetObject`?
    1: `s3:Gett*` matches no action that AWS documents
    1: `nosuchservice:Do` is no action that AWS documents
    "#);
}

#[test]
fn resources_must_be_of_a_kind_that_the_action_works_on() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::data"},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::data*","arn:aws:s3:::other/${aws:username}"]},
        {"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"arn:aws:s3:::*"},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::data/*"},
        {"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:*:*:table/a/*"},
        {"Effect":"Deny","Action":"sqs:SendMessage","Resource":"arn:aws:sns:*:*:topic"},
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/path/*"}"#), @r#"
    1: `s3:GetObject` works on `arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}/object/${ObjectName}` and `arn:${Partition}:s3:::${BucketName}/${ObjectName}`, and `arn:aws:s3:::data` is none
    4: `s3:ListBucket` works on `arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}` and `arn:${Partition}:s3:::${BucketName}`, and `arn:aws:s3:::data/*` is none
    5: `dynamodb:GetItem` works on `arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`, and `arn:aws:dynamodb:*:*:table/a/*` is none
    6 (deny): `sqs:SendMessage` works on `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`, and `arn:aws:sns:*:*:topic` is none
    "#);
}

#[test]
fn statements_that_others_make_void_or_repeat_are_named() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"},
        {"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},
        {"Effect":"Deny","Action":"sqs:*","Resource":"*"}"#), @r#"
    1: it adds nothing: statement 2 allows all of it
    3: it can have no effect: statement 4 denies all of it
    "#);
    // Of two that say the same in other words one must stay.
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":["s3:GetObject","sqs:SendMessage"],"Resource":"*"},
        {"Effect":"Allow","Action":["sqs:sendmessage","s3:getobject","s3:GetObject"],"Resource":["*","arn:aws:s3:::a/*"]}"#), @"2: it adds nothing: statement 1 allows all of it");
    // A Deny under a condition leaves something of it.
    assert_eq!(
        of(
            r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},{"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}"#
        ),
        ""
    );
}

#[test]
fn conditions_without_effect_are_named() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLikeIfExists":{"aws:PrincipalTag/team":"*"}}},
        {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}}},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a"}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"StringLikeIfExists":{"aws:PrincipalTag/team":"*"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/0"]}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgIdd":"o-1","s3:prefx":"a","aws:RequestTag/x":"1"}}},
        {"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}"#), @r#"
    1: the condition `DateLessThan` on `aws:CurrentTime` can no longer be met
    2: the condition `StringLikeIfExists` on `aws:PrincipalTag/team` is always met, and limits nothing
    3: the condition `StringEquals` on `s3:prefix` is on a key that none of the statement's actions has by AWS's documentation: it is never met, and the statement has no effect
    5: the condition `StringLikeIfExists` on `aws:PrincipalTag/team` is always met, and limits nothing
    6: the condition `IpAddress` on `aws:SourceIp` is met from anywhere: `0.0.0.0/0`
    7 (deny): the condition `StringNotEquals` on `aws:PrincipalOrgIdd` is on a key that AWS does not document; did you mean `aws:PrincipalOrgID`?
    7 (deny): the condition `StringNotEquals` on `s3:prefx` is on a key that AWS does not document; did you mean `s3:prefix`?
    "#);
}

#[test]
fn conditions_on_keys_that_every_request_has_and_text_for_patterns_are_named() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}},
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"*.amazonaws.com"}}},
        {"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"Null":{"iam:PassedToService":"false"}}},
        {"Effect":"Allow","Action":["iam:PassRole","s3:GetObject"],"Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"*"}}},
        {"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceIp":["10.0.0.0/8","192.0.2.1"]}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceIp":"10.0.0.0/8"}}},
        {"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue-*"}}},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"a*"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"ec2:InstanceType":"t3.micro"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"ArnLike":{"ec2:SourceInstanceARN":"arn:aws:ec2:*:*:instance/i-1"}}}"#), @r#"
    1: the condition `StringLike` on `aws:PrincipalArn` is always met, and limits nothing
    2: the condition `StringLike` on `iam:PassedToService` is always met, and limits nothing
    3: the condition `Null` on `iam:PassedToService` is always met, and limits nothing
    6: the condition `StringEquals` on `aws:SourceIp` compares text, for which `10.0.0.0/8` is no range of addresses, so that nothing ever equals it; write `IpAddress`
    7 (deny): the condition `StringNotEquals` on `aws:SourceIp` compares text, for which `10.0.0.0/8` is no range of addresses, so that nothing is excepted by it; write `NotIpAddress`
    8: the condition `StringEquals` on `aws:PrincipalTag/team` compares text, for which `blue-*` is no pattern, so that nothing ever equals it; write `StringLike`
    10: the condition `StringEquals` on `ec2:InstanceType` is on a key that none of the statement's actions has by AWS's documentation: it is never met, and the statement has no effect
    "#);
}

#[test]
fn conditions_that_exclude_each_other_are_named() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"},"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"},"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"Null":{"aws:PrincipalTag/team":"true"},"StringLike":{"aws:PrincipalTag/team":"a*"}}},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"Null":{"aws:PrincipalTag/team":"true"},"StringLikeIfExists":{"aws:PrincipalTag/team":"a*"}}}"#), @r#"
    1: its conditions exclude each other, so it has no effect
    3 (deny): its conditions exclude each other, so it has no effect
    "#);
}

#[test]
fn resources_of_another_partition_are_named() {
    assert_snapshot!(of(r#"
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws-cn:s3:::data/*"},
        {"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws-cn:s3:::data/*","arn:aws:s3:::data/*"]},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:*:s3:::data/*"}"#), @"1: `arn:aws-cn:s3:::data/*` is of the partition `aws-cn`, and the account of `aws`: it can have no effect");
}

#[test]
fn variables_under_the_old_version_are_named() {
    assert_snapshot!(found(r#"{"Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/${aws:username}"}}"#), @r#"1: `${` in `arn:aws:iam::*:user/${aws:username}` is plain text in a document without `Version`; write `"Version": "2012-10-17"` if it is meant as a variable"#);
}
