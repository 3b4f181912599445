//! Input that could hide an old key, or make two of one: what reviews and attacks have found, each with its answer.

use leastgrant_inventory::tables::{AccessKeyRow, PasswordPolicyRow, RoleRow, TagRow, UserRow};

use crate::support::{
    ACCOUNT, NOW, ReportRow, Sandbox, account_json, key_list, report, with_report,
};

const OLD: &str = "2020-05-01T00:00:00+00:00";
const NEW: &str = "2026-06-01T00:00:00+00:00";

fn gate(sandbox: &Sandbox, code: i32) {
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(code);
}

/// A report of three hours before the bundle, with an old and a new active key of bob.
fn with_earlier_report() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let csv = report(&[ReportRow::user("bob", OLD)
        .key(1, "true", OLD, "N/A")
        .key(2, "true", NEW, "N/A")]);
    let answer = serde_json::json!({"Content": csv, "ReportFormat": "text/csv", "GeneratedTime": "2026-06-30T09:00:00Z"});
    sandbox.write("bundle/report.json", answer.to_string());
    sandbox
}

#[test]
fn a_key_list_that_is_cut_damaged_or_empty_takes_no_key_from_the_report() {
    let wrapped = |answer: &str| {
        format!(
            r#"{{"Call":"iam:ListAccessKeys","Parameters":{{"UserName":"bob"}},"Answer":{answer}}}"#
        )
    };
    let key = |created_at: &str| {
        format!(
            r#"{{"UserName":"bob","AccessKeyId":"AKIATWO","Status":"Active","CreateDate":"{created_at}"}}"#
        )
    };
    for list in [
        format!(
            r#"{{"AccessKeyMetadata":[{}],"IsTruncated":true,"Marker":"m"}}"#,
            key(NEW)
        ),
        format!(
            r#"{{"AccessKeyMetadata":[{},{}]}}"#,
            key(NEW),
            key("yesterday")
        ),
        wrapped(r#"{"AccessKeyMetadata":"x"}"#),
        wrapped("{}"),
    ] {
        let sandbox = with_earlier_report();
        sandbox.write("bundle/access-keys/bob.json", &list);
        sandbox.collect(3);
        gate(&sandbox, 1);
    }
    // A whole list of a later time does say that the old key is gone.
    let sandbox = with_earlier_report();
    sandbox.write(
        "bundle/access-keys/bob.json",
        key_list("bob", &[("AKIATWO", "Active", NEW)]),
    );
    sandbox.collect(0);
    gate(&sandbox, 0);
}

#[test]
fn a_missing_column_is_not_read_as_none_or_never() {
    for column in [
        "access_key_1_active",
        "access_key_1_last_used_date",
        "mfa_active",
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("bundle/account.json", account_json(NOW));
        let csv = report(&[ReportRow::user("bob", OLD).key(1, "true", OLD, NEW)])
            .replacen(column, "renamed", 1);
        sandbox.write("bundle/report.csv", csv);
        sandbox.collect(3);
        assert_eq!(
            sandbox.gaps(),
            [format!(
                "bundle/report.csv:1: the header has no column `{column}`; export the report again"
            )]
        );
        gate(&sandbox, 3);
    }
    // `N/A` is no state of a slot.
    let sandbox = with_report(&[ReportRow::user("bob", OLD).key(1, "N/A", OLD, NEW)]);
    sandbox.collect(3);
    gate(&sandbox, 3);
}

#[test]
fn a_user_may_be_named_like_a_sentinel() {
    let sandbox = with_report(&[ReportRow::user("no_information", OLD).key(1, "true", OLD, NEW)]);
    sandbox.collect(0);
    gate(&sandbox, 1);
}

#[test]
fn a_broken_file_beside_the_only_account_is_not_that_accounts() {
    for broken in [
        "{\"UserDetailList\": [",
        "",
        r#"{"Call":"iam:GetCredentialReport","Parameters":{},"Answer":"x"}"#,
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("bundle/a/account.json", account_json(NOW));
        sandbox.write("bundle/a/report.csv", report(&[]));
        sandbox.write("bundle/b/file.json", broken);
        sandbox.collect(3);
        assert_eq!(
            sandbox.manifest()["gaps"][0]["account_id"],
            serde_json::Value::Null,
            "{broken}"
        );
        gate(&sandbox, 3);
    }
}

#[test]
fn an_inventory_without_an_account_passes_no_gate() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/o.json", r#"{"Accounts":[{"Id":"111122223333"}]}"#);
    sandbox.collect(0);
    gate(&sandbox, 3);
    sandbox
        .run(&["audit", "inv", "--fail-on", "low"])
        .expect_code(3);
}

