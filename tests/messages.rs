//! Help and errors, as people read them.

use crate::support::{ReportRow, Sandbox, with_report};

fn error(arguments: &[&str]) -> String {
    Sandbox::new().run(arguments).expect_code(2).stderr
}

#[test]
fn errors_name_the_place_and_what_to_do() {
    insta::assert_snapshot!(error(&["collect", "--from", "nowhere", "--out", "inv"]), @"error: cannot read `nowhere`; `--from` takes files and folders that exist: No such file or directory (os error 2)");
    insta::assert_snapshot!(error(&["audit", "nowhere"]), @"error: `nowhere` is no inventory: it has no `manifest.json`; make one with `leastgrant collect --out nowhere`");
    insta::assert_snapshot!(error(&["audit", ".", "--as-of", "yesterday"]), @"
    error: invalid value 'yesterday' for '--as-of <RFC3339>': a time with its offset was expected, such as `2026-01-31T08:00:00Z`

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(error(&["explain", "stale-users"]), @r#"
    error: invalid value 'stale-users' for '<RULE>'
      [possible values: root-access-key, root-without-mfa, root-used, user-without-mfa, stale-user, unused-access-key, unrotated-access-key, unused-password, weak-password-policy, expired-exemption, inactive-access-key, two-active-access-keys, user-without-credentials, long-lived-service-credential, stale-role, admin-access, unscoped-permissions-management, credential-exposure, data-exfiltration, service-wildcard, unscoped-write, allow-not-action, allow-not-resource, effectively-star-resource, unused-permission, unused-service, unused-policy-attachment, boundary-missing, policy-lint, migrate-key, public-trust, cross-account-trust, confused-deputy, oidc-without-subject, oidc-wide-subject, saml-without-audience, trusts-deleted-principal, role-chain, unattached-policy, empty-group, duplicate-policy, stale-policy-version, direct-user-policy, permission-set-unused, escalation-path, can-become-admin]

      tip: a similar value exists: 'stale-user'

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(error(&["audit", "nowhere", "--config", "missing.toml"]), @"error: cannot read the settings `missing.toml`: No such file or directory (os error 2)");
}

#[test]
fn a_bundle_without_anything_usable_says_why() {
    let sandbox = Sandbox::new();
    sandbox.write("bundle/notes.txt", "hello");
    sandbox.write("bundle/cut.json", "{");
    insta::assert_snapshot!(sandbox.run(&["collect", "--from", "bundle", "--out", "inv"]).expect_code(2).stderr, @"error: nothing usable in `bundle`: `bundle/cut.json:1:1`: is not whole JSON: EOF while parsing an object; export it again; `bundle/notes.txt`: is neither JSON nor a credential report; export it again if a command was to write it, or else remove it from the bundle");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    insta::assert_snapshot!(sandbox.run(&["collect", "--from", "empty", "--out", "inv"]).expect_code(2).stderr, @"error: nothing usable in `empty`: there are no files; `leastgrant bundle-script` prints a script that writes them");
}

#[test]
fn a_damaged_inventory_is_named_and_no_panic() {
    let sandbox = with_report(&[ReportRow::user("u", "2020-01-01T00:00:00Z")]);
    sandbox.collect(0);
    sandbox.write("inv/users.parquet", "PAR1 not really PAR1");
    let ran = sandbox.run(&["audit", "inv"]).expect_code(2);
    assert!(ran.stderr.starts_with("error: cannot use the table `inv/users.parquet`; if the file was changed or cut, collect the inventory again: "), "{}", ran.stderr);
    std::fs::remove_file(sandbox.path("inv/users.parquet")).unwrap();
    let ran = sandbox.run(&["audit", "inv"]).expect_code(2);
    assert!(
        ran.stderr
            .starts_with("error: cannot read the table `inv/users.parquet`; collect the inventory again: No such file"),
        "{}",
        ran.stderr
    );
    sandbox.write("inv/manifest.json", r#"{"schema":"leastgrant.manifest/9"}"#);
    insta::assert_snapshot!(sandbox.run(&["audit", "inv"]).expect_code(2).stderr, @"error: `inv/manifest.json` has the schema `leastgrant.manifest/9`, and this version of leastgrant reads `leastgrant.manifest/1`; collect the inventory again");
    sandbox.write("inv/manifest.json", "{");
    insta::assert_snapshot!(sandbox.run(&["audit", "inv"]).expect_code(2).stderr, @"error: `inv/manifest.json` cannot be understood; collect the inventory again: EOF while parsing an object at line 1 column 1");
}

#[test]
fn settings_that_are_wrong_are_named_with_their_place() {
    let sandbox = with_report(&[]);
    sandbox.collect(0);
    sandbox.write("leastgrant.toml", "[thresholds]\nstale_usr_days = 1\n");
    insta::assert_snapshot!(sandbox.run(&["audit", "inv"]).expect_code(2).stderr, @"error: cannot use the settings `leastgrant.toml`: line 2, column 1: unknown field `stale_usr_days`, expected one of `stale_user_days`, `unused_access_key_days`, `unrotated_access_key_days`, `unused_password_days`, `root_used_days`, `long_lived_service_credential_days`, `stale_role_days`, `unused_service_days`");
    // Of all commands, since `run` would come to it after hours.
    sandbox.write("leastgrant.toml", "[minimize]\nkeep_sidz = []\n");
    let ran = sandbox.run(&["audit", "inv"]).expect_code(2);
    assert!(
        ran.stderr.contains("unknown field `keep_sidz`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn help_is_what_people_read_first() {
    insta::assert_snapshot!(
        "help",
        Sandbox::new().run(&["--help"]).expect_code(0).stdout
    );
    insta::assert_snapshot!(
        "help_run",
        Sandbox::new().run(&["run", "--help"]).expect_code(0).stdout
    );
    insta::assert_snapshot!(
        "help_gate",
        Sandbox::new()
            .run(&["gate", "--help"])
            .expect_code(0)
            .stdout
    );
}

#[test]
fn global_flags_stand_before_and_after_the_command() {
    let sandbox = with_report(&[]);
    sandbox
        .run(&["--quiet", "collect", "--from", "bundle", "--out", "inv"])
        .expect_code(0);
    let ran = sandbox
        .run(&["collect", "--from", "bundle", "--out", "inv", "-q"])
        .expect_code(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command()
        .args(["tables"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
}

#[test]
fn completions_and_manual_are_there() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            Sandbox::new()
                .run(&["completions", shell])
                .expect_code(0)
                .stdout
                .contains("leastgrant")
        );
    }
    let manual = Sandbox::new().run(&["man"]).expect_code(0).stdout;
    assert!(
        manual.contains(".TH leastgrant") && manual.contains("max\\-key\\-age"),
        "{manual}"
    );
}
