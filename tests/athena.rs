//! `usage --athena` and `athena`: the SQL is run for real, and its rows are those of the local engine on the same files.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use leastgrant_testing::corpus;
use serde_json::{Value, json};

use crate::servers::{Server, with_credentials};
use crate::support::{NOW, Ran, Sandbox, account_json, report};

const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";
const ORGANIZATION: &str = "o-exampleorg1";
/// Before all events here.
const SINCE: &str = "2023-01-01";

/// A record of a user's long-term key; `id` makes its event id.
fn record(id: u32, source: &str, name: &str, time: &str) -> Value {
    json!({
        "eventVersion": "1.10", "eventID": format!("00000000-0000-4000-8000-{id:012}"), "eventTime": time,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli|2", "eventType": "AwsApiCall", "eventCategory": "Management",
        "recipientAccountId": ACCOUNT, "requestParameters": null, "requestID": format!("request-{id}"),
        "userIdentity": {
            "type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/team/ann"), "accountId": ACCOUNT,
            "principalId": "AIDAEXAMPLE", "accessKeyId": "AKIAEXAMPLE", "userName": "ann",
        },
    })
}

fn session(account: &str, role: &str, session: &str) -> Value {
    json!({
        "type": "AssumedRole", "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"), "accountId": account,
        "principalId": format!("AROAEXAMPLE:{session}"), "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "attributes": {"mfaAuthenticated": "false"},
            "sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{account}:role/ci/{role}"), "accountId": account},
        },
    })
}

