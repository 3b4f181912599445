//! The quirks of the credential report, each with the reading that is right.
//!
//! The numbers in the names of sections follow the list of traps that the reader was written from.

use leastgrant_inventory::tables::{AccessKeyRow, UserRow};

use crate::support::{
    ACCOUNT, HEADER, NOW, ReportRow, Sandbox, account_json, key_list, report, with_report,
};

const OLD: &str = "2020-01-01T00:00:00+00:00";

fn user(sandbox: &Sandbox, name: &str) -> UserRow {
    sandbox
        .rows::<UserRow>()
        .into_iter()
        .find(|user| user.user_name == name)
        .expect("the user is there")
}

fn keys(sandbox: &Sandbox) -> Vec<AccessKeyRow> {
    sandbox.rows()
}

// 1: generation is asynchronous.
#[test]
fn a_report_that_was_not_ready_is_a_gap_with_its_code_and_the_gate_cannot_pass() {
    for code in ["ReportInProgress", "ReportNotPresent", "ReportExpired"] {
        let sandbox = Sandbox::new();
        sandbox.write("bundle/account.json", account_json(NOW));
        sandbox.write("bundle/credential-report.json", format!(r#"{{"Call":"iam:GetCredentialReport","Parameters":{{}},"Error":{{"Code":"{code}","Message":""}}}}"#));
        sandbox.write("bundle/users.json", format!(r#"{{"Users":[{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","CreateDate":"{OLD}"}}]}}"#));
        sandbox.collect(3);
        assert_eq!(sandbox.manifest()["gaps"][0]["error_code"], code);
        assert_eq!(
            sandbox.manifest()["gaps"][0]["unknowable"][0],
            "credential_report"
        );
        sandbox
            .run(&["gate", "inv", "--max-key-age", "90"])
            .expect_code(3);
    }
}

// 2: the report is cached; what it does not show after its generation is not known.
#[test]
fn use_counts_as_of_the_reports_generation_and_the_finding_names_that_time() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let key_user =
        |name: &str, last_used: &str| ReportRow::user(name, OLD).key(1, "true", OLD, last_used);
    // Generated on 1 May: 89 days after the one use, 91 days after the other. In June nobody knows.
    let csv = report(&[
        key_user("late", "2026-02-01T12:00:00+00:00"),
        key_user("early", "2026-01-30T00:00:00+00:00"),
    ]);
    let content = base64(&csv);
    sandbox.write(
        "bundle/report.json",
        format!(r#"{{"Content":"{content}","ReportFormat":"text/csv","GeneratedTime":"2026-05-01T12:00:00+00:00"}}"#),
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "unused-access-key"]),
        ["unused-access-key user/early -"]
    );
    let finding = &sandbox
        .run(&[
            "audit",
            "inv",
            "--rules",
            "unused-access-key",
            "--format",
            "json",
        ])
        .json()["findings"][0];
    assert!(
        finding["detail"].as_str().unwrap().ends_with(
            "not used for over 91 days, as of 2026-05-01T12:00:00Z; the limit is 90 days"
        ),
        "{finding}"
    );
    assert_eq!(
        finding["evidence"][1]["source"],
        "credential report of 2026-05-01T12:00:00Z"
    );
    // The key's age is a fact that does not depend on the report: it counts to the inventory's time.
    assert_eq!(
        sandbox.findings(&["--rules", "unrotated-access-key"]).len(),
        2
    );
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (index, byte)| {
            bits | u32::from(*byte) << (16 - 8 * index)
        });
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            encoded.push(if place > chunk.len() {
                '='
            } else {
                char::from(ALPHABET[index])
            });
        }
    }
    encoded
}