#[test]
fn one_user_is_no_list_of_users() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/user.json", format!(r#"{{"User":{{"UserName":"a","Arn":"arn:aws:iam::{ACCOUNT}:user/a","CreateDate":"{OLD}"}}}}"#));
    sandbox.write(
        "bundle/keys.json",
        key_list("a", &[("AKIAONE", "Active", NEW)]),
    );
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0}}"#,
    );
    sandbox.collect(0);
    gate(&sandbox, 3);
}

#[test]
fn the_summary_counts_more_users_than_are_known() {
    let sandbox = with_report(&[ReportRow::user("a", OLD)]);
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"Users":2,"AccountAccessKeysPresent":0}}"#,
    );
    sandbox.collect(0);
    gate(&sandbox, 3);
}

#[test]
fn an_answer_about_the_root_user_hides_no_key_of_it() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":1,"AccountMFAEnabled":1}}"#,
    );
    sandbox.write(
        "bundle/root.json",
        format!(r#"{{"User":{{"Arn":"arn:aws:iam::{ACCOUNT}:root","CreateDate":"{OLD}"}}}}"#),
    );
    sandbox.collect(0);
    assert_eq!(sandbox.findings(&[]), ["root-access-key root -"]);
    gate(&sandbox, 3);
}

#[test]
fn a_newer_summary_that_shows_more_than_the_report_is_heard() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let answer = serde_json::json!({"Content": report(&[]), "ReportFormat": "text/csv", "GeneratedTime": "2026-06-01T00:00:00Z"});
    sandbox.write("bundle/report.json", answer.to_string());
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":1,"AccountMFAEnabled":0}}"#,
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&[]),
        ["root-access-key root -", "root-without-mfa root -"]
    );
    gate(&sandbox, 3);
}

#[test]
fn the_newer_of_two_bundles_of_one_account_wins_whatever_their_names() {
    let sandbox = Sandbox::new();
    let role = |last_used: &str, owner: &str| {
        format!(
            r#"{{"RoleDetailList":[{{"RoleName":"r","Arn":"arn:aws:iam::{ACCOUNT}:role/r","RoleId":"AROAR","CreateDate":"2019-01-01T00:00:00Z","RoleLastUsed":{last_used},"Tags":[{{"Key":"owner","Value":"{owner}"}}]}}]}}"#
        )
    };
    sandbox.write("bundle/a-new/account.json", account_json(NOW));
    sandbox.write(
        "bundle/a-new/details.json",
        role(r#"{"LastUsedDate":"2026-06-20T00:00:00Z"}"#, "new"),
    );
    sandbox.write(
        "bundle/b-old/account.json",
        account_json("2026-01-31T00:00:00Z"),
    );
    sandbox.write("bundle/b-old/details.json", role("{}", "old"));
    sandbox.collect(0);
    assert_eq!(sandbox.rows::<TagRow>()[0].value, "new");
    assert_eq!(
        sandbox.rows::<RoleRow>()[0].last_used_at,
        Some("2026-06-20T00:00:00Z".parse().unwrap())
    );
    assert_eq!(sandbox.findings(&[]), Vec::<String>::new());
}

#[test]
fn pages_that_do_not_follow_each_other_are_a_gap() {
    let sandbox = with_report(&[ReportRow::user("a", OLD)]);
    sandbox.write(
        "bundle/account-summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0}}"#,
    );
    let page = r#"{"Call":"iam:ListUsers","Parameters":{"Marker":"m"},"Answer":{"Users":[],"IsTruncated":false}}"#;
    sandbox.write("bundle/page.json", page);
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/page.json: the page before this one is missing (`iam:ListUsers`); export all pages"
        ]
    );
}

#[test]
fn a_report_row_without_an_account_is_the_folders() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let row = ReportRow::user("bob", OLD)
        .key(1, "true", OLD, NEW)
        .cell("arn", "arn:aws:iam::XXXXXXXXXXXX:user/bob");
    sandbox.write("bundle/report.csv", report(&[row]));
    sandbox.collect(0);
    gate(&sandbox, 1);
}

