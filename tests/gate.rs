//! The gate: limits, exemptions, baseline, formats, and what it may not pass over.

use crate::support::{
    ACCOUNT, NOW, ReportRow, Sandbox, account_json, brief, key_list, report, with_report,
};

const OLD: &str = "2020-01-01T00:00:00+00:00";
const RECENT: &str = "2026-06-30T00:00:00+00:00";
/// 90 days before the time of the tests, to the second.
const AT_THE_LIMIT: &str = "2026-04-01T12:00:00+00:00";
const PAST_THE_LIMIT: &str = "2026-04-01T11:59:59+00:00";

fn collected(rows: &[ReportRow]) -> Sandbox {
    let sandbox = with_report(rows);
    sandbox.collect(0);
    sandbox
}

fn gate(sandbox: &Sandbox, arguments: &[&str], code: i32) -> serde_json::Value {
    let mut all = vec!["gate", "inv", "--format", "json"];
    all.extend(arguments);
    sandbox.run(&all).expect_code(code).json()
}

#[test]
fn exactly_the_limit_passes_and_a_second_more_fails() {
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "true", AT_THE_LIMIT, RECENT)]);
    assert_eq!(
        gate(&sandbox, &["--max-key-age", "90"], 0)["result"],
        "pass"
    );
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "true", PAST_THE_LIMIT, RECENT)]);
    let document = gate(&sandbox, &["--max-key-age", "90"], 1);
    assert_eq!(document["result"], "fail");
    assert_eq!(
        brief(&document["findings"]),
        ["unrotated-access-key user/u -"]
    );
    assert_eq!(document["limits"]["max_key_age_days"], 90);
}

#[test]
fn inactive_keys_are_of_no_age() {
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "false", OLD, "N/A")]);
    gate(&sandbox, &["--max-key-age", "90", "--max-unused", "90"], 0);
}

#[test]
fn unused_judges_keys_passwords_and_users_at_its_own_limit() {
    let sandbox = collected(&[ReportRow::user("u", OLD)
        .password(OLD, "2026-05-01T00:00:00+00:00")
        .key(1, "true", OLD, "2026-05-01T00:00:00+00:00")]);
    gate(&sandbox, &["--max-unused", "90"], 0);
    let document = gate(&sandbox, &["--max-unused", "30"], 1);
    assert_eq!(
        brief(&document["findings"]),
        [
            "stale-user user/u -",
            "unused-access-key user/u -",
            "unused-password user/u -"
        ]
    );
}

#[test]
fn fail_on_judges_every_rule_of_that_severity() {
    let sandbox = collected(&[ReportRow::user("u", OLD)
        .password(RECENT, RECENT)
        .cell("mfa_active", "false")]);
    assert_eq!(
        brief(&gate(&sandbox, &["--fail-on", "high"], 1)["findings"]),
        ["user-without-mfa user/u -"]
    );
    // Nobody can tell whether there is a way to an administrator, for want of policies.
    let document = gate(&sandbox, &["--fail-on", "critical"], 3);
    let reasons = document["not_checked"].as_array().unwrap().iter();
    let reasons: Vec<&str> = reasons.map(|own| own["reason"].as_str().unwrap()).collect();
    assert!(
        reasons.contains(&"no policies were collected (authorization details)"),
        "{reasons:?}"
    );
    gate(&sandbox, &["--max-key-age", "90"], 0);
}

