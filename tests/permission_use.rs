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
    let (_, section) = page
        .split_once("\n## Use of permissions")
        .expect("the section");
    let own = section.split("\n## ").next().unwrap_or_default();
    let start = page.len() - section.len() - "## Use of permissions".len();
    let end = page.len() - section.len() + own.len();
    page.get(start..end).unwrap_or_default().trim_end()
}

#[test]
fn the_report_owners_and_a_csv_file_tell_what_of_the_granted_actions_was_used() {
    let sandbox = bundle();
    sandbox.write("bundle/cloudtrail/logs.json", logs(91));
    let ran = sandbox
        .run(&["run", "--from", "bundle", "--out", "out"])
        .expect_code(0);
    insta::assert_snapshot!(section(&sandbox.read("out/report.md")), @"
    ## Use of permissions

    | Account | Time of the logs | From | Regions | Actions whose use would show | Why not of the others |
    | --- | --- | --- | --- | --- | --- |
    | `111122223333` | 2026-04-01 to 2026-06-30 (91 days) | `logs` | `eu-west-1`, `us-east-1`<br>**of other Regions nothing is known** | 14833 of 22108 | 3880: no event shows the permission<br>2583: a data event that no trail logs<br>612: calls that tag what they make need it without an event<br>200: events of global services are in one Region, such as us-east-1, and none of it was read |

    An action is granted if the principal's policies allow it on some resource. It is **used** if an allowed call needed it, **unused** if a call since the principal was made would have been in the files that were read and there was none, and **unknown** if a call could have gone unseen: unknown is not unused.

    | User or role | Granted actions | Used | Unused | Unknown | Services used | Last use |
    | --- | --- | --- | --- | --- | --- | --- |
    | `user/team/ann` | 4 | 2 | 1 | 1 | 2 | 2026-06-30 |
    | `role/idle` | 1 | 0 | 1 | 0 | 0 |  |
    ");
    insta::assert_snapshot!(section(&sandbox.read("out/owners/blue.md")), @"
    ## Use of permissions

    Nothing to tick off here: what CloudTrail logs show of the permissions of your users and roles.

    An action is granted if the principal's policies allow it on some resource. It is **used** if an allowed call needed it, **unused** if a call since the principal was made would have been in the files that were read and there was none, and **unknown** if a call could have gone unseen: unknown is not unused.

    | User or role | Granted actions | Used | Unused | Unknown | Services used | Last use |
    | --- | --- | --- | --- | --- | --- | --- |
    | `user/team/ann` | 4 | 2 | 1 | 1 | 2 | 2026-06-30 |
    ");
    insta::assert_snapshot!(sandbox.read("out/permission-use.csv").replace('\r', ""), @"
    account_id,principal_arn,owner,granted_actions,used_actions,unused_actions,unknown_actions,used_services,last_used_at,logs_from,logs_to,policies_known,logs_regions,logs_all_regions
    111122223333,arn:aws:iam::111122223333:role/idle,unowned,1,0,1,0,0,,2026-04-01T09:00:00Z,2026-06-30T10:00:00Z,true,eu-west-1 us-east-1,false
    111122223333,arn:aws:iam::111122223333:user/team/ann,blue,4,2,1,1,2,2026-06-30T10:00:00Z,2026-04-01T09:00:00Z,2026-06-30T10:00:00Z,true,eu-west-1 us-east-1,false
    ");
    let coverage: Vec<&str> = ran
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with("logs of"))
        .take(3)
        .collect();
    insta::assert_snapshot!(coverage.join("\n"), @"
    logs of 111122223333: 2026-04-01 to 2026-06-30 (91 days), eu-west-1, us-east-1
      of 14833 of 22108 actions it can be told that they were not used
      of other Regions nothing is known: no trail is known that logs them
    ");
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
    insta::assert_snapshot!(section(&sandbox.read("out/report.md")), @"
    ## Use of permissions

    The inventory has no CloudTrail logs, so nothing is said of which permissions are used.
    ");
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
        @"
        4 2 1 1 |  of 14833 of 22108 actions it can be told that they were not used
        4 2 1 1 |  of 14833 of 22108 actions it can be told that they were not used
        4 2 0 2 |  no action can be told to be unused: trails logged it for 72 days of the time, and it takes 90
        4 2 0 2 |  no action can be told to be unused: no trail that would log it delivered anything in the time of the logs
        4 2 0 2 |  of 6262 of 22108 actions it can be told that they were not used
        "
    );
}

#[test]
fn a_call_in_the_logs_is_a_use_whatever_the_reports_say() {
    let sandbox = bundle();
    let rules = ["--rules", "stale-user,unused-access-key,stale-role"];
    let keys = crate::support::key_list("ann", &[("AKIAEXAMPLE", "Active", OLD)]);
    sandbox.write("bundle/access-keys/ann.json", keys);
    sandbox.collect(0);
    insta::assert_snapshot!(sandbox.findings(&rules).join("\n"), @"
    stale-role role/idle -
    stale-user user/team/ann -
    unused-access-key user/team/ann AKIAEXAMPLE
    ");
    sandbox.write("logs.json", logs(91));
    sandbox
        .run(&["usage", "inv", "--logs", "logs.json"])
        .expect_code(0);
    insta::assert_snapshot!(sandbox.findings(&rules).join("\n"), @"stale-role role/idle -");
}
