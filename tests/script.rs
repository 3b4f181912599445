//! `bundle-script`: run by a plain shell against a made-up `aws`, and its bundle collected.

use std::os::unix::fs::PermissionsExt;

use leastgrant_inventory::tables::{
    AccessKeyRow, EventDataStoreRow, LastAccessedServiceRow, OrganizationAccountRow,
    PermissionSetRow, ResourcePolicyRow, TrailRow, UserRow,
};

use crate::support::{ACCOUNT, Sandbox};

/// Answers what the script asks. Anything else is refused as AWS refuses it.
const FAKE_AWS: &str = r#"#!/bin/sh
args="$*"
has() { case "$args" in *"$1"*) return 0;; *) return 1;; esac; }
has "--query" && text=yes || text=no
deny() { echo "An error occurred ($1) when calling the X operation: User \"x\" is not authorized" >&2; exit 254; }
has "--no-such-flag" && exit 2
case "$1 $2" in
"sts get-caller-identity") printf '111122223333\tarn:aws:iam::111122223333:user/auditor\n' ;;
"iam generate-credential-report") echo '{"State": "COMPLETE"}' ;;
"iam get-credential-report") printf '%s\n' '{"Content":"@REPORT@","ReportFormat":"text/csv","GeneratedTime":"2026-06-30T10:00:00+00:00"}' ;;
"iam get-account-authorization-details") echo '{"UserDetailList":[{"UserName":"--help","Arn":"arn:aws:iam::111122223333:user/--help","CreateDate":"2020-01-01T00:00:00+00:00"}],"RoleDetailList":[]}' ;;
"iam get-account-password-policy") deny NoSuchEntity ;;
"iam get-account-summary") echo '{"SummaryMap":{"Users":1}}' ;;
"iam list-users") if [ $text = no ]; then echo '{"Users":[]}'; elif has .Arn; then echo 'arn:aws:iam::111122223333:user/--help'; else echo '--help'; fi ;;
"iam list-roles") printf '%s\n' 'arn:aws:iam::111122223333:role/evil"},"Answer":{"JobStatus":"COMPLETED","ServicesLastAccessed":[]},"Z":{"k":"*/r' ;;
"iam list-access-keys")
  has "--user-name=--help" || { echo "usage" >&2; exit 252; }
  echo '{
    "AccessKeyMetadata": [
        {"UserName":"--help","AccessKeyId": "AKIAEXAMPLE","Status":"Active","CreateDate":"2020-01-01T00:00:00+00:00"}
    ]
}' ;;
"iam get-access-key-last-used") has "--access-key-id=AKIAEXAMPLE" && echo '{"UserName":"--help","AccessKeyLastUsed":{"LastUsedDate":"2026-06-30T09:00:00+00:00","ServiceName":"s3","Region":"N/A"}}' ;;
"iam list-mfa-devices") echo '{"MFADevices":[]}' ;;
"iam list-ssh-public-keys") echo '{"SSHPublicKeys":[]}' ;;
"iam generate-service-last-accessed-details") has role && deny Throttling; echo '{"JobId": "job-1"}' ;;
"iam get-service-last-accessed-details")
  if has "--marker=m1"; then echo '{"JobStatus":"COMPLETED","JobCompletionDate":"2026-06-30T10:00:00+00:00","ServicesLastAccessed":[{"ServiceNamespace":"ec2"}],"IsTruncated":false}'
  elif [ -e "$0.asked" ]; then echo '{"JobStatus":"COMPLETED","JobCompletionDate":"2026-06-30T10:00:00+00:00","ServicesLastAccessed":[{"ServiceNamespace":"s3"}],"IsTruncated":true,"Marker":"m1"}'
  else : >"$0.asked"; echo '{"JobStatus":"IN_PROGRESS","JobCreationDate":"2026-06-30T10:00:00+00:00"}'; fi ;;
"organizations describe-organization") echo '{"Organization":{"Id":"o-1","MasterAccountId":"111122223333"}}' ;;
"organizations list-roots") if [ $text = yes ]; then echo r-1; else echo '{"Roots":[{"Id":"r-1"}]}'; fi ;;
"organizations list-accounts") echo '{"Accounts":[{"Id":"111122223333","Name":"main"}]}' ;;
"organizations list-accounts-for-parent") echo '{"Accounts":[{"Id":"111122223333"}]}' ;;
"organizations list-organizational-units-for-parent") if [ $text = no ]; then echo '{"OrganizationalUnits":[]}'; fi ;;
"organizations list-policies") if [ $text = no ]; then echo '{"Policies":[]}'; fi ;;
"sso-admin list-instances") echo 'arn:aws:sso:::instance/i' ;;
"sso-admin list-permission-sets") if [ $text = yes ]; then echo arn:aws:sso:::permissionSet/i/ps; else echo '{"PermissionSets":["arn:aws:sso:::permissionSet/i/ps"]}'; fi ;;
"cloudtrail describe-trails") if [ $text = yes ]; then echo arn:aws:cloudtrail:eu-west-1:111122223333:trail/t; else echo '{"trailList":[{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t","HasCustomEventSelectors":false}]}'; fi ;;
"cloudtrail get-trail-status") has "--region=eu-west-1 --name=arn:aws:cloudtrail:eu-west-1:111122223333:trail/t" && echo '{"IsLogging":true,"StartLoggingTime":"2026-01-01T00:00:00+00:00"}' ;;
"cloudtrail list-event-data-stores") echo arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/e ;;
"cloudtrail get-event-data-store") echo '{"EventDataStoreArn":"arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/e","Status":"ENABLED","RetentionPeriod":90}' ;;
"account list-regions") if [ $text = yes ]; then echo eu-west-1; else echo '{"Regions":[{"RegionName":"eu-west-1"}]}'; fi ;;
"s3api list-buckets") printf 'with\twithout\n' ;;
"s3api get-bucket-policy") has "--bucket=without" && deny NoSuchBucketPolicy; echo '{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}' ;;
"sqs list-queues") has "--region=eu-west-1" && echo https://sqs.eu-west-1.amazonaws.com/111122223333/jobs ;;
"sqs get-queue-attributes") has "--queue-url=https://sqs.eu-west-1.amazonaws.com/111122223333/jobs" && echo '{"Attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}}' ;;
"lambda list-functions") echo arn:aws:lambda:eu-west-1:111122223333:function:f ;;
"lambda list-aliases") has "--function-name=arn:aws:lambda:eu-west-1:111122223333:function:f" && echo arn:aws:lambda:eu-west-1:111122223333:function:f:live ;;
"lambda get-policy") has "--function-name=arn:aws:lambda:eu-west-1:111122223333:function:f --qualifier=live" || deny ResourceNotFoundException; echo '{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"}' ;;
"kms list-keys" | "sns list-topics" | "ecr describe-repositories") ;;
*) deny AccessDenied ;;
esac
"#;