#[test]
fn who_stops_reading_does_not_change_the_answer() {
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "true", OLD, RECENT)]);
    for (arguments, code) in [
        (vec!["gate", "inv", "--max-key-age", "90"], 1),
        (vec!["audit", "inv", "--fail-on", "medium"], 1),
        (vec!["audit", "inv"], 0),
    ] {
        let mut command = sandbox.command();
        command
            .args(&arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_limit_is_required() {
    let sandbox = collected(&[]);
    let ran = sandbox.run(&["gate", "inv"]).expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: a gate needs a limit: give `--max-key-age DAYS`, `--max-unused DAYS`, `--fail-on SEVERITY` or `--max-inventory-age DAYS`\n"
    );
}

#[test]
fn an_exemption_holds_to_its_day_and_names_its_owner_and_reason() {
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "true", OLD, RECENT)]);
    let settings = |expires: &str| {
        format!(
            "[[exemption]]\nrule = \"unrotated-access-key\"\nresource = \"arn:aws:iam::{ACCOUNT}:user/*\"\nowner = \"payments\"\nreason = \"vendor cannot rotate\"\nexpires = {expires}\n"
        )
    };
    sandbox.write("leastgrant.toml", settings("2026-06-30"));
    let document = gate(&sandbox, &["--max-key-age", "90"], 0);
    assert_eq!(
        document["exempted"][0]["exemption"],
        serde_json::json!({"owner": "payments", "reason": "vendor cannot rotate", "expires": "2026-06-30"})
    );
    sandbox.write("leastgrant.toml", settings("2026-06-29"));
    let document = gate(&sandbox, &["--max-key-age", "90"], 1);
    assert_eq!(document["exempted"], serde_json::json!([]));
    assert_eq!(
        sandbox.findings(&["--rules", "expired-exemption"]),
        ["expired-exemption user/u -"]
    );
    assert_eq!(
        sandbox.findings(&[]),
        [
            "expired-exemption user/u -",
            "migrate-key user/u -",
            "unrotated-access-key user/u -"
        ]
    );
}