#[test]
fn keys_made_after_an_old_report_may_be_too_old_by_now() {
    let sandbox = with_report(&[ReportRow::user("a", OLD)]);
    sandbox.collect(0);
    gate(&sandbox, 0);
    sandbox
        .run(&[
            "gate",
            "inv",
            "--max-key-age",
            "90",
            "--as-of",
            "2026-12-31T00:00:00Z",
        ])
        .expect_code(3);
}

#[test]
fn members_that_are_there_twice_and_objects_of_two_answers_are_gaps() {
    let old = r#"{"UserName":"a","AccessKeyId":"AKIAOLD","Status":"Active","CreateDate":"2020-05-01T00:00:00Z"}"#;
    for json in [
        format!(r#"{{"AccessKeyMetadata":[],"AccessKeyMetadata":[{old}]}}"#),
        format!(r#"{{"Account":"{ACCOUNT}","AccessKeyMetadata":[{old}]}}"#),
        format!(
            r#"{{"Call":"iam:GetUser","Parameters":{{}},"Answer":{{}},"Answer":{{"AccessKeyMetadata":[{old}]}}}}"#
        ),
    ] {
        let sandbox = with_report(&[ReportRow::user("a", OLD)]);
        sandbox.write("bundle/x.json", &json);
        sandbox.collect(3);
    }
    let sandbox = with_report(&[ReportRow::user("a", OLD)]);
    sandbox.write(
        "bundle/x.json",
        format!(r#"{{"Records":[],"AccessKeyMetadata":[{old}]}}"#),
    );
    sandbox.collect(0);
    gate(&sandbox, 1);
}

#[test]
fn a_pipe_in_a_folder_is_a_gap_and_does_not_block() {
    let sandbox = with_report(&[]);
    let made = std::process::Command::new("mkfifo")
        .arg(sandbox.path("bundle/pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/pipe: is no file but a pipe, socket or device; give files and folders, or `-` for standard input"
        ]
    );
}

#[test]
fn one_key_shown_twice_is_one_row() {
    let sandbox = with_report(&[ReportRow::user("bob", OLD).key(1, "true", NEW, NEW)]);
    let with_use = format!(
        r#"{{"AccessKeyMetadata":[{{"UserName":"bob","AccessKeyId":"AKIAONE","Status":"Active","CreateDate":"{NEW}","LastUsed":{{"AccessKeyLastUsed":{{"LastUsedDate":"{NEW}"}}}}}}]}}"#
    );
    sandbox.write("bundle/access-keys/bob.json", with_use);
    sandbox.write(
        "bundle/calls/1.json",
        format!(
            r#"{{"Call":"iam:ListAccessKeys","Parameters":{{"UserName":"bob"}},"Answer":{}}}"#,
            key_list("bob", &[("AKIAONE", "Active", NEW)])
        ),
    );
    sandbox.collect(0);
    let keys = sandbox.rows::<AccessKeyRow>();
    assert_eq!(
        (keys.len(), keys[0].access_key_id.as_deref()),
        (1, Some("AKIAONE"))
    );
    assert_eq!(
        sandbox.findings(&["--rules", "two-active-access-keys"]),
        Vec::<String>::new()
    );
    // The same file by two paths is read once.
    sandbox
        .run(&["collect", "--from", "bundle", "./bundle", "--out", "inv"])
        .expect_code(0);
    assert_eq!(sandbox.rows::<AccessKeyRow>(), keys);
}

#[test]
fn the_account_file_above_counts_more_than_accounts_that_answers_mention() {
    let sandbox = with_report(&[ReportRow::user("bob", OLD)]);
    sandbox.write("bundle/calls/1.json", r#"{"Call":"kms:GetKeyPolicy","Parameters":{"ResourceArn":"arn:aws:kms:eu-west-1:222222222222:key/x"},"Answer":{"Policy":"{}"}}"#);
    sandbox.write("bundle/calls/2.json", r#"{"Call":"iam:GetAccountPasswordPolicy","Parameters":{},"Answer":{"PasswordPolicy":{"MinimumPasswordLength":6}}}"#);
    sandbox.collect(0);
    assert_eq!(sandbox.rows::<PasswordPolicyRow>()[0].account_id, ACCOUNT);
}

#[test]
fn a_newer_answer_wins_over_the_report() {
    let sandbox = with_earlier_report();
    let profile = format!(r#"{{"LoginProfile":{{"UserName":"bob","CreateDate":"{NEW}"}}}}"#);
    sandbox.write("bundle/profile.json", profile);
    let users = format!(
        r#"{{"Users":[{{"UserName":"bob","Arn":"arn:aws:iam::{ACCOUNT}:user/bob","CreateDate":"{OLD}"}}]}}"#
    );
    sandbox.write("bundle/users.json", users);
    let device = format!(
        r#"{{"VirtualMFADevices":[{{"SerialNumber":"arn:aws:iam::{ACCOUNT}:mfa/x","EnableDate":"2026-06-30T11:00:00Z","User":{{"Arn":"arn:aws:iam::{ACCOUNT}:user/bob"}}}}]}}"#
    );
    sandbox.write("bundle/mfa.json", device);
    sandbox.collect(0);
    let bob = sandbox
        .rows::<UserRow>()
        .into_iter()
        .find(|user| user.user_name == "bob")
        .unwrap();
    assert_eq!(
        (bob.password_enabled, bob.mfa_active),
        (Some(true), Some(true))
    );
    assert_eq!(
        bob.credentials_source.as_deref(),
        Some("credential report and iam:GetLoginProfile and iam:ListUsers or iam:GetUser")
    );
}

#[test]
fn a_user_whose_path_was_changed_is_one_user() {
    let sandbox = with_earlier_report();
    sandbox.write("bundle/details.json", format!(r#"{{"UserDetailList":[{{"UserName":"bob","Arn":"arn:aws:iam::{ACCOUNT}:user/team/bob","CreateDate":"{OLD}"}}]}}"#));
    sandbox.collect(0);
    let users: Vec<_> = sandbox
        .rows::<UserRow>()
        .into_iter()
        .filter(|user| !user.is_root)
        .map(|user| user.path)
        .collect();
    assert_eq!(users, ["/team/"]);
    assert_eq!(sandbox.rows::<AccessKeyRow>().len(), 2);
}

#[test]
fn two_keys_of_one_second_without_ids_are_two_findings() {
    let sandbox = with_report(&[ReportRow::user("bob", OLD)
        .key(1, "true", OLD, NEW)
        .key(2, "true", OLD, NEW)]);
    sandbox.collect(0);
    let document = sandbox
        .run(&["gate", "inv", "--max-key-age", "90", "--format", "json"])
        .expect_code(1)
        .json();
    assert_eq!(document["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn what_a_whole_report_makes_up_for_does_not_hold_the_gate() {
    let sandbox = with_report(&[ReportRow::user("bob", OLD).key(1, "true", NEW, NEW)]);
    sandbox.write("bundle/calls/1.json", r#"{"Call":"iam:ListUsers","Parameters":{},"Error":{"Code":"AccessDenied","Message":"no"}}"#);
    sandbox.write("bundle/logo.png", [0x89, b'P', b'N', b'G', 0xff, 0]);
    sandbox.collect(3);
    gate(&sandbox, 0);
}

#[test]
fn an_empty_key_list_is_its_files_users_compressed_or_not() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write("bundle/users.json", format!(r#"{{"Users":[{{"UserName":"a.b","Arn":"arn:aws:iam::{ACCOUNT}:user/a.b","CreateDate":"{OLD}"}}]}}"#));
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":0}}"#,
    );
    sandbox.write("bundle/access-keys/a.b.json", r#"{"AccessKeyMetadata":[]}"#);
    sandbox.collect(0);
    gate(&sandbox, 0);
    std::fs::rename(
        sandbox.path("bundle/access-keys/a.b.json"),
        sandbox.path("bundle/access-keys/a.b.json.gz"),
    )
    .unwrap();
    sandbox.collect(0);
    gate(&sandbox, 0);
}

#[test]
fn a_bundle_beside_our_own_output_is_read_without_it() {
    let sandbox = with_report(&[]);
    for _ in 0..2 {
        sandbox
            .run(&["run", "--from", "bundle", "--out", "bundle/quarterly"])
            .expect_code(0);
    }
    let ran = sandbox
        .run(&["gate", "bundle/quarterly", "--max-key-age", "90"])
        .expect_code(2);
    assert_eq!(
        ran.stderr,
        "error: `bundle/quarterly` is no inventory; did you mean `bundle/quarterly/inventory`?\n"
    );
    let ran = sandbox
        .run(&[
            "collect",
            "--from",
            "bundle",
            "--out",
            "bundle/quarterly/inventory",
        ])
        .expect_code(2);
    assert!(
        ran.stderr
            .contains("is a part of `[DIR]/bundle/quarterly`, which `run` wrote"),
        "{}",
        ran.stderr
    );
}