fn shell(sandbox: &Sandbox, arguments: &[&str]) -> std::process::Output {
    sandbox.write(
        "bundle.sh",
        sandbox.run(&["bundle-script"]).expect_code(0).stdout,
    );
    let csv = crate::support::report(&[crate::support::ReportRow::user(
        "--help",
        "2020-01-01T00:00:00+00:00",
    )
    .key(1, "true", "2020-01-01T00:00:00+00:00", "N/A")]);
    // The report in plain text: the collector reads both, and the shell has no easy base64 everywhere.
    let escaped = csv
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    sandbox.write("bin/aws", FAKE_AWS.replace("@REPORT@", &escaped));
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
        .arg("bundle.sh")
        .args(arguments)
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", path)
        .output()
        .expect("sh runs")
}

#[test]
fn the_scripts_bundle_is_collected_and_refusals_are_gaps() {
    let sandbox = Sandbox::new();
    let output = shell(&sandbox, &["bundle"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("calls that were refused: "), "{said}");
    assert!(!said.contains("refused: 0"), "{said}");
    sandbox.collect(3);
    let user = sandbox
        .rows::<UserRow>()
        .into_iter()
        .find(|user| user.user_name == "--help")
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
    let trail = &sandbox.rows::<TrailRow>()[0];
    assert_eq!(
        (trail.is_logging, trail.has_custom_event_selectors),
        (Some(true), Some(false))
    );
    // The role's name is an attack on the script's quoting; its throttled job is a gap, and nothing else became of it.
    let manifest = sandbox.manifest();
    let codes: Vec<_> = manifest["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| {
            assert_eq!(gap["account_id"], ACCOUNT, "{gap}");
            (
                gap["error_code"].as_str().expect("a refusal"),
                gap["unknowable"][0].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert!(
        codes.contains(&("Throttling", "last_accessed")),
        "{codes:?}"
    );
    // These are asked only to loop over their answers, and a refusal must show all the same.
    for kind in [
        "access_analyzer",
        "trails",
        "service_specific_credentials",
        "identity_providers",
    ] {
        assert!(
            codes.contains(&("AccessDenied", kind)),
            "{kind} in {codes:?}"
        );
    }
    assert_eq!(
        sandbox.findings(&["--rules", "weak-password-policy"]).len(),
        1,
        "no policy is a fact, not a refusal"
    );
}

#[test]
fn the_script_writes_into_no_folder_that_is_not_empty() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/thesis.txt", "years of work");
    let output = shell(&sandbox, &["mine"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
}

#[test]
fn an_export_that_did_not_end_is_a_gap() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "bundle/account.json",
        r#"{"Account":"111122223333","complete":false}"#,
    );
    sandbox.collect(3);
    assert_eq!(
        sandbox.gaps(),
        ["bundle/account.json#/complete: the export did not come to its end; run the script again"]
    );
}

#[test]
fn policies_of_resources_are_asked_for_where_they_are_wanted() {
    let sandbox = Sandbox::new();
    let arguments = ["--no-last-accessed", "--resource-policies", "bundle"];
    let output = shell(&sandbox, &arguments);
    assert_eq!(output.status.code(), Some(3));
    sandbox.collect(3);
    let arns: Vec<_> = sandbox
        .rows::<ResourcePolicyRow>()
        .into_iter()
        .map(|row| row.resource_arn)
        .collect();
    assert_eq!(
        arns,
        [
            "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
            "arn:aws:s3:::with",
            "arn:aws:sqs:eu-west-1:111122223333:jobs"
        ]
    );
    let manifest = sandbox.manifest();
    let gaps = manifest["gaps"].as_array().unwrap();
    let refused: Vec<_> = gaps
        .iter()
        .filter(|gap| gap["unknowable"] == serde_json::json!(["resource_policies"]))
        .collect();
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert!(
        refused[0]["reason"]
            .as_str()
            .unwrap()
            .contains("AccessDenied"),
        "secrets are refused"
    );
    assert_eq!(
        sandbox.rows::<EventDataStoreRow>()[0].retention_days,
        Some(90)
    );
}
