//! What people are shown of the use of permissions: in the report, in owners' lists, as CSV, and on standard error.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, ReportRow, Sandbox, account_json, report};
use crate::usage::record;

const NOW: &str = "2026-06-30T12:00:00Z";
const OLD: &str = "2020-01-01T00:00:00Z";

/// A user that may do some things of IAM and S3, and a role that nobody uses.
fn bundle() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let rows = [ReportRow::user("ann", OLD)
        .cell("arn", &format!("arn:aws:iam::{ACCOUNT}:user/team/ann"))
        .key(1, "true", OLD, OLD)];
    sandbox.write("bundle/credential-report.csv", report(&rows));
    let policy = |statements: Value| json!([{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]);
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let details = json!({
        "UserDetailList": [{
            "UserName": "ann", "Path": "/team/", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/team/ann"), "CreateDate": OLD,
            "Tags": [{"Key": "owner", "Value": "blue"}],
            // Two that were used, one of which nothing is seen, and one that is a data event.
            "UserPolicyList": policy(json!([
                {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "iam:ListUsers", "iam:CreateUser", "s3:GetObject", "iam:DeleteUser"], "Resource": "*"},
                {"Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "*"},
            ])),
        }],
        "RoleDetailList": [{
            "RoleName": "idle", "Path": "/", "Arn": format!("arn:aws:iam::{ACCOUNT}:role/idle"), "CreateDate": OLD,
            "AssumeRolePolicyDocument": trust, "RoleLastUsed": {"LastUsedDate": OLD},
            "RolePolicyList": policy(json!({"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"})),
        }],
        "GroupDetailList": [], "Policies": [],
    });
    sandbox.write("bundle/authorization-details.json", details.to_string());
    sandbox
}

/// Calls on each of the first days of April and the months after it.
fn logs(days: i64) -> String {
    let first: jiff::civil::Date = "2026-04-01".parse().unwrap();
    let records: Vec<Value> = (0..days)
        .flat_map(|day| {
            let date = first
                .checked_add(jiff::SignedDuration::from_hours(24 * day))
                .unwrap();
            let id = u32::try_from(day).unwrap() * 2;
            let mut list = record(id, "iam", "ListUsers", &format!("{date}T09:00:00Z"));
            list["awsRegion"] = "us-east-1".into();
            [
                list,
                record(id + 1, "s3", "ListBuckets", &format!("{date}T10:00:00Z")),
            ]
        })
        .collect();
    json!({ "Records": records }).to_string()
}

fn section(page: &str) -> &str {
    let start = page.find("## Use of permissions").expect("the section");
    let end = page[start + 3..]
        .find("\n## ")
        .map(|end| start + 3 + end + 1);
    page[start..end.unwrap_or(page.len())].trim_end()
}

#[test]
fn the_report_owners_and_a_csv_file_tell_what_of_the_granted_actions_was_used() {
    let sandbox = bundle();
    sandbox.write("bundle/cloudtrail/logs.json", logs(91));
    let ran = sandbox
        .run(&["run", "--from", "bundle", "--out", "out"])
        .expect_code(0);
    insta::assert_snapshot!(section(&sandbox.read("out/report.md")), @"");
    insta::assert_snapshot!(section(&sandbox.read("out/owners/blue.md")), @"");
    insta::assert_snapshot!(sandbox.read("out/permission-use.csv").replace('\r', ""), @"");
    let coverage: Vec<&str> = ran
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("logs of"))
        .take(3)
        .collect();
    insta::assert_snapshot!(coverage.join("\n"), @"");
    assert!(coverage.iter().all(|line| line.len() <= 80));
    // The parts run by themselves tell the same.
    sandbox.collect(0);
    sandbox
        .run(&["usage", "inv", "--logs", "bundle/cloudtrail"])
        .expect_code(0);
    sandbox
        .run(&["audit", "inv", "--out", "report"])
        .expect_code(0);
    for name in ["report.md", "permission-use.csv", "owners/blue.md"] {
        assert_eq!(
            sandbox.read(&format!("report/{name}")),
            sandbox.read(&format!("out/{name}")),
            "{name}"
        );
    }
    let printed = sandbox
        .run(&["audit", "inv", "--format", "markdown"])
        .expect_code(0)
        .stdout;
    assert_eq!(
        section(&printed),
        section(&sandbox.read("report/report.md"))
    );
}

#[test]
fn without_logs_nothing_is_said_of_use() {
    let sandbox = bundle();
    sandbox
        .run(&["run", "--from", "bundle", "--out", "out"])
        .expect_code(0);
    insta::assert_snapshot!(section(&sandbox.read("out/report.md")), @"");
    assert!(!sandbox.path("out/permission-use.csv").exists());
    assert!(!sandbox.read("out/owners/blue.md").contains("permissions"));
}

#[test]
fn a_trail_that_began_late_or_does_not_log_makes_use_unknown() {
    let trails = |status: &str| {
        format!(
            r#"{{"trailList":[{{"TrailARN":"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t","IsMultiRegionTrail":true,"IncludeGlobalServiceEvents":true,"HasCustomEventSelectors":false,"HomeRegion":"eu-west-1"{status}}}]}}"#
        )
    };
    let told = |status: &str| {
        let sandbox = bundle();
        sandbox.write("bundle/cloudtrail/logs.json", logs(91));
        sandbox.write("bundle/trails.json", trails(status));
        let ran = sandbox
            .run(&["run", "--from", "bundle", "--out", "out"])
            .expect_code(0);
        let row = sandbox.read("out/permission-use.csv");
        let row = row.lines().find(|line| line.contains("user/team/ann"));
        let numbers: Vec<String> = row
            .unwrap()
            .split(',')
            .skip(3)
            .take(4)
            .map(str::to_owned)
            .collect();
        let coverage = ran.stderr.lines().find(|line| line.contains("told"));
        format!("{} |{}", numbers.join(" "), coverage.unwrap())
    };
    insta::assert_snapshot!(
        [
            "",
            r#","Status":{"IsLogging":true,"StartLoggingTime":"2020-01-01T00:00:00Z"}"#,
            r#","Status":{"IsLogging":true,"StartLoggingTime":"2026-04-20T00:00:00Z"}"#,
            r#","Status":{"IsLogging":false,"StartLoggingTime":"2020-01-01T00:00:00Z","StopLoggingTime":"2021-01-01T00:00:00Z"}"#,
            r#","EventSelectors":{"EventSelectors":[{"ReadWriteType":"ReadOnly"}]}"#,
        ]
        .map(told)
        .join("\n"),
        @""
    );
}

#[test]
fn a_call_in_the_logs_is_a_use_whatever_the_reports_say() {
    let sandbox = bundle();
    let rules = ["--rules", "stale-user,unused-access-key,stale-role"];
    let keys = crate::support::key_list("ann", &[("AKIAEXAMPLE", "Active", OLD)]);
    sandbox.write("bundle/access-keys/ann.json", keys);
    sandbox.collect(0);
    insta::assert_snapshot!(sandbox.findings(&rules).join("\n"), @"");
    sandbox.write("logs.json", logs(91));
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    insta::assert_snapshot!(sandbox.findings(&rules).join("\n"), @"");
}