// 3: 22 columns live, 23 documented, more some day.
#[test]
fn columns_are_found_by_name_whatever_their_order_and_number() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let row = ReportRow::user("u", OLD)
        .key(2, "true", OLD, "2026-06-01T00:00:00Z")
        .line();
    let reversed = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",");
    let csv = format!(
        "new_column,{}\nx,{}\ny,{}",
        reversed(HEADER),
        reversed(&ReportRow::root().line()),
        reversed(&row)
    );
    sandbox.write("bundle/report.csv", csv);
    sandbox.collect(0);
    let keys = keys(&sandbox);
    assert_eq!(
        (keys.len(), keys[0].slot, keys[0].user_name.as_str()),
        (1, Some(2), "u")
    );
}

#[test]
fn more_credentials_than_the_report_shows_make_the_keys_unknown_until_they_are_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let root = format!("{},N/A", ReportRow::root().line());
    let row = format!(
        "{},\"1 additional access key. Use ListAccessKeys, to list them\"",
        ReportRow::user("u", OLD)
            .key(1, "true", "2026-06-01T00:00:00Z", "N/A")
            .line()
    );
    sandbox.write(
        "bundle/report.csv",
        format!("{HEADER},additional_credentials_info\n{root}\n{row}"),
    );
    sandbox.collect(0);
    assert_eq!(
        user(&sandbox, "u").additional_credentials_info.as_deref(),
        Some("1 additional access key. Use ListAccessKeys, to list them")
    );
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(3);
    sandbox.write(
        "bundle/access-keys/u.json",
        key_list(
            "u",
            &[
                ("AKIAONE", "Active", "2026-06-01T00:00:00Z"),
                ("AKIATWO", "Active", OLD),
            ],
        ),
    );
    sandbox.collect(0);
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(1);
}

// 4: line ends, case of booleans, spelling of times, byte order mark.
#[test]
fn spellings_of_one_report_give_one_inventory() {
    let lower = report(&[ReportRow::user("u", OLD)
        .password("2026-06-01T00:00:00+00:00", "no_information")
        .key(1, "true", OLD, "N/A")]);
    let spellings = [
        lower.clone(),
        format!("{lower}\n"),
        lower.replace('\n', "\r\n"),
        lower.replace("+00:00", "Z"),
        lower.replace(",true", ",TRUE").replace(",false", ",FALSE"),
        format!("\u{feff}{lower}"),
    ];
    let inventories: Vec<_> = spellings
        .iter()
        .map(|csv| {
            let sandbox = Sandbox::new();
            sandbox.write("bundle/account.json", account_json(NOW));
            sandbox.write("bundle/credential-report.csv", csv);
            sandbox.collect(0);
            (sandbox.rows::<UserRow>(), keys(&sandbox))
        })
        .collect();
    for inventory in &inventories {
        assert_eq!(*inventory, inventories[0]);
    }
}

// 5: names with every character that IAM allows.
#[test]
fn user_names_may_hold_commas_and_formula_characters() {
    let names = ["dave,ops", "=HYPERLINK+x@y", "a.b_c-d=e"];
    let rows: Vec<_> = names
        .iter()
        .map(|name| ReportRow::user(name, OLD))
        .collect();
    let sandbox = with_report(&rows);
    sandbox.collect(0);
    let mut found: Vec<_> = sandbox
        .rows::<UserRow>()
        .into_iter()
        .filter(|user| !user.is_root)
        .map(|user| user.user_name)
        .collect();
    found.sort();
    let mut names = names.map(str::to_owned);
    names.sort();
    assert_eq!(found, names);
}