fn packed(records: &[Value]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let text = json!({ "Records": records }).to_string();
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Puts a file where a trail delivers it; `owner` is the account, or the organization and the account.
fn deliver(sandbox: &Sandbox, owner: &str, region: &str, day: &str, name: &str, records: &[Value]) {
    let path = format!("buckets/logs/AWSLogs/{owner}/CloudTrail/{region}/{day}/{name}.json.gz");
    sandbox.write(&path, packed(records));
}

/// Makes the table `trail.logs` by the statement that `athena ddl` prints.
fn define(sandbox: &Sandbox, arguments: &[&str]) {
    let usual = [
        "athena",
        "ddl",
        "--table",
        "trail.logs",
        "--location",
        "s3://logs",
    ];
    let ran = sandbox.run(&[&usual, arguments].concat()).expect_code(0);
    sandbox.write("tables/logs.sql", ran.stdout);
}

fn serve(sandbox: &Sandbox, switches: &[&str]) -> Option<Server> {
    let folder = sandbox.path("");
    let mut arguments: Vec<&Path> = vec![&folder];
    arguments.extend(switches.iter().map(Path::new));
    Server::start("athena", &arguments)
}

fn ask(sandbox: &Sandbox, server: &Server, arguments: &[&str]) -> Ran {
    let output = with_credentials(sandbox)
        .args(["usage", "--endpoint-url", server.url()])
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The calls that the server was asked, in order.
fn calls(sandbox: &Sandbox) -> Vec<Value> {
    let text = std::fs::read_to_string(sandbox.path("calls.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn names_of_calls(sandbox: &Sandbox) -> Vec<String> {
    let mut names: Vec<String> = calls(sandbox)
        .iter()
        .map(|call| call["operation"].as_str().unwrap().to_owned())
        .collect();
    names.dedup();
    names
}

/// Both engines on the same files and window; gives the summaries that they have in common.
#[track_caller]
fn same_rows(sandbox: &Sandbox, server: &Server, window: &[&str]) -> (String, Value) {
    let counts = |file: &str| -> Value {
        let summary: Value = serde_json::from_str(&sandbox.read(file)).unwrap();
        let names = [
            "events",
            "duplicates",
            "without_event_id",
            "resources_folded",
            "first_event",
            "last_event",
        ];
        names
            .iter()
            .map(|name| (*name, summary[*name].clone()))
            .collect()
    };
    let usual = ["--athena", "trail.logs", "--summary", "athena.json"];
    let by_athena = ask(sandbox, server, &[&usual[..], window].concat()).expect_code(0);
    let usual = ["usage", "--logs", "buckets/logs", "--summary", "local.json"];
    let locally = sandbox.run(&[&usual[..], window].concat()).expect_code(0);
    for (own, other) in by_athena.stdout.lines().zip(locally.stdout.lines()) {
        assert_eq!(own, other);
    }
    assert_eq!(by_athena.stdout, locally.stdout);
    assert_eq!(counts("athena.json"), counts("local.json"));
    (by_athena.stdout, counts("athena.json"))
}

/// Every kind of record that rows depend on, in two accounts of an organization.
fn odd_records() -> (Vec<Value>, Vec<Value>) {
    let mut own = Vec::new();
    let mut others = Vec::new();
    let time = "2024-03-05T10:00:00Z";
    let mut add = |change: &dyn Fn(&mut Value)| {
        let number = u32::try_from(own.len()).unwrap();
        let mut record = record(100 + number, "s3", "ListBuckets", time);
        change(&mut record);
        own.push(record);
    };
    // Identities.
    for number in 0..4 {
        add(&|record| {
            record["userIdentity"] = session(ACCOUNT, "deploy", &format!("run-{number}"))
        });
    }
    for identity in [
        json!({"type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/old/x"), "sessionContext": {}}),
        json!({"type": "Root", "arn": format!("arn:aws:iam::{ACCOUNT}:root"), "accountId": ACCOUNT, "principalId": ACCOUNT}),
        json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
        json!({"type": "AWSService", "principalId": "odd.amazonaws.com"}),
        json!({"type": "", "invokedBy": "ec2.amazonaws.com"}),
        json!({"invokedBy": "ec2.amazonaws.com"}),
        json!({"type": "AWSAccount", "principalId": "AIDAOTHER", "accountId": OTHER_ACCOUNT}),
        json!({"type": "WebIdentityUser", "principalId": "accounts.google.com:app:7", "userName": "7"}),
        json!({"type": "SAMLUser", "principalId": "x:bob", "userName": "bob"}),
        json!({"type": "IdentityCenterUser", "principalId": "p", "onBehalfOf": {"userId": "u-1", "identityStoreArn": "arn"}}),
        json!({"type": "FederatedUser", "arn": format!("arn:aws:sts::{ACCOUNT}:federated-user/f"), "accountId": ACCOUNT,
               "sessionContext": {"sessionIssuer": {"arn": format!("arn:aws:iam::{ACCOUNT}:user/ann")}}}),
        json!({"type": "IAMUser", "userName": "without-arn", "accountId": ACCOUNT}),
        json!({"type": "Sorcerer", "arn": "arn:x"}),
        Value::Null,
    ] {
        add(&|record| record["userIdentity"] = identity.clone());
    }
    // Sessions that do not tell their role: one of a call that is here, and one of none.
    for number in 0..2 {
        add(&|record| {
            record["userIdentity"] = session(ACCOUNT, "bare", "x");
            record["userIdentity"]["accessKeyId"] = format!("ASIASESSION{number}").into();
            record["userIdentity"]["sessionContext"] = json!({"sessionIssuer": {}});
        });
    }
    add(&|record| {
        record["eventSource"] = "sts.amazonaws.com".into();
        record["eventName"] = "AssumeRole".into();
        record["requestParameters"] = json!({"roleArn": format!("arn:aws:iam::{ACCOUNT}:role/with/path/bare"), "roleSessionName": "x"});
        record["responseElements"] =
            json!({"credentials": {"accessKeyId": "ASIASESSION1", "expiration": "x"}});
    });
    for name in ["errorCode", "ErrorCode", "error"] {
        add(&|record| record["responseElements"] = json!({name: "AccessDenied", "message": "no"}));
    }
    for answer in [json!("Failure"), json!("Success"), json!({"Failure": 1})] {
        add(&|record| {
            record["eventSource"] = "signin.amazonaws.com".into();
            record["eventName"] = "ConsoleLogin".into();
            record["responseElements"] = json!({"ConsoleLogin": answer});
        });
    }
    // What was asked.
    let ask = |source: &str, name: &str, parameters: Value| {
        (
            format!("{source}.amazonaws.com"),
            name.to_owned(),
            parameters,
        )
    };
    let role = format!("arn:aws:iam::{ACCOUNT}:role/passed");
    for (source, name, parameters) in [
        ask(
            "s3",
            "GetObject",
            json!({"bucketName": "b", "key": "k,\"1\"\nä", "versionId": "v1", "x-id": "GetObject"}),
        ),
        ask("s3", "GetObject", json!({"bucketName": "b", "key": "***"})),
        ask(
            "s3",
            "PutObject",
            json!({"bucketName": "b", "key": "k", "x-amz-acl": "private", "x-amz-tagging": ""}),
        ),
        ask("s3", "PutObject", json!({"bucketName": 7, "key": ["k"]})),
        ask(
            "s3",
            "PutBucketAcl",
            json!({"bucketName": "b", "AccessControlPolicy": {"a": [1, 2]}}),
        ),
        ask(
            "lambda",
            "CreateFunction20150331",
            json!({"functionName": "f", "role": role}),
        ),
        ask(
            "lambda",
            "GetFunction20150331v2",
            json!({"functionName": "f"}),
        ),
        ask(
            "cloudformation",
            "CreateStack",
            json!({"stackName": "s", "roleARN": role}),
        ),
        ask(
            "ec2",
            "RunInstances",
            json!({"iamInstanceProfile": {"name": "p"}, "tagSpecificationSet": {"items": [{"x": 1}]}}),
        ),
        ask(
            "sts",
            "AssumeRole",
            json!({"roleArn": role, "roleSessionName": "s-1", "tags": [{"key": "a"}]}),
        ),
        ask(
            "sts",
            "AssumeRole",
            json!({"roleArn": role, "roleSessionName": "s-2", "sourceIdentity": "ann", "tags": []}),
        ),
        ask("nobody-knows", "DoThings", json!({"a": 1})),
        ask("s3", "getobject", json!({})),
    ] {
        add(&|record| {
            record["eventSource"] = source.clone().into();
            record["eventName"] = name.clone().into();
            record["requestParameters"] = parameters.clone();
        });
    }
    // What nobody sends: each is narrowed, or kept whole, alike in SQL and here.
    let arn = format!("arn:aws:s3:::other-{ACCOUNT}");
    for (number, parameters) in [
        json!("text"),
        json!("arn:aws:s3:::b"),
        json!(7.5),
        json!(false),
        json!(["b", {"bucketName": "b"}]),
        json!({"bucketName": ["b"], "BUCKETNAME": "c"}),
        json!({"bucketName": null, "roleArn": {"bucketName": "b"}}),
        json!({"bucketName": "b'; DROP TABLE x --", "roleArn": "\"}{", "keyId": "\\"}),
        json!({"bucketName": "\u{2028}\u{1f512}\t\r\n\u{7f}", "tableName": "ünïcode"}),
        json!({"": "", " ": arn, "a.b": "x", "$[0]": "y", "bucket\"Name": "z", "%": arn}),
        json!({"x": {"y": {"z": arn}}, "bucketName": "b"}),
        json!({"x": arn.replace('a', "A"), "y": "x".repeat(5000)}),
        json!({"createBucketRequest": {"bucketName": "b"}, "x": 1}),
        json!({"items": [{"bucketName": "b"}], "tag": "x", "content": 1}),
        json!({"x": 9_007_199_254_740_993_i64, "y": 1e300, "z": -0.0, "keyId": 1}),
    ]
    .into_iter()
    .enumerate()
    {
        let calls = [
            ("s3", "GetObject"),
            ("sts", "AssumeRole"),
            ("dynamodb", "Scan"),
            ("kms", "Decrypt"),
            ("iam", "PassRole"),
            ("ec2", "RunInstances"),
            ("lambda", "Invoke"),
        ];
        for (source, name) in calls {
            add(&|record| {
                record["eventSource"] = format!("{source}.amazonaws.com").into();
                record["eventName"] =
                    format!("{name}{}", if number % 5 == 4 { "20250101" } else { "" }).into();
                record["requestParameters"] = parameters.clone();
            });
        }
    }
    add(&|record| {
        record["eventSource"] = "kms.amazonaws.com".into();
        record["eventName"] = "ReEncrypt".into();
        let arn = |key: u32| format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/k{key}");
        record["resources"] = json!([{"ARN": arn(1), "accountId": ACCOUNT, "type": "AWS::KMS::Key"}, {"ARN": arn(2)}, {"accountId": ACCOUNT}]);
    });
    // What became of it, and from where.
    for code in [
        "AccessDenied",
        "Client.UnauthorizedOperation",
        "NoSuchKey",
        "ExpiredToken",
        "",
    ] {
        add(&|record| record["errorCode"] = code.into());
    }
    for number in 0..25 {
        add(&|record| {
            record["sourceIPAddress"] = format!("203.0.113.{number}").into();
            record["userAgent"] = ["a\"b,c\nd", "|%…", "", "é"][number % 4].into();
            record["vpcEndpointId"] = ["vpce-1", "vpce-2"][number % 2].into();
            record["eventTime"] = format!("2024-03-{:02}T23:59:59Z", number % 9 + 1).into();
        });
    }
    add(&|record| record["eventType"] = "AwsServiceEvent".into());
    add(&|record| record["eventType"] = "AwsConsoleSignIn".into());
    add(&|record| {
        record["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com".into();
        record["sourceIPAddress"] = "cloudformation.amazonaws.com".into();
    });
    add(&|record| record["recipientAccountId"] = Value::Null);
    // Copies: alike, and not.
    let copies = own.clone();
    own.extend(copies.into_iter().step_by(3));
    let mut denied = record(900, "s3", "ListBuckets", time);
    own.push(denied.clone());
    denied["errorCode"] = "AccessDenied".into();
    own.push(denied);
    // Without an id: each is one.
    for _ in 0..3 {
        let mut without = record(901, "iam", "ListUsers", time);
        without.as_object_mut().unwrap().remove("eventID");
        own.push(without.clone());
        without["eventID"] = "".into();
        others.push(without);
    }
    // Calls that both accounts received a record of: three with the same answer, one that only the other account has, one with
    // a copy that has lost what it shares, and one that was delivered twice to each.
    for number in 0..6 {
        let mut call = record(1000 + number, "sts", "AssumeRole", time);
        call["sharedEventID"] = format!("shared-{number}").into();
        call["requestParameters"] = json!({"roleArn": format!("arn:aws:iam::{OTHER_ACCOUNT}:role/target"), "roleSessionName": format!("s{number}")});
        let mut received = call.clone();
        received["eventID"] = format!("of-the-other-{number}").into();
        received["recipientAccountId"] = OTHER_ACCOUNT.into();
        received["userIdentity"] =
            json!({"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDAEXAMPLE"});
        if number != 3 {
            own.push(call.clone());
        }
        if number == 4 {
            call.as_object_mut().unwrap().remove("sharedEventID");
            own.push(call.clone());
        }
        others.push(received.clone());
        if number == 5 {
            own.push(call);
            others.push(received);
        }
    }
    let mut insight = record(999, "s3", "ListBuckets", time);
    insight["eventType"] = "AwsCloudTrailInsight".into();
    insight["eventCategory"] = "Insight".into();
    own.push(insight);
    (own, others)
}

#[test]
fn rows_are_those_of_the_local_engine_byte_for_byte() {
    let sandbox = Sandbox::new();
    let (own, others) = odd_records();
    let (own_folder, others_folder) = (
        format!("{ORGANIZATION}/{ACCOUNT}"),
        format!("{ORGANIZATION}/{OTHER_ACCOUNT}"),
    );
    let (one, two) = own.split_at(own.len() / 2);
    deliver(&sandbox, &own_folder, "eu-west-1", "2024/03/05", "one", one);
    deliver(&sandbox, &own_folder, "us-east-1", "2024/03/05", "two", two);
    deliver(
        &sandbox,
        &others_folder,
        "eu-west-1",
        "2024/03/06",
        "three",
        &others,
    );
    define(
        &sandbox,
        &[
            "--organization",
            ORGANIZATION,
            "--accounts",
            ACCOUNT,
            OTHER_ACCOUNT,
        ],
    );
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let (rows, counts) = same_rows(&sandbox, &server, &["--since", SINCE]);
    assert!(rows.lines().count() > 40, "{rows}");
    // Six calls, each once, though five of them have records in both accounts.
    let calls = rows.lines().filter(|row| row.contains(":role/target"));
    let calls: u64 = calls
        .map(|row| row.split(',').nth(10).unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(calls, 6, "{rows}");
    assert_eq!(counts["without_event_id"], 6);
    assert!(
        rows.contains(":role/with/path/bare,role,,s3.amazonaws.com,ListBuckets,"),
        "{rows}"
    );
    for window in [
        ["--since", "2024-03-05", "--until", "2024-03-06"],
        [
            "--since",
            "2024-03-03T23:59:59Z",
            "--until",
            "2024-03-05T10:00:00Z",
        ],
        [
            "--since",
            "2024-03-03T23:59:59.5Z",
            "--until",
            "2024-03-05T10:00:00.1Z",
        ],
        ["--since", "2025-01-01", "--until", "2025-02-01"],
    ] {
        same_rows(&sandbox, &server, &window);
    }
}

#[test]
fn too_many_resources_are_one_row_and_the_result_comes_by_pages_where_the_object_cannot_be_read() {
    let sandbox = Sandbox::new();
    let records: Vec<Value> = (0..2500)
        .map(|number| {
            let mut record = record(number, "s3", "GetObject", "2024-03-05T10:00:00Z");
            let folder = if number < 2000 { "many" } else { "few" };
            record["requestParameters"] =
                json!({"bucketName": "b", "key": format!("{folder}/{}", number % 1700)});
            record["userIdentity"] = session(ACCOUNT, folder, &format!("s-{number}"));
            record
        })
        .collect();
    deliver(
        &sandbox,
        ACCOUNT,
        "eu-west-1",
        "2024/03/05",
        "one",
        &records,
    );
    define(&sandbox, &["--accounts", ACCOUNT]);
    for switch in ["none", "deny-object"] {
        let Some(server) = serve(&sandbox, &[switch]) else {
            return;
        };
        let (rows, counts) = same_rows(&sandbox, &server, &["--since", SINCE]);
        assert!(
            rows.contains("arn:aws:s3:::b/many/*,eu-west-1,allowed,2000,"),
            "{rows}"
        );
        assert_eq!(counts["resources_folded"], 1);
        drop(server);
    }
    let pages = calls(&sandbox)
        .into_iter()
        .filter(|call| call["operation"] == "GetQueryResults");
    assert_eq!(pages.count(), 3, "2,200 rows and a header");
    let Some(server) = serve(&sandbox, &["deny-object"]) else {
        return;
    };
    let ran = ask(
        &sandbox,
        &server,
        &["--athena", "trail.logs", "--since", SINCE],
    )
    .expect_code(0);
    assert!(
        ran.stderr.contains("the result was read by pages"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("Athena scanned "), "{}", ran.stderr);
}

#[test]
fn real_logs_give_the_rows_of_the_local_engine() {
    let Some(tree) = corpus("cloudtrail/invictus-tree") else {
        return;
    };
    let sandbox = Sandbox::new();
    sandbox.write("buckets/readme", "");
    std::os::unix::fs::symlink(tree.canonicalize().unwrap(), sandbox.path("buckets/logs")).unwrap();
    define(&sandbox, &["--accounts", "123837392027"]);
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let (_, counts) = same_rows(&sandbox, &server, &["--since", SINCE]);
    assert_eq!(counts["events"], 2900);
    same_rows(
        &sandbox,
        &server,
        &[
            "--since",
            "2023-07-10T12:00:00Z",
            "--until",
            "2023-07-10T12:05:00Z",
        ],
    );
}

/// A sandbox with one event, the table of its account, and a server.
fn with_one_event(switches: &[&str]) -> Option<(Sandbox, Server)> {
    let sandbox = Sandbox::new();
    let mut denied = record(2, "iam", "ListUsers", "2024-03-05T11:00:00Z");
    denied["errorCode"] = "AccessDenied".into();
    denied["errorMessage"] = "no".into();
    let records = [
        record(1, "s3", "ListBuckets", "2024-03-05T10:00:00Z"),
        denied,
    ];
    deliver(
        &sandbox,
        ACCOUNT,
        "eu-west-1",
        "2024/03/05",
        "one",
        &records,
    );
    deliver(
        &sandbox,
        ACCOUNT,
        "eu-west-1",
        "2024/05/05",
        "two",
        &records,
    );
    deliver(
        &sandbox,
        ACCOUNT,
        "us-east-1",
        "2024/03/05",
        "three",
        &records,
    );
    define(&sandbox, &["--accounts", ACCOUNT]);
    let server = serve(&sandbox, switches)?;
    Some((sandbox, server))
}

const ONE_DAY: [&str; 6] = [
    "--athena",
    "trail.logs",
    "--since",
    "2024-03-05",
    "--until",
    "2024-03-06",
];

#[test]
fn only_partitions_of_the_window_are_scanned_and_the_cost_is_told() {
    let Some((sandbox, server)) = with_one_event(&[]) else {
        return;
    };
    let scanned = |arguments: &[&str]| -> u64 {
        let ran = ask(&sandbox, &server, &[&ONE_DAY[..], arguments].concat()).expect_code(0);
        assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
        let line = ran
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("Athena scanned "));
        let (bytes, rest) = line.unwrap().split_once(' ').unwrap();
        assert_eq!(rest, "bytes: about $0.0001 at $5 a terabyte, by estimate");
        bytes.parse().unwrap()
    };
    let size = |path: &str| {
        let path = sandbox.path(&format!(
            "buckets/logs/AWSLogs/{ACCOUNT}/CloudTrail/{path}.json.gz"
        ));
        std::fs::metadata(path).unwrap().len()
    };
    let (one, three) = (
        size("eu-west-1/2024/03/05/one"),
        size("us-east-1/2024/03/05/three"),
    );
    assert_eq!(scanned(&[]), one + three);
    assert_eq!(scanned(&["--regions", "us-east-1"]), three);
    assert_eq!(
        scanned(&[
            "--workgroup",
            "audit",
            "--output-location",
            "s3://results/here/"
        ]),
        one + three
    );
    let start = calls(&sandbox)
        .into_iter()
        .rfind(|call| call["operation"] == "StartQueryExecution");
    let start = start.unwrap();
    assert_eq!(start["WorkGroup"], "audit");
    assert_eq!(
        start["ResultConfiguration"]["OutputLocation"],
        "s3://results/here/"
    );
    let sql = start["QueryString"].as_str().unwrap();
    assert!(
        sql.contains("\"day\" >= '2024/03/04'") && sql.contains("\"day\" <= '2024/03/07'"),
        "{sql}"
    );
    let expected = [
        "GetTableMetadata",
        "StartQueryExecution",
        "GetQueryExecution",
        "s3:GET",
    ];
    assert_eq!(names_of_calls(&sandbox)[..4], expected);
}

#[test]
fn records_whose_time_cannot_be_compared_are_a_gap_as_they_are_locally() {
    let sandbox = Sandbox::new();
    let good = record(1, "s3", "ListBuckets", "2024-03-05T10:00:00Z");
    let mut none = record(2, "s3", "ListBuckets", "");
    none["eventTime"] = Value::Null;
    let records = [
        good.clone(),
        // The same event's other copy has nothing that can be compared.
        record(1, "s3", "ListBuckets", "yesterday"),
        none,
    ];
    deliver(
        &sandbox,
        ACCOUNT,
        "eu-west-1",
        "2024/03/05",
        "one",
        &records,
    );
    define(&sandbox, &["--accounts", ACCOUNT]);
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/credential-report.csv", report(&[]));
    sandbox.collect(0);
    let local = ["usage", "--logs", "buckets/logs", "--since", SINCE];
    let local = sandbox.run(&local).expect_code(3).stdout;
    assert_eq!(local.lines().count(), 2, "{local}");
    let usual = [
        "--athena",
        "trail.logs",
        "--since",
        SINCE,
        "--format",
        "csv",
    ];
    for inventory in [&[][..], &["inv"]] {
        let ran = ask(&sandbox, &server, &[inventory, &usual].concat()).expect_code(3);
        assert_eq!(ran.stdout, local, "{inventory:?}");
        assert!(
            ran.stderr
                .contains("gap: `trail.logs` has 2 records without an `eventtime`"),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("left out as no_time: 2"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_refused_description_is_no_failure() {
    let Some((sandbox, server)) = with_one_event(&["deny-metadata"]) else {
        return;
    };
    let ran = ask(&sandbox, &server, &ONE_DAY).expect_code(0);
    assert_eq!(ran.stdout.lines().count(), 3);
    assert!(
        ran.stderr.starts_with("the table's description could not be read, so its columns were taken as documented (athena:GetTableMetadata: AccessDeniedException"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_query_that_scans_too_much_is_stopped() {
    let Some((sandbox, server)) = with_one_event(&["slow"]) else {
        return;
    };
    let ran = ask(
        &sandbox,
        &server,
        &[&ONE_DAY[..], &["--max-scan-bytes", "10"]].concat(),
    )
    .expect_code(2);
    assert!(
        ran.stderr.contains(
            " bytes scanned, which is more than `--max-scan-bytes 10`: ask for less time"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(
        names_of_calls(&sandbox).last().unwrap(),
        "StopQueryExecution"
    );
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_query_that_was_over_before_it_could_be_stopped_is_used() {
    let Some((sandbox, server)) = with_one_event(&[]) else {
        return;
    };
    // Nothing is scanned at the first look, and the second is the limit's.
    let ran = ask(
        &sandbox,
        &server,
        &[&ONE_DAY[..], &["--max-scan-bytes", "1000000"]].concat(),
    )
    .expect_code(0);
    assert!(!ran.stderr.contains("--max-scan-bytes"), "{}", ran.stderr);
}

#[test]
fn an_interrupt_stops_the_query_at_aws() {
    let Some((sandbox, server)) = with_one_event(&["slow"]) else {
        return;
    };
    let mut child = with_credentials(&sandbox)
        .args(["usage", "--endpoint-url", server.url()])
        .args(ONE_DAY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let is_running = || {
        names_of_calls(&sandbox)
            .iter()
            .any(|call| call == "GetQueryExecution")
    };
    while !is_running() {
        assert_eq!(child.try_wait().unwrap(), None, "the query was not started");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.starts_with("stopped the query `")
            && said.contains("\ninterrupted: ")
            && said.lines().filter(|line| !line.is_empty()).count() == 2,
        "{said}"
    );
    assert!(output.stdout.is_empty());
    assert!(names_of_calls(&sandbox).contains(&"StopQueryExecution".to_owned()));
}

#[test]
fn what_athena_refuses_is_told_with_what_to_do() {
    let Some((sandbox, server)) = with_one_event(&["no-output"]) else {
        return;
    };
    let said = |arguments: &[&str]| ask(&sandbox, &server, arguments).expect_code(2).stderr;
    insta::assert_snapshot!(said(&ONE_DAY), @"error: the workgroup `primary` has no place for results: name one by `--output-location s3://BUCKET/PREFIX/` (InvalidRequestException: No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.)");
    insta::assert_snapshot!(said(&["--athena", "trail.missing"]), @"error: there is no table `trail.missing`: MetadataException: EntityNotFoundException: Table trail.missing not found.; `leastgrant athena ddl --table trail.missing` prints one to make, and Athena lists those that there are");
    insta::assert_snapshot!(said(&[&ONE_DAY[..], &["--partition", "day=timestamp"]].concat()), @"error: `trail.logs` has no partition column `timestamp`, so that a query would read all of it; its partition columns are `day`, `region`: name that of the days (`yyyy/MM/dd`) by `--partition day=COLUMN`, or make a table by `leastgrant athena ddl`");
    insta::assert_snapshot!(said(&[&ONE_DAY[..], &["--accounts", ACCOUNT]].concat()), @"error: `trail.logs` has no partition column `account`, so that `--accounts` cannot be asked for; its partition columns are `day`, `region`: name that one by `--partition account=COLUMN`");
    drop(server);
    let Some(server) = serve(&sandbox, &["deny-metadata"]) else {
        return;
    };
    let said = |arguments: &[&str]| {
        let said = ask(&sandbox, &server, arguments).expect_code(2).stderr;
        said.split_once("error: ")
            .map(|(_, error)| error.to_owned())
    };
    insta::assert_snapshot!(said(&["--athena", "trail.missing"]).unwrap_or_default(), @"there is no table `trail.missing`: TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.trail.missing' does not exist; `leastgrant athena ddl --table trail.missing` prints one to make, and Athena lists those that there are");
    insta::assert_snapshot!(said(&[&ONE_DAY[..], &["--partition", "day=timestamp"]].concat()).unwrap_or_default(), @"`trail.logs` is not as AWS documents it: COLUMN_NOT_FOUND: line 1:1: Column 'timestamp' cannot be resolved; name its partition columns by `--partition NAME=COLUMN`, or make a table by `leastgrant athena ddl`");
    drop(server);
    let Some(server) = serve(&sandbox, &["broken"]) else {
        return;
    };
    let broken = ask(&sandbox, &server, &ONE_DAY).expect_code(2).stderr;
    assert!(
        broken.contains(
            "` failed: HIVE_BAD_DATA: a file is damaged; `leastgrant athena sql usage` prints it"
        ),
        "{broken}"
    );
    drop(server);
    let Some(server) = serve(&sandbox, &["lost"]) else {
        return;
    };
    let cut = ask(&sandbox, &server, &ONE_DAY).expect_code(2).stderr;
    assert!(
        cut.contains("the result of the query cannot be used: "),
        "{cut}"
    );
}

#[test]
fn an_organizations_table_can_demand_accounts() {
    let sandbox = Sandbox::new();
    let records = [record(1, "s3", "ListBuckets", "2024-03-05T10:00:00Z")];
    for account in [ACCOUNT, OTHER_ACCOUNT] {
        let owner = format!("{ORGANIZATION}/{account}");
        deliver(&sandbox, &owner, "eu-west-1", "2024/03/05", "one", &records);
    }
    define(
        &sandbox,
        &[
            "--organization",
            ORGANIZATION,
            "--regions",
            "eu-west-1",
            "--since",
            "2024-01-01",
        ],
    );
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let ran = ask(&sandbox, &server, &ONE_DAY).expect_code(2);
    insta::assert_snapshot!(ran.stderr, @"error: `trail.logs` demands the values of its partition column `account` in each query: give them by `--accounts`");
    let both = format!("{ACCOUNT},{OTHER_ACCOUNT}");
    for (accounts, duplicates) in [(ACCOUNT, 0), (&*both, 1)] {
        let arguments = ["--accounts", accounts, "--summary", "summary.json"];
        ask(&sandbox, &server, &[&ONE_DAY[..], &arguments].concat()).expect_code(0);
        let summary: Value = serde_json::from_str(&sandbox.read("summary.json")).unwrap();
        assert_eq!(summary["duplicates"], duplicates);
    }
}

#[test]
fn hostile_names_never_get_into_sql() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["usage", "--athena", "a.b\"; DROP TABLE x --"][..],
        &["usage", "--athena", "a"],
        &[
            "usage",
            "--athena",
            "a.b",
            "--partition",
            "day=\"x\" OR 1=1",
        ],
        &["usage", "--athena", "a.b", "--partition", "hour=h"],
        &["usage", "--athena", "a.b", "--accounts", "1' OR '1'='1"],
        &["usage", "--athena", "a.b", "--regions", "eu-west-1') --"],
        &["athena", "sql", "usage", "--table", "a.`b`"],
        &[
            "athena",
            "sql",
            "principal-history",
            "--principal",
            "x' OR 'a'='a",
        ],
        &["athena", "sql", "principal-history"],
        &["athena", "sql", "denied", "--since", "' --"],
        &[
            "athena",
            "ddl",
            "--location",
            "s3://b'",
            "--accounts",
            ACCOUNT,
        ],
        &[
            "athena",
            "ddl",
            "--location",
            "s3://bucket/${x}",
            "--accounts",
            ACCOUNT,
        ],
        &[
            "athena",
            "ddl",
            "--location",
            "s3://bucket",
            "--organization",
            "o-'",
        ],
        &["athena", "ddl", "--location", "s3://bucket"],
        &[
            "athena",
            "ddl",
            "--location",
            "s3://bucket",
            "--accounts",
            ACCOUNT,
            OTHER_ACCOUNT,
        ],
        &["usage", "--logs", "x", "--workgroup", "w"],
    ] {
        let ran = sandbox.run(arguments).expect_code(2);
        assert!(
            ran.stdout.is_empty() && ran.stderr.starts_with("error: "),
            "{}",
            ran.stderr
        );
    }
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/it's");
    let ran = sandbox.run(&["athena", "sql", "principal-history", "--principal", &arn]);
    assert!(ran.expect_code(0).stdout.contains(":role/it''s' OR "));
}

/// Asks the server itself.
fn call(server: &Server, operation: &str, body: &Value) -> Value {
    let address = server.url().trim_start_matches("http://");
    let mut connection = std::net::TcpStream::connect(address).unwrap();
    let body = body.to_string();
    write!(
        connection,
        "POST / HTTP/1.1\r\nHost: {address}\r\nX-Amz-Target: AmazonAthena.{operation}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Runs a statement by hand, as somebody who pastes it; gives the rows, the header first.
fn pasted(server: &Server, sql: &str) -> Vec<Vec<String>> {
    let context = json!({"Database": "trail"});
    let started = call(
        server,
        "StartQueryExecution",
        &json!({"QueryString": sql, "QueryExecutionContext": context}),
    );
    let mut ended = Value::Null;
    for _ in 0..3 {
        ended = call(server, "GetQueryExecution", &started);
    }
    assert_eq!(
        ended["QueryExecution"]["Status"]["State"], "SUCCEEDED",
        "{ended}"
    );
    let page = call(server, "GetQueryResults", &started);
    let rows = page["ResultSet"]["Rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let values = row["Data"].as_array().unwrap().iter();
        values
            .map(|value| value["VarCharValue"].as_str().unwrap_or("NULL").to_owned())
            .collect()
    })
    .collect()
}

#[test]
fn all_queries_run_as_they_are_printed() {
    let sandbox = Sandbox::new();
    let (own, others) = odd_records();
    deliver(
        &sandbox,
        &format!("{ORGANIZATION}/{ACCOUNT}"),
        "eu-west-1",
        "2024/03/05",
        "one",
        &own,
    );
    deliver(
        &sandbox,
        &format!("{ORGANIZATION}/{OTHER_ACCOUNT}"),
        "eu-west-1",
        "2024/03/05",
        "two",
        &others,
    );
    define(
        &sandbox,
        &[
            "--organization",
            ORGANIZATION,
            "--accounts",
            ACCOUNT,
            OTHER_ACCOUNT,
        ],
    );
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let run = |name: &str, arguments: &[&str]| {
        let usual = [
            "athena",
            "sql",
            name,
            "--table",
            "trail.logs",
            "--since",
            SINCE,
        ];
        let sql = sandbox
            .run(&[&usual[..], arguments].concat())
            .expect_code(0)
            .stdout;
        pasted(&server, &sql)
    };
    let column = |rows: &[Vec<String>], name: &str| -> Vec<String> {
        let place = rows[0].iter().position(|column| column == name).unwrap();
        rows.iter().skip(1).map(|row| row[place].clone()).collect()
    };
    let sum = |rows: &[Vec<String>], name: &str| -> u64 {
        column(rows, name)
            .iter()
            .map(|value| value.parse::<u64>().unwrap())
            .sum()
    };
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../queries/athena");
    let mut ran = 0;
    for entry in std::fs::read_dir(queries).unwrap() {
        let entry = entry.unwrap();
        // Parts run within the queries that they are of.
        if entry.file_type().unwrap().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let rows = match name.as_str() {
            // The server has made its table by one of these.
            "table-organization.sql" | "table-account.sql" => continue,
            "principal-history.sql" => {
                let role = format!("arn:aws:iam::{ACCOUNT}:role/ci/deploy");
                let rows = run("principal-history", &["--principal", &role]);
                assert_eq!((rows.len(), sum(&rows, "calls")), (2, 4));
                rows
            }
            name => run(name.trim_end_matches(".sql"), &[]),
        };
        assert!(rows.len() > 1, "{name}");
        ran += 1;
        match name.as_str() {
            "key-origin.sql" => {
                assert_eq!(column(&rows, "access_key_id"), ["AKIAEXAMPLE"]);
                assert!(
                    column(&rows, "source_ips")[0].starts_with("198.51.100.7 | 203.0.113.0 | ")
                );
            }
            "denied.sql" => assert_eq!(sum(&rows, "calls"), 3),
            _ => {}
        }
    }
    assert_eq!(ran, 5);
    // Both questions about usage have the same groups, and the ids are as many as the records.
    let (counted, listed) = (run("usage", &[]), run("usage-events", &[]));
    let groups = |rows: &[Vec<String>]| -> std::collections::BTreeSet<Vec<String>> {
        rows.iter().skip(1).map(|row| row[..17].to_vec()).collect()
    };
    assert_eq!(groups(&counted), groups(&listed));
    assert_eq!(sum(&counted, "records"), sum(&listed, "records"));
    let ids = column(&listed, "record_ids");
    let ids: Vec<[Option<String>; 3]> = ids
        .iter()
        .flat_map(|ids| serde_json::from_str::<Vec<[Option<String>; 3]>>(ids).unwrap())
        .collect();
    assert_eq!(u64::try_from(ids.len()).unwrap(), sum(&listed, "records"));
    let told = ids
        .iter()
        .filter_map(|[id, ..]| id.as_deref())
        .filter(|id| !id.is_empty());
    let distinct: std::collections::BTreeSet<&str> = told.collect();
    let without = ids.iter().filter(|[.., text]| text.is_some()).count();
    assert_eq!(
        u64::try_from(distinct.len() + without).unwrap(),
        sum(&counted, "events")
    );
}

#[test]
fn an_older_table_with_other_partitions_does_as_well() {
    let Some((sandbox, server)) = with_one_event(&[]) else {
        return;
    };
    drop(server);
    // As AWS's documentation has it: the days of one Region, called `timestamp`; and as it had it, with fewer columns.
    let table = sandbox.read("tables/logs.sql");
    let without = |line: &&str| {
        !line.contains("onbehalfof")
            && !line.contains("eventcategory")
            && !line.contains(".region.")
    };
    let table: Vec<&str> = table.lines().filter(without).collect();
    let table = table
        .join("\n")
        .replace("(region string, day string)", "(`timestamp` string)")
        .replace(".day.", ".timestamp.")
        .replace("${region}/${day}", "eu-west-1/${timestamp}");
    sandbox.write("tables/logs.sql", &table);
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let ran = ask(
        &sandbox,
        &server,
        &[&ONE_DAY[..], &["--partition", "day=timestamp"]].concat(),
    )
    .expect_code(0);
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    let sql = calls(&sandbox)
        .into_iter()
        .rfind(|call| call["operation"] == "StartQueryExecution");
    let sql = sql.unwrap()["QueryString"].as_str().unwrap().to_owned();
    assert!(
        sql.contains("\"timestamp\" >= '2024/03/04'") && !sql.contains("eventcategory"),
        "{sql}"
    );
    drop(server);
    sandbox.write(
        "tables/logs.sql",
        table.replace("'yyyy/MM/dd'", "'dd/MM/yyyy'"),
    );
    let Some(server) = serve(&sandbox, &[]) else {
        return;
    };
    let ran = ask(
        &sandbox,
        &server,
        &[&ONE_DAY[..], &["--partition", "day=timestamp"]].concat(),
    )
    .expect_code(2);
    assert!(
        ran.stderr
            .contains("written as `dd/MM/yyyy`, which does not sort by time"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_inventory_counts_an_event_once_whatever_engine_told_it() {
    let Some((sandbox, server)) = with_one_event(&[]) else {
        return;
    };
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/credential-report.csv", report(&[]));
    sandbox.collect(0);
    let usual = ["inv", "--format", "csv", "--since", SINCE];
    let by_athena = || {
        let arguments = [&usual[..], &["--athena", "trail.logs"]].concat();
        ask(&sandbox, &server, &arguments).expect_code(0)
    };
    let first = by_athena();
    assert!(
        first.stderr.contains("read 2 events, and 4 records"),
        "{}",
        first.stderr
    );
    assert_eq!(first.stdout.lines().count(), 3);
    let second = by_athena();
    assert!(
        second.stderr.contains("read 0 events, and 6 records"),
        "{}",
        second.stderr
    );
    assert_eq!(second.stdout, first.stdout);
    let arguments = [&["usage"][..], &usual, &["--logs", "buckets/logs"]].concat();
    assert_eq!(sandbox.run(&arguments).expect_code(0).stdout, first.stdout);
}