#[test]
fn a_baseline_lets_pass_what_is_known_and_nothing_else() {
    let known = ReportRow::user("known", OLD).key(1, "true", OLD, RECENT);
    let sandbox = collected(std::slice::from_ref(&known));
    let baseline = sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--format", "json"])
        .expect_code(1)
        .stdout;
    sandbox.write("baseline.json", &baseline);
    let document = gate(
        &sandbox,
        &["--max-key-age", "90", "--baseline", "baseline.json"],
        0,
    );
    assert_eq!(
        brief(&document["baselined"]),
        ["unrotated-access-key user/known -"]
    );

    // What one gate let pass for its baseline stays known when its own output is the next baseline.
    sandbox.write("next.json", document.to_string());
    gate(
        &sandbox,
        &["--max-key-age", "90", "--baseline", "next.json"],
        0,
    );

    let sandbox = collected(&[
        known,
        ReportRow::user("new", OLD).key(1, "true", OLD, RECENT),
    ]);
    sandbox.write("baseline.json", &baseline);
    let document = gate(
        &sandbox,
        &["--max-key-age", "90", "--baseline", "baseline.json"],
        1,
    );
    assert_eq!(
        brief(&document["findings"]),
        ["unrotated-access-key user/new -"]
    );

    // The output of `audit` is a baseline too.
    let audit = sandbox.run(&["audit", "inv", "--format", "json"]).stdout;
    sandbox.write("audit.json", audit);
    gate(
        &sandbox,
        &["--max-key-age", "90", "--baseline", "audit.json"],
        0,
    );
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let sandbox = collected(&[]);
    sandbox.write("a.json", "{");
    sandbox.write("b.json", r#"{"schema":"other/1","findings":[]}"#);
    let run = |file: &str| {
        sandbox
            .run(&["gate", "inv", "--max-key-age", "90", "--baseline", file])
            .expect_code(2)
            .stderr
    };
    assert_eq!(
        run("a.json"),
        "error: `a.json`: is no baseline: EOF while parsing an object at line 1 column 1\n"
    );
    assert_eq!(
        run("b.json"),
        "error: `b.json`: has the schema `other/1`; a baseline is the output of `audit --format json` or `gate --format json`\n"
    );
    assert!(run("c.json").starts_with("error: cannot read the baseline `c.json`: No such file"));
}

#[test]
fn what_could_hide_an_old_key_gives_3() {
    // Users are known, their keys are not.
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/users.json", format!(r#"{{"Users":[{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","CreateDate":"{OLD}"}}]}}"#));
    sandbox.collect(0);
    gate(&sandbox, &["--max-key-age", "90"], 3);
    // Their keys are, but the root user's are not.
    sandbox.write(
        "bundle/access-keys/u.json",
        key_list("u", &[("AKIAONE", "Active", RECENT)]),
    );
    sandbox.collect(0);
    let document = gate(&sandbox, &["--max-key-age", "90"], 3);
    assert_eq!(
        document["not_checked"][0]["reason"],
        "the root user's access keys are not known, since no row of the root user in a credential report was collected"
    );
    // The account summary says that there are none.
    sandbox.write(
        "bundle/account-summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0}}"#,
    );
    sandbox.collect(0);
    gate(&sandbox, &["--max-key-age", "90"], 0);
    // When the keys were last used was not asked.
    gate(&sandbox, &["--max-unused", "0"], 3);
}

#[test]
fn authorization_details_without_users_do_not_say_that_there_are_none() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/details.json",
        r#"{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}"#,
    );
    sandbox.write(
        "bundle/account-summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0}}"#,
    );
    sandbox.collect(0);
    gate(&sandbox, &["--max-key-age", "90"], 3);
    sandbox.write(
        "bundle/account-summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0,"Users":0}}"#,
    );
    sandbox.collect(0);
    gate(&sandbox, &["--max-key-age", "90"], 0);
}

#[test]
fn a_broken_report_gives_3_and_broken_files_that_the_report_makes_up_for_do_not() {
    let rows = [ReportRow::user("u", OLD).key(1, "true", RECENT, RECENT)];
    let sandbox = with_report(&rows);
    sandbox.write("bundle/cut.json", "{\"UserDetailList\": [");
    sandbox.collect(3);
    gate(&sandbox, &["--max-key-age", "90"], 0);

    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let text = report(&rows);
    sandbox.write(
        "bundle/credential-report.csv",
        text.rsplit_once(',').unwrap().0,
    );
    sandbox.collect(3);
    gate(&sandbox, &["--max-key-age", "90"], 3);
}

#[test]
fn a_broken_file_of_an_account_that_is_not_known_gives_3() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/111122223333/account.json", account_json(NOW));
    sandbox.write("bundle/111122223333/credential-report.csv", report(&[]));
    sandbox.write(
        "bundle/444455556666/account.json",
        account_json(NOW).replace(ACCOUNT, "444455556666"),
    );
    sandbox.write(
        "bundle/444455556666/credential-report.csv",
        report(&[]).replace(ACCOUNT, "444455556666"),
    );
    sandbox.collect(0);
    gate(&sandbox, &["--max-key-age", "90"], 0);
    sandbox.write(
        "bundle/777788889999/credential-report.json",
        "{\"Content\":",
    );
    sandbox.collect(3);
    let document = gate(&sandbox, &["--max-key-age", "90"], 3);
    assert!(
        document["not_checked"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("may hold credentials of an account that is not known")
    );
}

#[test]
fn failing_wins_over_what_could_not_be_judged() {
    let sandbox = with_report(&[ReportRow::user("u", OLD).key(1, "true", OLD, RECENT)]);
    sandbox.write(
        "bundle/access-keys/ghost.json",
        key_list("ghost", &[("AKIAGHOST", "Active", OLD)]),
    );
    sandbox.collect(3);
    gate(&sandbox, &["--max-key-age", "90"], 1);
}

#[test]
fn an_inventory_that_is_too_old_gives_3() {
    let sandbox = collected(&[]);
    let limits = ["--max-key-age", "90", "--max-inventory-age", "7"];
    let at = |time: &'static str| [limits.as_slice(), &["--as-of", time]].concat();
    gate(&sandbox, &at("2026-07-07T12:00:00Z"), 0);
    let document = gate(&sandbox, &at("2026-07-07T12:00:01Z"), 3);
    assert_eq!(document["not_checked"][0]["rule"], "max-inventory-age");
    // By the clock the inventory of the tests is of another day than today.
    gate(
        &sandbox,
        &["--max-inventory-age", "0"],
        if jiff::Timestamp::now() > NOW.parse().unwrap() {
            3
        } else {
            0
        },
    );
}

#[test]
fn each_format_says_the_same() {
    let sandbox = collected(&[ReportRow::user("u", OLD).key(1, "true", OLD, RECENT)]);
    for format in ["text", "json", "sarif", "junit", "github"] {
        let ran = sandbox
            .run(&["gate", "inv", "--max-key-age", "90", "--format", format])
            .expect_code(1);
        assert!(
            ran.stdout.contains("unrotated-access-key"),
            "{format}: {}",
            ran.stdout
        );
        assert!(ran.stdout.contains("user/u"), "{format}: {}", ran.stdout);
    }
}