// 6: the three sentinels.
#[test]
fn sentinels_say_none_never_and_not_applicable() {
    let sandbox = with_report(&[
        ReportRow::user("never", OLD).password(OLD, "no_information"),
        ReportRow::user("none", OLD),
        // A Region of N/A beside a date is normal for S3.
        ReportRow::user("s3", OLD)
            .key(1, "true", OLD, "2026-06-29T00:00:00+00:00")
            .cell("access_key_1_last_used_service", "s3")
            .cell("access_key_1_last_used_region", "N/A"),
    ]);
    sandbox.collect(0);
    let never = user(&sandbox, "never");
    assert_eq!(
        (
            never.password_enabled,
            never.password_last_used_known,
            never.password_last_used_at
        ),
        (Some(true), true, None)
    );
    assert_eq!(user(&sandbox, "none").password_enabled, Some(false));
    let root = user(&sandbox, "<root_account>");
    assert_eq!((root.password_enabled, root.is_root), (None, true));
    let key = &keys(&sandbox)[0];
    assert_eq!(
        (
            key.last_used_service.as_deref(),
            key.last_used_region.as_deref()
        ),
        (Some("s3"), None)
    );
}

// 7: `false` means two things.
#[test]
fn a_slot_without_a_date_is_empty_and_one_with_a_date_is_an_inactive_key() {
    let sandbox = with_report(&[
        ReportRow::user("u", OLD).key(1, "false", OLD, "2020-02-29T12:00:00+00:00"),
        ReportRow::user("v", OLD),
    ]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "inactive-access-key"]),
        ["inactive-access-key user/u -"]
    );
}

// 8: no ids, slots in the order of ids.
#[test]
fn the_id_behind_a_slot_is_found_by_creation_time_and_not_by_order() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)
        .key(
            1,
            "true",
            "2026-06-01T00:00:00+00:00",
            "2026-06-29T00:00:00+00:00",
        )
        .key(2, "false", "2021-01-01T00:00:00+00:00", "N/A")]);
    sandbox.write(
        "bundle/access-keys/u.json",
        key_list(
            "u",
            &[
                ("AKIAOLDER", "Inactive", "2021-01-01T00:00:00Z"),
                ("AKIANEWER", "Active", "2026-06-01T00:00:00Z"),
            ],
        ),
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "inactive-access-key,unrotated-access-key"]),
        ["inactive-access-key user/u AKIAOLDER"]
    );
}

#[test]
fn a_tie_gives_no_id_and_the_finding_names_both_candidates() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)
        .key(1, "true", OLD, "2026-06-29T00:00:00+00:00")
        .key(2, "true", OLD, "N/A")]);
    sandbox.write(
        "bundle/access-keys/u.json",
        key_list("u", &[("AKIAB", "Active", OLD), ("AKIAA", "Active", OLD)]),
    );
    sandbox.collect(0);
    let document = sandbox
        .run(&[
            "audit",
            "inv",
            "--rules",
            "unused-access-key",
            "--format",
            "json",
        ])
        .json();
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
    assert_eq!(
        document["findings"][0]["access_key_id"],
        serde_json::Value::Null
    );
    let detail = document["findings"][0]["detail"].as_str().unwrap();
    assert!(
        detail
            .contains("the id cannot be told: `AKIAA` and `AKIAB` were created in the same second"),
        "{detail}"
    );
}

#[test]
fn without_a_key_list_the_finding_says_that_the_id_cannot_be_told() {
    let sandbox = with_report(&[ReportRow::user("u", OLD).key(1, "true", OLD, "N/A")]);
    sandbox.collect(0);
    let document = sandbox
        .run(&[
            "audit",
            "inv",
            "--rules",
            "unrotated-access-key",
            "--format",
            "json",
        ])
        .json();
    let detail = document["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("the access key in slot 1 of the credential report (the id cannot be told: the user's keys were not listed) is"), "{detail}");
}

// 9: the time shown is the first use of a span.
#[test]
fn nothing_is_unused_that_may_have_been_used_within_the_spans_of_the_report() {
    let sandbox = with_report(&[
        ReportRow::user("key-at-89d23h46m", OLD).key(1, "true", OLD, "2026-04-01T11:45:01+00:00"),
        ReportRow::user("key-at-90d15m", OLD).key(1, "true", OLD, "2026-04-01T11:44:59+00:00"),
        ReportRow::user("password-at-90d4m", OLD).password(OLD, "2026-04-01T11:55:01+00:00"),
        ReportRow::user("password-at-90d5m", OLD).password(OLD, "2026-04-01T11:54:59+00:00"),
    ]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "unused-access-key,unused-password"]),
        [
            "unused-access-key user/key-at-90d15m -",
            "unused-password user/password-at-90d5m -"
        ]
    );
}

