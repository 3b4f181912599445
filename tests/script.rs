//! `bundle-script`: run by a plain shell against a made-up `aws`, and its bundle collected.

use std::os::unix::fs::PermissionsExt;

use leastgrant_inventory::tables::{
    AccessKeyRow, LastAccessedServiceRow, OrganizationAccountRow, PermissionSetRow, UserRow,
};

use crate::support::{ACCOUNT, Sandbox};

/// Answers what the script asks. Anything else is refused as AWS refuses it.
const FAKE_AWS: &str = r#"#!/bin/sh
args="$*"
has() { case "$args" in *"$1"*) return 0;; *) return 1;; esac; }
has "--query" && text=yes || text=no
case "$1 $2" in
"sts get-caller-identity") printf '111122223333\tarn:aws:iam::111122223333:user/auditor\n' ;;
"iam generate-credential-report") echo COMPLETE ;;
"iam get-credential-report") echo '{"Content":"@REPORT@","ReportFormat":"text/csv","GeneratedTime":"2026-06-30T10:00:00+00:00"}' ;;
"iam get-account-authorization-details") echo '{"UserDetailList":[{"UserName":"u+x","Arn":"arn:aws:iam::111122223333:user/u+x","CreateDate":"2020-01-01T00:00:00+00:00"}],"RoleDetailList":[]}' ;;
"iam get-account-summary") echo '{"SummaryMap":{"Users":1}}' ;;
"iam list-users") if [ $text = no ]; then echo '{"Users":[]}'; elif has .Arn; then echo 'arn:aws:iam::111122223333:user/u+x'; else echo 'u+x'; fi ;;
"iam list-roles") : ;;
"iam list-access-keys") if [ $text = yes ]; then echo AKIAEXAMPLE; else echo '{"AccessKeyMetadata":[{"UserName":"u+x","AccessKeyId":"AKIAEXAMPLE","Status":"Active","CreateDate":"2020-01-01T00:00:00+00:00"}]}'; fi ;;
"iam get-access-key-last-used") echo '{"UserName":"u+x","AccessKeyLastUsed":{"LastUsedDate":"2026-06-30T09:00:00+00:00","ServiceName":"s3","Region":"N/A"}}' ;;
"iam list-mfa-devices") echo '{"MFADevices":[]}' ;;
"iam list-ssh-public-keys") echo '{"SSHPublicKeys":[]}' ;;
"iam generate-service-last-accessed-details") echo job-1 ;;
"iam get-service-last-accessed-details")
  if has JobStatus; then echo COMPLETED; elif has "--query Marker"; then has "--marker" && echo None || echo m1
  elif has "--marker"; then echo '{"JobStatus":"COMPLETED","JobCompletionDate":"2026-06-30T10:00:00+00:00","ServicesLastAccessed":[{"ServiceNamespace":"ec2"}],"IsTruncated":false}'
  else echo '{"JobStatus":"COMPLETED","JobCompletionDate":"2026-06-30T10:00:00+00:00","ServicesLastAccessed":[{"ServiceNamespace":"s3"}],"IsTruncated":true,"Marker":"m1"}'; fi ;;
"organizations describe-organization") echo '{"Organization":{"Id":"o-1"}}' ;;
"organizations list-roots") if [ $text = yes ]; then echo r-1; else echo '{"Roots":[{"Id":"r-1"}]}'; fi ;;
"organizations list-accounts") echo '{"Accounts":[{"Id":"111122223333","Name":"main"}]}' ;;
"organizations list-accounts-for-parent") echo '{"Accounts":[{"Id":"111122223333"}]}' ;;
"organizations list-organizational-units-for-parent") if [ $text = no ]; then echo '{"OrganizationalUnits":[]}'; fi ;;
"organizations list-policies") if [ $text = no ]; then echo '{"Policies":[]}'; fi ;;
"sso-admin list-instances") echo 'arn:aws:sso:::instance/i' ;;
"sso-admin list-permission-sets") if [ $text = yes ]; then echo arn:aws:sso:::permissionSet/i/ps; else echo '{"PermissionSets":["arn:aws:sso:::permissionSet/i/ps"]}'; fi ;;
*) echo "An error occurred (AccessDenied) when calling the X operation: User \"x\" is not authorized" >&2; exit 254 ;;
esac
"#;

fn shell(sandbox: &Sandbox, out: &str) -> std::process::Output {
    sandbox.write(
        "bundle.sh",
        sandbox.run(&["bundle-script"]).expect_code(0).stdout,
    );
    let csv = crate::support::report(&[crate::support::ReportRow::user(
        "u+x",
        "2020-01-01T00:00:00+00:00",
    )
    .key(1, "true", "2020-01-01T00:00:00+00:00", "N/A")]);
    // The report in plain text: the collector reads both, and the shell has no easy base64 everywhere.
    let escaped = csv
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    sandbox.write(
        "bin/aws",
        FAKE_AWS
            .replace("@REPORT@", &escaped)
            .replace("echo '{\"Content\"", "printf '%s\\n' '{\"Content\""),
    );
    std::fs::set_permissions(
        sandbox.path("bin/aws"),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let path = format!(
        "{}:{}",
        sandbox.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    std::process::Command::new("sh")
        .args(["bundle.sh", out])
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", path)
        .output()
        .expect("sh runs")
}

#[test]
fn the_scripts_bundle_is_collected_and_refusals_are_gaps() {
    let sandbox = Sandbox::new();
    let output = shell(&sandbox, "bundle");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("calls that were refused: "), "{said}");
    sandbox.collect(3);
    let user = sandbox
        .rows::<UserRow>()
        .into_iter()
        .find(|user| user.user_name == "u+x")
        .unwrap();
    assert!(
        user.access_keys_known && user.details_known && user.mfa_active == Some(false),
        "{user:?}"
    );
    let key = &sandbox.rows::<AccessKeyRow>()[0];
    assert_eq!(
        (
            key.access_key_id.as_deref(),
            key.slot,
            key.last_used_service.as_deref()
        ),
        (Some("AKIAEXAMPLE"), Some(1), Some("s3"))
    );
    let services: Vec<_> = sandbox
        .rows::<LastAccessedServiceRow>()
        .into_iter()
        .map(|row| row.service_namespace)
        .collect();
    assert_eq!(services, ["ec2", "s3"]);
    assert_eq!(
        sandbox.rows::<OrganizationAccountRow>()[0]
            .parent_id
            .as_deref(),
        Some("r-1")
    );
    assert_eq!(sandbox.rows::<PermissionSetRow>().len(), 1);
    for gap in sandbox.manifest()["gaps"].as_array().unwrap() {
        assert_eq!(
            (gap["error_code"].as_str(), gap["account_id"].as_str()),
            (Some("AccessDenied"), Some(ACCOUNT)),
            "{gap}"
        );
    }
}

#[test]
fn the_script_writes_into_no_folder_that_is_not_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/thesis.txt", "years of work");
    let output = shell(&sandbox, "mine");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
}
