//! Answers to whole lines.

use super::*;

fn ask(line: &str) -> String {
    let mut output = Vec::new();
    answer(line.as_bytes(), &mut PolicyCache::default(), &mut output);
    String::from_utf8(output).unwrap()
}

const REQUEST: &str = r#"{"principal":"arn:aws:iam::111122223333:user/u","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}"#;

#[test]
fn a_decision_names_its_statements() {
    let line = format!(
        r#"{{"id":{{"a":1}},"note":"mine","request":{REQUEST},"policies":{{"identity":[{{"Statement":[{{"Effect":"Allow","Action":"ec2:*","Resource":"*"}},{{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}]}}],"service_control":[[{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*"}}}}]],"resource":null}}}}"#
    );
    assert_eq!(
        ask(&line),
        "{\"id\":{\"a\":1},\"decision\":\"allowed\",\"decided_by\":\"identity\",\"statements\":[\
         {\"member\":\"service_control\",\"level\":0,\"policy\":0,\"statement\":0,\"sid\":null},\
         {\"member\":\"identity\",\"policy\":0,\"statement\":1,\"sid\":\"Read\"}]}\n"
    );
}

#[test]
fn errors_name_the_place() {
    let cases = [
        (
            "{",
            r#"{"id":null,"error":"the line is no JSON: it ends inside an object, at column 1"}"#,
        ),
        (
            r#"{"id":1}"#,
            r#"{"id":1,"error":"the line: `request` is missing"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"*","action":"s3:GetObject","resource":"*","x":1}}"#,
            r#"{"id":1,"error":"`/request/x`: there is no such member; those that there are: `principal`, `action`, `resource`, `resource_account`, `context`"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"*","action":"s3:GetObject","resource":"*","context":{"a":1}}}"#,
            r#"{"id":1,"error":"`/request/context/a`: must be a string, or a list of strings for a multivalued key, and it is `1`"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"*","action":"s3:GetObject","resource":"*","context":{"a":"1","A":"2"}}}"#,
            r#"{"id":1,"error":"`/request/context`: the context key `A` stands twice (keys ignore case); give a list for a multivalued key"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"bob","action":"s3:GetObject","resource":"*"}}"#,
            r#"{"id":1,"error":"`/request/principal`: `bob` is no caller; give the ARN of a user, role, session or identity provider, a service such as `ec2.amazonaws.com`, a web identity host, or `*`"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"*","action":"s3:GetObject","resource":"*"},"policies":{"service_control":[[{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}]]}}"#,
            r#"{"id":1,"error":"the policy at `/policies/service_control/0/0` cannot be read: line 1, column 24: `allow` is no Effect; it must be `Allow` or `Deny`, case-sensitive"}"#,
        ),
        (
            r#"{"id":1,"request":{"principal":"*","action":"s3:GetObject","resource":"*"},"policies":{"identity":{}}}"#,
            r#"{"id":1,"error":"`/policies/identity`: must be a list of policies, and it is an object"}"#,
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(ask(line), format!("{expected}\n"));
    }
    let mut output = Vec::new();
    assert_eq!(
        answer(b"\"\xff\"", &mut PolicyCache::default(), &mut output),
        Judged::No
    );
    assert_eq!(
        String::from_utf8(output).unwrap(),
        "{\"id\":null,\"error\":\"the line is not UTF-8 from byte 2 on\"}\n"
    );
}

/// Derived readers take a list of an object's values for the object, which would leave the order of members to guess.
#[test]
fn a_list_is_no_object() {
    let policy = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let cases = [
        (
            format!(r#"[1,{REQUEST},{{"identity":[{policy}]}}]"#),
            r#"{"id":null,"error":"the line: must be an object, and it is a list"}"#,
        ),
        (
            r#"{"id":1,"request":["arn:aws:iam::111122223333:user/a","s3:GetObject","arn:aws:s3:::b/k"]}"#.to_owned(),
            r#"{"id":1,"error":"`/request`: must be an object, and it is a list"}"#,
        ),
        (
            format!(r#"{{"id":1,"request":{REQUEST},"policies":[[{policy}],[]]}}"#),
            r#"{"id":1,"error":"`/policies`: must be an object, and it is a list"}"#,
        ),
        (
            "true".to_owned(),
            r#"{"id":null,"error":"the line: must be an object, and it is `true`"}"#,
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(ask(&line), format!("{expected}\n"));
    }
}

#[test]
fn wrong_shapes_are_told_in_plain_words() {
    let with = |members: &str| ask(&format!(r#"{{"id":1,{members}}}"#));
    let error = |text: &str| format!("{{\"id\":1,\"error\":\"{text}\"}}\n");
    assert_eq!(
        with(&format!(
            r#""request":{REQUEST},"policies":{{"service_control":[{{}}]}}"#
        )),
        error("`/policies/service_control/0`: must be a list of policies, and it is an object")
    );
    assert_eq!(
        with(&format!(
            r#""request":{REQUEST},"policies":{{"identities":[]}}"#
        )),
        error(
            "`/policies/identities`: there is no such member; those that there are: `identity`, `boundary`, `session`, `resource`, `service_control`, `resource_control`, `vpc_endpoint`"
        )
    );
    assert_eq!(
        with(r#""request":{"principal":"*","action":"s3:\ud800","resource":"*"}"#),
        error(
            "`/request/action`: a string is not valid text: an escape such as `\\\\ud800` is half of a character"
        )
    );
    assert_eq!(
        with(r#""request":{"principal":", expected a map","principal":1}"#),
        error("`/request`: `principal` stands twice in one object; keep one of them")
    );
}

#[test]
fn callers_and_actions_are_one_each() {
    let with = |principal: &str, action: &str| {
        ask(&format!(
            r#"{{"id":1,"request":{{"principal":"{principal}","action":"{action}","resource":"*"}}}}"#
        ))
    };
    let error = |text: &str| format!("{{\"id\":1,\"error\":\"{text}\"}}\n");
    assert_eq!(
        with("arn:aws:iam::11112222333:user/u", "s3:GetObject"),
        error("`/request/principal`: `11112222333` is no account; give its twelve digits")
    );
    assert_eq!(
        with("*", "s3:Get*"),
        error(
            "`/request/action`: `s3:Get*` is a pattern: ask for one action, such as `s3:GetObject`"
        )
    );
    assert_eq!(
        with("*", "s3: GetObject"),
        error(
            "`/request/action`: `s3: GetObject` is no action: take out the spaces and control characters, which no action has"
        )
    );
}