#[test]
fn remedies_ask_to_look_at_the_last_use_again_before_anything_is_deleted() {
    for rule in [
        "unused-access-key",
        "stale-user",
        "inactive-access-key",
        "two-active-access-keys",
    ] {
        let text = Sandbox::new()
            .run(&["explain", rule])
            .expect_code(0)
            .stdout
            .replace("\n  ", " ");
        assert!(text.to_lowercase().contains("last use"), "{text}");
    }
}

// 11: the root user's row.
#[test]
fn a_root_user_without_credentials_needs_no_mfa() {
    let without_mfa = ReportRow::root().cell("mfa_active", "false");
    let cases = [
        (without_mfa.clone(), 1),
        (without_mfa.clone().cell("password_enabled", "true"), 1),
        (without_mfa.clone().cell("password_enabled", "FALSE"), 0),
        (
            without_mfa
                .cell("password_enabled", "FALSE")
                .key(1, "true", OLD, "N/A"),
            1,
        ),
    ];
    for (row, findings) in cases {
        let sandbox = Sandbox::new();
        sandbox.write("bundle/account.json", account_json(NOW));
        sandbox.write(
            "bundle/credential-report.csv",
            format!("{HEADER}\n{}", row.line()),
        );
        sandbox.collect(0);
        assert_eq!(
            sandbox.findings(&["--rules", "root-without-mfa"]).len(),
            findings,
            "{}",
            row.line()
        );
    }
}

#[test]
fn root_keys_are_judged_and_never_named() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let root = ReportRow::root()
        .key(1, "true", OLD, "2026-06-01T00:00:00+00:00")
        .key(2, "false", "2007-10-13T16:49:50+00:00", "N/A");
    sandbox.write(
        "bundle/credential-report.csv",
        format!("{HEADER}\n{}", root.line()),
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&[]),
        [
            "inactive-access-key root -",
            "root-access-key root -",
            "root-used root -",
            "unrotated-access-key root -"
        ]
    );
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(1);
}

// 12: what the report does not cover.
#[test]
fn a_user_without_password_and_keys_may_still_have_other_credentials() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.collect(0);
    let confidence = |sandbox: &Sandbox| {
        let document = sandbox
            .run(&[
                "audit",
                "inv",
                "--rules",
                "user-without-credentials",
                "--format",
                "json",
            ])
            .json();
        document["findings"][0]["confidence"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(confidence(&sandbox), "medium", "nobody looked for SSH keys");
    let listed = |call: &str, answer: &str| {
        format!(r#"{{"Call":"{call}","Parameters":{{"UserName":"u"}},"Answer":{answer}}}"#)
    };
    sandbox.write(
        "bundle/calls/1.json",
        listed(
            "iam:ListSSHPublicKeys",
            r#"{"SSHPublicKeys":[],"IsTruncated":false}"#,
        ),
    );
    sandbox.write(
        "bundle/calls/2.json",
        listed(
            "iam:ListServiceSpecificCredentials",
            r#"{"ServiceSpecificCredentials":[]}"#,
        ),
    );
    sandbox.collect(0);
    assert_eq!(confidence(&sandbox), "high");
    let ssh = r#"{"SSHPublicKeys":[{"UserName":"u","SSHPublicKeyId":"APKAEXAMPLE","Status":"Active","UploadDate":"2020-01-01T00:00:00Z"}]}"#;
    sandbox.write("bundle/calls/1.json", listed("iam:ListSSHPublicKeys", ssh));
    sandbox.collect(0);
    assert_eq!(
        confidence(&sandbox),
        "low",
        "an active SSH key may be in use"
    );
}

#[test]
fn signing_certificates_come_from_the_report_unless_they_were_listed() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)
        .cell("cert_1_active", "true")
        .cell("cert_1_last_rotated", OLD)]);
    sandbox.collect(0);
    let arguments = ["--rules", "long-lived-service-credential"];
    assert_eq!(
        sandbox.findings(&arguments),
        ["long-lived-service-credential user/u -"]
    );
    sandbox.write("bundle/calls/1.json", r#"{"Call":"iam:ListSigningCertificates","Parameters":{"UserName":"u"},"Answer":{"Certificates":[]}}"#);
    sandbox.collect(0);
    assert_eq!(sandbox.findings(&arguments), Vec::<String>::new());
}

