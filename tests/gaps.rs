//! Broken, unknown and refused files: what is said of them, and that the rest is read.

use leastgrant_inventory::tables::{AccessKeyRow, UserRow};

use crate::support::{
    ACCOUNT, NOW, ReportRow, Sandbox, account_json, key_list, report, with_report,
};

const OLD: &str = "2020-01-01T00:00:00Z";

#[test]
fn each_broken_file_is_named_with_its_place_and_the_rest_is_read() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.write(
        "bundle/cut.json",
        "{\n \"UserDetailList\": [\n  {\"UserName\"",
    );
    sandbox.write("bundle/empty.json", "");
    sandbox.write("bundle/latin1.json", b"{\"a\":\n\"\xe9\"}");
    sandbox.write("bundle/lines.json", "{\"a\":1}\n{\"b\":2}\n");
    sandbox.write("bundle/cut.json.gz", [0x1f, 0x8b, 8, 0, 0]);
    sandbox.write("bundle/notes.md", "# notes");
    sandbox.write("bundle/null.json", "null\n");
    sandbox.write("bundle/nothing.json", "[]");
    sandbox.write("bundle/other.json", r#"{"Hello":1,"World":2}"#);
    sandbox.write("bundle/wrong-type.json", format!(r#"{{"UserDetailList":[{{"UserName":"x","Arn":"arn:aws:iam::{ACCOUNT}:user/x","CreateDate":true}},{{"UserName":"y","Arn":"arn:aws:iam::{ACCOUNT}:user/y"}}]}}"#));
    sandbox.collect(3);
    insta::assert_snapshot!(sandbox.gaps().join("\n"), @"
    bundle/cut.json.gz: the gzip data cannot be unfolded: unexpected end of file; export it again
    bundle/cut.json:3:13: is not whole JSON: EOF while parsing an object; export it again
    bundle/empty.json: is empty; the command that wrote it failed, so export it again
    bundle/latin1.json:2: is not UTF-8; export it again with UTF-8 output
    bundle/lines.json:2:1: is not whole JSON: more than one JSON value follow each other (JSON Lines?); export it again
    bundle/notes.md: is neither JSON nor a credential report; export it again if a command was to write it, or else remove it from the bundle
    bundle/nothing.json#: the list is empty: the command that wrote it, or its `--query`, found nothing; export the whole answer
    bundle/null.json: holds `null`: the command that wrote it, or its `--query`, found nothing; export it again
    bundle/other.json: is no answer of AWS that leastgrant reads (it holds `Hello`, `World`); an answer that does not name its owner has to be wrapped with its call, as `leastgrant bundle-script` does
    bundle/wrong-type.json#/UserDetailList/0/CreateDate: cannot be read: invalid type: boolean `true`, expected a date with its offset, such as `2026-01-31T08:00:00Z`, or epoch seconds
    ");
    let users: Vec<_> = sandbox
        .rows::<UserRow>()
        .into_iter()
        .map(|user| user.user_name)
        .collect();
    assert_eq!(users, ["<root_account>", "u", "y"]);
}

#[test]
fn what_a_broken_file_was_to_be_is_told_by_its_beginning() {
    let sandbox = with_report(&[]);
    sandbox.write("bundle/cut.json", "{\"AccessKeyMetadata\": [");
    sandbox.collect(3);
    assert_eq!(
        sandbox.manifest()["gaps"][0]["unknowable"],
        serde_json::json!(["access_keys"])
    );
    assert_eq!(sandbox.manifest()["gaps"][0]["account_id"], ACCOUNT);
}

#[test]
fn kinds_are_recognised_whatever_the_names_of_their_files() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/a.txt", account_json(NOW));
    sandbox.write(
        "bundle/b",
        report(&[ReportRow::user("u", OLD).key(1, "true", OLD, "N/A")]),
    );
    sandbox.write("bundle/c.csv", key_list("u", &[("AKIAONE", "Active", OLD)]));
    sandbox.collect(0);
    assert_eq!(
        sandbox.rows::<AccessKeyRow>()[0].access_key_id.as_deref(),
        Some("AKIAONE")
    );
}

#[test]
fn the_answer_key_cloudtrail_files_and_hidden_files_are_no_gap() {
    let sandbox = with_report(&[]);
    sandbox.write(
        "bundle/truth.json",
        r#"{"schema":"leastgrant.truth/1","findings":[]}"#,
    );
    sandbox.write("bundle/cloudtrail/AWSLogs/x.json.gz", "anything");
    sandbox.write("bundle/events.json", r#"{"Records":[]}"#);
    sandbox.write("bundle/.DS_Store", "anything");
    sandbox.collect(0);
}

#[test]
fn an_error_that_was_recorded_as_a_text_is_a_gap_too() {
    let sandbox = with_report(&[]);
    let wrapped = |error: &str| {
        format!(
            r#"{{"Call":"iam:GetAccountAuthorizationDetails","Parameters":{{}},"Error":{error}}}"#
        )
    };
    sandbox.write("bundle/calls/1.json", wrapped(r#""AccessDenied""#));
    sandbox.write("bundle/calls/2.json", wrapped(r#""it was refused""#));
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/calls/1.json: AWS refused the call: `AccessDenied`",
            "bundle/calls/2.json: AWS refused the call: `UnknownError`: it was refused",
        ]
    );
}

#[test]
fn an_error_that_the_cli_wrote_into_the_file_is_a_refused_call() {
    let sandbox = with_report(&[]);
    let error = |call: &str| {
        format!(
            "\nAn error occurred (AccessDenied) when calling the {call} operation: User: arn:aws:iam::{ACCOUNT}:user/u is not authorized\n"
        )
    };
    for (name, call) in [
        (
            "authorization-details.json",
            "GetAccountAuthorizationDetails",
        ),
        ("fleet.txt", "DescribeFleet"),
    ] {
        sandbox.write(&format!("bundle/{name}"), error(call));
    }
    sandbox.collect(3);
    let refused = |call: &str| {
        format!(
            "holds the error of `{call}` and no answer: AWS refused the call: `AccessDenied`: User: arn:aws:iam::{ACCOUNT}:user/u is not authorized; mend that and export it again"
        )
    };
    assert_eq!(
        sandbox.gaps(),
        [
            format!(
                "bundle/authorization-details.json: {}",
                refused("iam:GetAccountAuthorizationDetails")
            ),
            format!("bundle/fleet.txt: {}", refused("DescribeFleet")),
        ]
    );
    let gap = &sandbox.manifest()["gaps"][0];
    assert_eq!(gap["error_code"], "AccessDenied");
    assert_eq!(gap["account_id"], ACCOUNT);
    assert_eq!(
        gap["unknowable"],
        serde_json::json!(["authorization_details"])
    );
}

#[test]
fn a_device_is_refused_and_a_link_in_a_circle_is_told() {
    let sandbox = with_report(&[]);
    let ran = sandbox
        .run(&["collect", "--from", "/dev/zero", "--out", "inv"])
        .expect_code(2);
    assert!(
        ran.stderr
            .contains("is no file but a pipe, socket or device"),
        "{}",
        ran.stderr
    );
    std::os::unix::fs::symlink("..", sandbox.path("bundle/circle")).unwrap();
    sandbox.collect(3);
    let gaps = sandbox.gaps();
    assert!(
        gaps[0].contains("circle: is a link to `") && gaps[0].contains("remove the link"),
        "{gaps:?}"
    );
}

#[test]
fn a_refused_call_is_a_gap_and_an_absent_thing_is_a_fact() {
    let sandbox = with_report(&[]);
    let refused = |call: &str, code: &str| {
        format!(
            r#"{{"Call":"{call}","Parameters":{{}},"Error":{{"Code":"{code}","Message":"no"}}}}"#
        )
    };
    sandbox.write(
        "bundle/calls/1.json",
        refused("iam:GetAccountPasswordPolicy", "NoSuchEntity"),
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "weak-password-policy"]),
        ["weak-password-policy root -"]
    );
    sandbox.write(
        "bundle/calls/1.json",
        refused("iam:GetAccountPasswordPolicy", "AccessDenied"),
    );
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        ["bundle/calls/1.json: AWS refused the call: `AccessDenied`: no"]
    );
    assert_eq!(sandbox.manifest()["gaps"][0]["error_code"], "AccessDenied");
    assert!(
        sandbox
            .not_checked()
            .contains(&"weak-password-policy: the password policy was not collected".to_owned())
    );
}

#[test]
fn a_plain_answer_that_does_not_say_whose_it_is_asks_to_be_wrapped() {
    let sandbox = with_report(&[]);
    sandbox.write("bundle/a.json", r#"{"MFADevices":[],"IsTruncated":false}"#);
    sandbox.write(
        "bundle/b.json",
        r#"{"PolicyNames":["x"],"IsTruncated":false}"#,
    );
    sandbox.write("bundle/c.json", r#"{"JobStatus":"COMPLETED","JobCreationDate":"2026-01-01T00:00:00Z","ServicesLastAccessed":[]}"#);
    sandbox.collect(3);
    insta::assert_snapshot!(sandbox.gaps().join("\n"), @r#"
    bundle/a.json#/MFADevices: the list is empty and does not say whose it is; wrap it with its call, as `leastgrant bundle-script` does
    bundle/b.json: is no answer of AWS that leastgrant reads (it holds `IsTruncated`, `PolicyNames`); an answer that does not name its owner has to be wrapped with its call, as `leastgrant bundle-script` does
    bundle/c.json#/Arn: the answer does not say whose it is; add `"Arn"` with the principal's ARN, as `leastgrant bundle-script` does
    "#);
}

#[test]
fn keys_of_a_user_whom_no_list_shows_are_a_gap_and_hold_the_gate() {
    let sandbox = with_report(&[]);
    sandbox.write(
        "bundle/access-keys/ghost.json",
        key_list("ghost", &[("AKIAGHOST", "Active", OLD)]),
    );
    sandbox.collect(3);
    assert_eq!(sandbox.rows::<AccessKeyRow>(), []);
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(3);
}

#[test]
fn a_file_of_an_account_that_cannot_be_told_is_a_gap() {
    let sandbox = Sandbox::new();
    for account in ["111111111111", "222222222222"] {
        let json = format!(
            r#"{{"UserDetailList":[{{"UserName":"u","Arn":"arn:aws:iam::{account}:user/u"}}]}}"#
        );
        sandbox.write(&format!("bundle/{account}.json"), json);
    }
    sandbox.write(
        "bundle/keys.json",
        key_list("u", &[("AKIAONE", "Active", OLD)]),
    );
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/keys.json: it cannot be told which account this is of; put the file into a folder with the account's `account.json` (the answer of `aws sts get-caller-identity`)"
        ]
    );
}

#[test]
fn accounts_lie_side_by_side_and_share_nothing() {
    let sandbox = Sandbox::new();
    for account in ["111111111111", "222222222222"] {
        sandbox.write(
            &format!("bundle/{account}/account.json"),
            account_json(NOW).replace(ACCOUNT, account),
        );
        sandbox.write(
            &format!("bundle/{account}/credential-report.csv"),
            report(&[ReportRow::user("u", OLD).key(1, "true", OLD, "N/A")])
                .replace(ACCOUNT, account),
        );
        let id = format!("AKIA{account}");
        sandbox.write(
            &format!("bundle/{account}/access-keys/u.json"),
            key_list("u", &[(&id, "Active", OLD)]),
        );
    }
    sandbox.collect(0);
    let ids: Vec<_> = sandbox
        .rows::<AccessKeyRow>()
        .into_iter()
        .map(|key| (key.account_id, key.access_key_id.unwrap()))
        .collect();
    assert_eq!(
        ids,
        [
            ("111111111111".to_owned(), "AKIA111111111111".to_owned()),
            ("222222222222".to_owned(), "AKIA222222222222".to_owned())
        ]
    );
}

#[test]
fn the_newer_of_two_answers_wins_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let summary = |principal: &str, at: &str, service: &str| {
        format!(
            r#"{{"Arn":"{principal}","JobStatus":"COMPLETED","JobCompletionDate":"{at}","ServicesLastAccessed":[{{"ServiceNamespace":"{service}"}}]}}"#
        )
    };
    let principal = format!("arn:aws:iam::{ACCOUNT}:user/u");
    sandbox.write(
        "bundle/1.json",
        summary(&principal, "2026-06-02T00:00:00Z", "s3"),
    );
    sandbox.write(
        "bundle/2.json",
        summary(&principal, "2026-06-01T00:00:00Z", "ec2"),
    );
    sandbox.collect(0);
    let services: Vec<_> = sandbox
        .rows::<leastgrant_inventory::tables::LastAccessedServiceRow>()
        .into_iter()
        .map(|row| row.service_namespace)
        .collect();
    assert_eq!(services, ["s3"]);
}

#[test]
fn as_of_overrides_every_date() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox
        .run(&[
            "collect",
            "--from",
            "bundle",
            "--out",
            "inv",
            "--as-of",
            "2025-05-05T05:05:05Z",
        ])
        .expect_code(0);
    assert_eq!(sandbox.manifest()["collected_at"], "2025-05-05T05:05:05Z");
    assert_eq!(sandbox.manifest()["sources"][0]["dated_by"], "argument");
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let sandbox = Sandbox::new();
    sandbox.write("report.csv", report(&[ReportRow::user("u", OLD)]));
    let mut command = sandbox.command();
    command
        .args(["collect", "--from", "-", "--out", "inv"])
        .stdin(std::fs::File::open(sandbox.path("report.csv")).unwrap());
    assert!(command.status().unwrap().success());
    assert_eq!(sandbox.rows::<UserRow>().len(), 2);
}
