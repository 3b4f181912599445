//! Rules: what is listed, explained and documented is what is asked; and their edges.

use crate::support::{NOW, ReportRow, Sandbox, account_json, with_report};

const OLD: &str = "2020-01-01T00:00:00+00:00";
const RECENT: &str = "2026-06-29T00:00:00+00:00";

#[test]
fn rules_and_explain_say_the_same_as_the_handbook() {
    let listed = Sandbox::new().run(&["rules"]).expect_code(0).stdout;
    let mut handbook = String::from(
        "# Rules\n\n<!-- Made from the rules' own texts by `LEASTGRANT_UPDATE=1 cargo xtask test`; changes here are lost. -->\n\nWhat `leastgrant audit` looks for. Limits are settings of `leastgrant.toml`; strictly more than a limit is a finding.\n",
    );
    for rule in leastgrant_audit::rules::ALL
        .iter()
        .map(|rule| rule.metadata)
    {
        assert!(listed.contains(rule.id), "{} in {listed}", rule.id);
        let explained = Sandbox::new()
            .run(&["explain", rule.id])
            .expect_code(0)
            .stdout;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        handbook.push_str(&format!(
            "\n## {}\n\n{} (severity: {})\n",
            rule.id,
            rule.summary,
            rule.severity.name()
        ));
        for (title, text) in [
            ("What it does", rule.what_it_does),
            ("Why it is bad", rule.why_it_is_bad),
            ("Evidence needed", rule.evidence_needed),
            ("Limits", rule.limits),
            ("What to do", rule.remediation),
        ] {
            assert!(
                words(&explained).contains(&words(text)),
                "{text}\nin\n{explained}"
            );
            handbook.push_str(&format!("\n**{title}.** {text}\n"));
        }
        handbook.push_str("\n**References**\n\n");
        for reference in rule.references {
            let link = if reference.starts_with("https://") {
                format!("<{reference}>")
            } else {
                (*reference).to_owned()
            };
            handbook.push_str(&format!("- {link}\n"));
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    if std::env::var_os("LEASTGRANT_UPDATE").is_some() {
        std::fs::write(&path, &handbook).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == handbook,
        "docs/rules.md is out of date: run the tests once with LEASTGRANT_UPDATE=1"
    );
}

#[test]
fn what_the_bundle_never_had_is_not_checked_and_no_gap() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.not_checked(),
        [
            "admin-access: no policies were collected (authorization details)",
            "allow-not-action: no policies were collected (authorization details)",
            "allow-not-resource: no policies were collected (authorization details)",
            "can-become-admin: no policies were collected (authorization details)",
            "confused-deputy: no roles were collected (authorization details)",
            "credential-exposure: no policies were collected (authorization details)",
            "cross-account-trust: no roles were collected (authorization details)",
            "data-exfiltration: no policies were collected (authorization details)",
            "direct-user-policy: the policies were not collected of `u`",
            "duplicate-policy: no managed policies were collected (authorization details)",
            "effectively-star-resource: no policies were collected (authorization details)",
            "empty-group: no groups were collected (authorization details)",
            "escalation-path: no policies were collected (authorization details)",
            "long-lived-service-credential: no SSH public keys were collected",
            "long-lived-service-credential: no service-specific credentials were collected",
            "oidc-wide-subject: no roles were collected (authorization details)",
            "oidc-without-subject: no roles were collected (authorization details)",
            "policy-lint: no policies were collected (authorization details)",
            "public-trust: no roles were collected (authorization details)",
            "role-chain: no roles were collected (authorization details)",
            "saml-without-audience: no roles were collected (authorization details)",
            "service-wildcard: no policies were collected (authorization details)",
            "stale-policy-version: no managed policies were collected (authorization details)",
            "stale-role: no roles were collected (authorization details)",
            "trusts-deleted-principal: no roles were collected (authorization details)",
            "unattached-policy: no managed policies were collected (authorization details)",
            "unscoped-permissions-management: no policies were collected (authorization details)",
            "unscoped-write: no policies were collected (authorization details)",
            "unused-permission: CloudTrail logs tell nothing unused: no events of the account were read",
            "unused-permission: no policies were collected (authorization details)",
            "unused-policy-attachment: CloudTrail logs tell nothing unused: no events of the account were read",
            "unused-policy-attachment: no policies were collected (authorization details)",
            "unused-service: no policies were collected (authorization details)",
            "unused-service: no service last-accessed data were collected",
            "weak-password-policy: the password policy was not collected",
        ]
    );
}

#[test]
fn one_credential_in_use_keeps_a_user_from_being_stale() {
    let sandbox = with_report(&[
        ReportRow::user("all-old", OLD)
            .password(OLD, "no_information")
            .key(1, "true", OLD, "N/A"),
        ReportRow::user("key-in-use", OLD)
            .password(OLD, "no_information")
            .key(1, "true", OLD, RECENT),
        ReportRow::user("password-in-use", OLD)
            .password(OLD, RECENT)
            .key(1, "true", OLD, "N/A"),
        ReportRow::user("only-inactive", OLD).key(1, "false", OLD, "N/A"),
        ReportRow::user("young", RECENT).password(RECENT, "no_information"),
    ]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "stale-user"]),
        ["stale-user user/all-old -"]
    );
    assert_eq!(
        sandbox.findings(&["--rules", "user-without-credentials"]),
        ["user-without-credentials user/only-inactive -"]
    );
}