// 13: grace.
#[test]
fn what_is_younger_than_the_limit_is_never_unused() {
    let young = "2026-06-29T00:00:00+00:00";
    let sandbox = with_report(&[
        ReportRow::user("new-user", young)
            .password(young, "no_information")
            .key(1, "true", young, "N/A"),
        ReportRow::user("new-key", OLD).key(1, "true", young, "N/A"),
        ReportRow::user("new-password", OLD).password(young, "no_information"),
        ReportRow::user("future-key", OLD).key(1, "true", "2099-01-01T00:00:00+00:00", "N/A"),
    ]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&[
            "--rules",
            "stale-user,unused-access-key,unused-password,unrotated-access-key"
        ]),
        Vec::<String>::new()
    );
}

#[test]
fn a_ragged_row_is_named_by_its_line_and_shifts_no_cell() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let short = ReportRow::user("bob", OLD)
        .line()
        .rsplit_once(',')
        .unwrap()
        .0
        .to_owned();
    let csv = format!(
        "{}\n{short}\n{}",
        report(&[]),
        ReportRow::user("carol", OLD)
            .key(1, "false", OLD, "N/A")
            .line()
    );
    sandbox.write("bundle/credential-report.csv", csv);
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/credential-report.csv:3: the row of `bob` has 21 cells and the header 22; the row is left out, so export the report again"
        ]
    );
    assert_eq!(keys(&sandbox).len(), 1);
    // Bob may have an old key, so no gate can pass.
    sandbox
        .run(&["gate", "inv", "--max-key-age", "3650"])
        .expect_code(3);
}

#[test]
fn cells_that_are_no_date_or_boolean_are_named_with_their_column() {
    let sandbox = with_report(&[
        ReportRow::user("u", "yesterday"),
        ReportRow::user("v", OLD).cell("mfa_active", "perhaps"),
    ]);
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        [
            "bundle/credential-report.csv:3: the cell `yesterday` of the column `user_creation_time` is no date; the row is left out",
            "bundle/credential-report.csv:4: the cell `perhaps` of the column `mfa_active` is neither true nor false; the row is left out",
        ]
    );
}

#[test]
fn a_user_that_was_made_again_after_the_report_has_none_of_the_old_ones_keys() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    let csv = report(&[ReportRow::user("u", OLD).key(1, "true", OLD, "N/A")]);
    sandbox.write("bundle/report.json", format!(r#"{{"Content":"{}","ReportFormat":"text/csv","GeneratedTime":"2026-06-30T09:00:00Z"}}"#, base64(&csv)));
    sandbox.write(
        "bundle/details.json",
        format!(r#"{{"UserDetailList":[{{"UserName":"u","Arn":"arn:aws:iam::{ACCOUNT}:user/u","UserId":"AIDANEW","CreateDate":"2026-06-30T10:00:00Z"}}]}}"#),
    );
    sandbox.collect(0);
    assert_eq!(keys(&sandbox), Vec::<AccessKeyRow>::new());
    assert!(!user(&sandbox, "u").access_keys_known);
    sandbox
        .run(&["gate", "inv", "--max-key-age", "90"])
        .expect_code(3);
}