#[test]
fn two_active_keys_are_one_finding_and_one_of_each_is_none() {
    let sandbox = with_report(&[
        ReportRow::user("two", OLD)
            .key(1, "true", RECENT, RECENT)
            .key(2, "true", RECENT, RECENT),
        ReportRow::user("one", OLD)
            .key(1, "true", RECENT, RECENT)
            .key(2, "false", RECENT, RECENT),
    ]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "two-active-access-keys"]),
        ["two-active-access-keys user/two -"]
    );
}

#[test]
fn a_password_policy_is_judged_by_length_and_memory() {
    let policy = |members: &str| {
        let sandbox = with_report(&[]);
        sandbox.write(
            "bundle/password-policy.json",
            format!(r#"{{"PasswordPolicy":{{{members}}}}}"#),
        );
        sandbox.collect(0);
        sandbox
            .run(&[
                "audit",
                "inv",
                "--rules",
                "weak-password-policy",
                "--format",
                "json",
            ])
            .json()["findings"][0]["detail"]
            .clone()
    };
    assert_eq!(
        policy(r#""MinimumPasswordLength":14,"PasswordReusePrevention":24"#),
        serde_json::Value::Null
    );
    assert_eq!(
        policy(r#""MinimumPasswordLength":13,"PasswordReusePrevention":24"#),
        "passwords need 13 characters, and 14 are wanted"
    );
    assert_eq!(
        policy(r#""MinimumPasswordLength":14"#),
        "0 earlier passwords are remembered, and 24 are wanted"
    );
}

#[test]
fn the_account_summary_stands_in_for_a_missing_report() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/account.json", account_json(NOW));
    sandbox.write(
        "bundle/summary.json",
        r#"{"SummaryMap":{"AccountAccessKeysPresent":1,"AccountMFAEnabled":0}}"#,
    );
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&[]),
        ["root-access-key root -", "root-without-mfa root -"]
    );
}

#[test]
fn thresholds_are_settings() {
    let sandbox =
        with_report(&[ReportRow::user("u", OLD).key(1, "true", "2026-06-01T00:00:00Z", RECENT)]);
    sandbox.collect(0);
    assert_eq!(
        sandbox.findings(&["--rules", "unrotated-access-key"]).len(),
        0
    );
    sandbox.write(
        "leastgrant.toml",
        "[thresholds]\nunrotated_access_key_days = 7\n",
    );
    assert_eq!(
        sandbox.findings(&["--rules", "unrotated-access-key"]).len(),
        1
    );
}

#[test]
fn fail_on_counts_what_is_not_exempted() {
    let sandbox = with_report(&[ReportRow::user("u", OLD)
        .password(RECENT, RECENT)
        .cell("mfa_active", "false")]);
    sandbox.collect(0);
    sandbox
        .run(&["audit", "inv", "--fail-on", "high"])
        .expect_code(1);
    // Nothing fails; that a report alone leaves policies open is said.
    sandbox
        .run(&["audit", "inv", "--fail-on", "critical"])
        .expect_code(3);
    sandbox.write("leastgrant.toml", "[[exemption]]\nrule = \"user-without-mfa\"\nresource = \"*\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2027-01-01\n");
    sandbox
        .run(&["audit", "inv", "--fail-on", "high"])
        .expect_code(3);
}

#[test]
fn a_findings_id_does_not_depend_on_its_age_or_on_other_findings() {
    let id = |rows: &[ReportRow], as_of: &str| {
        let sandbox = with_report(rows);
        sandbox.collect(0);
        let document = sandbox
            .run(&[
                "audit",
                "inv",
                "--rules",
                "unrotated-access-key",
                "--as-of",
                as_of,
                "--format",
                "json",
            ])
            .json();
        let findings = document["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .find(|finding| {
                finding["resource_arn"]
                    .as_str()
                    .unwrap()
                    .ends_with("user/u")
            })
            .unwrap()["id"]
            .clone()
    };
    let row = ReportRow::user("u", OLD).key(1, "true", OLD, RECENT);
    let other = ReportRow::user("a", OLD).key(1, "true", OLD, RECENT);
    let in_slot_2 = ReportRow::user("u", OLD).key(2, "true", OLD, RECENT);
    let expected = id(std::slice::from_ref(&row), NOW);
    assert_eq!(id(&[other, row.clone()], NOW), expected);
    assert_eq!(id(&[row], "2027-01-01T00:00:00Z"), expected);
    assert_eq!(
        id(&[in_slot_2], NOW),
        expected,
        "slots change when keys come and go"
    );
}
