//! `collect` and `run` from AWS itself: what comes over HTTP is what the same account's files hold; failures are gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::Duration;

use leastgrant_inventory::tables::{
    AccessKeyRow, AccountSummaryRow, AnalyzerFindingRow, EventDataStoreRow, GroupMembershipRow,
    GroupRow, IdentityProviderRow, InstanceProfileRow, LastAccessedActionRow,
    LastAccessedReportRow, LastAccessedServiceRow, LongLivedCredentialRow, ManagedPolicyRow,
    MfaDeviceRow, OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow,
    OrganizationalUnitRow, PasswordPolicyRow, PermissionSetAssignmentRow, PermissionSetRow,
    PolicyVersionRow, RoleRow, TrailRow, UserRow,
};
use leastgrant_inventory::{Inventory, Row, Timestamp};
use serde_json::{Value, json};

use crate::servers::{AccountServer, with_credentials};
use crate::support::{HEADER, Ran, Sandbox};

pub(crate) struct Account {
    pub(crate) sandbox: Sandbox,
    server: AccountServer,
}

impl Account {
    pub(crate) fn new() -> Option<Self> {
        let sandbox = Sandbox::new();
        let server = AccountServer::start(&sandbox.path(""))?;
        Some(Self { sandbox, server })
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = with_credentials(&self.sandbox);
        command
            .args(arguments)
            .args(["--endpoint-url", self.server.url()]);
        command
    }

    pub(crate) fn url(&self) -> &str {
        self.server.url()
    }

    pub(crate) fn collect(&self, arguments: &[&str]) -> Ran {
        let all = [&["collect", "--out", "inv"], arguments].concat();
        self.sandbox.ran(&mut self.command(&all))
    }

    pub(crate) fn faults(&self, faults: &Value) {
        self.sandbox.write("faults.json", faults.to_string());
    }

    /// The calls since the last time, as `service:Operation KEY ABOUT`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let log = self.sandbox.read("calls.log");
        self.sandbox.write("calls.log", "");
        log.lines().map(str::to_owned).collect()
    }

    /// All tables but those that name the collection itself.
    fn tables(&self, inventory: &str) -> Vec<String> {
        let inventory = Inventory::open(&self.sandbox.path(inventory)).unwrap();
        // boto3 reads a time as a binary fraction, which moves its microseconds.
        let mut accounts: Vec<OrganizationAccountRow> = inventory.read().unwrap();
        for account in &mut accounts {
            account.joined_at = account
                .joined_at
                .map(|at| Timestamp::from_second(at.as_second()).unwrap());
        }
        // Findings are kept as they were sent, which boto3 does not.
        let mut findings: Vec<AnalyzerFindingRow> = inventory.read().unwrap();
        for finding in &mut findings {
            let members: Value = serde_json::from_str(&finding.finding).unwrap();
            finding.finding = members.to_string().replace("+00:00", "Z");
        }
        fn rows<R: Row + std::fmt::Debug>(inventory: &Inventory) -> Vec<String> {
            let rows: Vec<R> = inventory.read().unwrap();
            assert!(!rows.is_empty(), "{}", std::any::type_name::<R>());
            rows.iter().map(|row| format!("{row:?}")).collect()
        }
        [
            rows::<UserRow>(&inventory),
            rows::<AccessKeyRow>(&inventory),
            rows::<GroupRow>(&inventory),
            rows::<GroupMembershipRow>(&inventory),
            rows::<RoleRow>(&inventory),
            rows::<ManagedPolicyRow>(&inventory),
            rows::<PolicyVersionRow>(&inventory),
            rows::<InstanceProfileRow>(&inventory),
            rows::<MfaDeviceRow>(&inventory),
            rows::<LongLivedCredentialRow>(&inventory),
            rows::<IdentityProviderRow>(&inventory),
            rows::<AccountSummaryRow>(&inventory),
            rows::<PasswordPolicyRow>(&inventory),
            rows::<LastAccessedReportRow>(&inventory),
            rows::<LastAccessedServiceRow>(&inventory),
            rows::<LastAccessedActionRow>(&inventory),
            vec![format!("{accounts:?}")],
            rows::<OrganizationalUnitRow>(&inventory),
            rows::<OrganizationPolicyRow>(&inventory),
            rows::<OrganizationPolicyTargetRow>(&inventory),
            rows::<PermissionSetRow>(&inventory),
            rows::<TrailRow>(&inventory),
            rows::<EventDataStoreRow>(&inventory),
            vec![format!("{findings:?}")],
        ]
        .concat()
    }

    fn has_answers(&self) -> bool {
        self.sandbox.path(".inv.leastgrant-answers").exists()
    }
}

pub(crate) const AS_OF: [&str; 2] = ["--as-of", "2026-12-01T00:00:00Z"];

#[test]
fn an_account_collected_live_is_the_account_collected_from_its_files() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let calls = account.calls();
    let files = ["collect", "--from", "bundle", "--out", "files"];
    account
        .sandbox
        .run(&[&files[..], &AS_OF].concat())
        .expect_code(0);
    assert_eq!(account.tables("inv"), account.tables("files"));
    assert!(!account.has_answers(), "all is there, so nothing is kept");
    // No call is made twice but those that wait for a job, and those of another page.
    let waits = [
        "iam:GetServiceLastAccessedDetails",
        "iam:GenerateCredentialReport",
    ];
    let once: Vec<_> = calls
        .iter()
        .filter(|call| call.starts_with("iam:") && !waits.iter().any(|wait| call.starts_with(wait)))
        .collect();
    assert_eq!(
        once.len(),
        once.iter().collect::<BTreeSet<_>>().len(),
        "{once:#?}"
    );
    // The report says that one user has no MFA device.
    let devices = calls
        .iter()
        .filter(|call| call.starts_with("iam:ListMFADevices"));
    assert_eq!(devices.count(), 1);
}

#[test]
fn what_is_refused_to_everybody_is_asked_of_five_and_is_one_gap() {
    let Some(account) = Account::new() else {
        return;
    };
    // Six principals and policies have last-accessed data.
    let on = "iam:GenerateServiceLastAccessedDetails";
    account.faults(&json!([{"on": on, "status": 403, "code": "AccessDenied"}]));
    account.collect(&AS_OF).expect_code(3);
    let asked = account.calls();
    assert_eq!(asked.iter().filter(|call| call.starts_with(on)).count(), 5);
    let gaps = account.sandbox.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    insta::assert_snapshot!(gaps[0], @r#"
123456789012/iam:GetServiceLastAccessedDetails: AWS refused the call: `AccessDenied`: ordered by the test (`iam:GenerateServiceLastAccessedDetails`); it was refused alike for the first 5, and the others were not asked
"#);
    assert_eq!(account.sandbox.rows::<AccessKeyRow>().len(), 4);
    // Once it is allowed, only this is asked, and whether there are accounts since.
    assert!(account.has_answers());
    account.faults(&json!([]));
    account
        .collect(&["--resume", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    let asked: BTreeSet<String> = account
        .calls()
        .iter()
        .map(|call| call.split(' ').next().unwrap().to_owned())
        .collect();
    insta::assert_debug_snapshot!(asked, @r#"
{
    "iam:GenerateServiceLastAccessedDetails",
    "iam:GetServiceLastAccessedDetails",
    "organizations:ListAccounts",
    "sts:GetCallerIdentity",
}
"#);
    assert!(!account.has_answers());
}

/// The call whose answer leads to another one: without it, the other one is not made.
fn call_before(call: &str) -> Option<&'static str> {
    Some(match call {
        "iam:GetCredentialReport" => "iam:GenerateCredentialReport",
        "iam:GetServiceLastAccessedDetails" => "iam:GenerateServiceLastAccessedDetails",
        "iam:GetAccessKeyLastUsed" => "iam:ListAccessKeys",
        "iam:GetOpenIDConnectProvider" => "iam:ListOpenIDConnectProviders",
        "access-analyzer:ListFindingsV2" => "access-analyzer:ListAnalyzers",
        "cloudtrail:GetEventDataStore" => "cloudtrail:ListEventDataStores",
        "cloudtrail:GetEventSelectors" | "cloudtrail:GetTrailStatus" => "cloudtrail:DescribeTrails",
        "organizations:ListAccounts" | "organizations:ListRoots" | "organizations:ListPolicies" => {
            "organizations:DescribeOrganization"
        }
        "organizations:ListAccountsForParent"
        | "organizations:ListOrganizationalUnitsForParent" => "organizations:ListRoots",
        "organizations:DescribePolicy" | "organizations:ListTargetsForPolicy" => {
            "organizations:ListPolicies"
        }
        "sso-admin:ListPermissionSets" => "sso-admin:ListInstances",
        call if call.starts_with("sso-admin:") && call != "sso-admin:ListInstances" => {
            "sso-admin:ListPermissionSets"
        }
        _ => return None,
    })
}

fn calls_before(call: &str) -> impl Iterator<Item = &'static str> {
    std::iter::successors(call_before(call), |call| call_before(call))
}

/// Every call that a collection makes, and what its refusal makes unknowable. Calls that do not lead to each other are refused in one run.
#[test]
fn each_call_that_is_refused_is_a_gap_that_names_it_and_the_rest_is_there() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let names = |calls: Vec<String>| -> BTreeSet<String> {
        let names = calls.iter().map(|call| call.split(' ').next().unwrap());
        names.map(str::to_owned).collect()
    };
    let calls = names(account.calls());
    let refusable = calls.iter().filter(|call| *call != "sts:GetCallerIdentity");
    let mut rounds: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for call in refusable {
        let round = calls_before(call).count();
        rounds.entry(round).or_default().insert(call);
    }
    let mut told = Vec::new();
    for refused in rounds.values() {
        let faults = refused
            .iter()
            .map(|call| json!({"on": call, "status": 403, "code": "AccessDenied"}));
        account.faults(&faults.collect());
        let ran = account.collect(&AS_OF);
        let asked = names(account.calls());
        for call in &calls {
            let is_led_to = calls_before(call).all(|before| !refused.contains(before));
            assert!(!is_led_to || asked.contains(call), "{call} was not asked");
        }
        let manifest = account.sandbox.manifest();
        let gaps = manifest["gaps"].as_array().unwrap();
        for call in refused {
            let source = format!("123456789012/{call}");
            let own: BTreeSet<String> = gaps
                .iter()
                .filter(|gap| {
                    let own = gap["source"].as_str().unwrap();
                    own.split('(').next() == Some(&source)
                        || gap["reason"]
                            .as_str()
                            .unwrap()
                            .contains(&format!("(`{call}`)"))
                })
                .map(|gap| {
                    format!(
                        "{} {}",
                        gap["error_code"].as_str().unwrap_or("-"),
                        gap["unknowable"]
                    )
                })
                .collect();
            let own: Vec<_> = own.into_iter().collect();
            told.push(format!("{} {call}: {}", ran.code, own.join("; ")));
        }
    }
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r#"
3 access-analyzer:ListAnalyzers: AccessDenied ["access_analyzer"]
3 access-analyzer:ListFindingsV2: AccessDenied ["access_analyzer"]
3 cloudtrail:DescribeTrails: AccessDenied ["trails"]
3 cloudtrail:GetEventDataStore: AccessDenied ["trails"]
3 cloudtrail:GetEventSelectors: AccessDenied ["trails"]
3 cloudtrail:GetTrailStatus: AccessDenied ["trails"]
3 cloudtrail:ListEventDataStores: AccessDenied ["trails"]
3 cloudtrail:ListTrails: AccessDenied ["trails"]
3 iam:GenerateCredentialReport: AccessDenied []
3 iam:GenerateServiceLastAccessedDetails: AccessDenied ["last_accessed"]
3 iam:GetAccessKeyLastUsed: AccessDenied ["access_key_last_used"]
3 iam:GetAccountAuthorizationDetails: AccessDenied ["authorization_details"]
3 iam:GetAccountPasswordPolicy: AccessDenied ["password_policy"]
3 iam:GetAccountSummary: AccessDenied ["account_summary"]
3 iam:GetCredentialReport: AccessDenied ["credential_report"]
3 iam:GetOpenIDConnectProvider: AccessDenied ["identity_providers"]
3 iam:GetServiceLastAccessedDetails: AccessDenied ["last_accessed"]
3 iam:ListAccessKeys: AccessDenied ["access_keys"]
3 iam:ListAccountAliases: AccessDenied ["account_alias"]
3 iam:ListMFADevices: AccessDenied ["mfa_devices"]
3 iam:ListOpenIDConnectProviders: AccessDenied ["identity_providers"]
3 iam:ListSAMLProviders: AccessDenied ["identity_providers"]
3 iam:ListSSHPublicKeys: AccessDenied ["ssh_public_keys"]
3 iam:ListServerCertificates: AccessDenied ["server_certificates"]
3 iam:ListServiceSpecificCredentials: AccessDenied ["service_specific_credentials"]
3 organizations:DescribeOrganization: AccessDenied ["organization"]
3 organizations:DescribePolicy: AccessDenied ["organization"]
3 organizations:ListAccounts: AccessDenied ["organization"]
3 organizations:ListAccountsForParent: AccessDenied ["organization"]
3 organizations:ListOrganizationalUnitsForParent: AccessDenied ["organization"]
3 organizations:ListPolicies: AccessDenied ["organization"]
3 organizations:ListRoots: AccessDenied ["organization"]
3 organizations:ListTargetsForPolicy: AccessDenied ["organization"]
3 sso-admin:DescribePermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:GetInlinePolicyForPermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:GetPermissionsBoundaryForPermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:ListAccountsForProvisionedPermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:ListInstances: AccessDenied ["permission_sets"]
3 sso-admin:ListManagedPoliciesInPermissionSet: AccessDenied ["permission_sets"]
3 sso-admin:ListPermissionSets: AccessDenied ["permission_sets"]
"#);
}

#[test]
fn throttling_errors_and_cut_connections_are_asked_again_and_pages_of_html_are_not() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let undisturbed = account.tables("inv");
    account.faults(&json!([
        {"on": "", "every": 2, "times": 60, "status": 400, "code": "Throttling"},
        {"on": "iam:GetAccountSummary", "times": 1, "status": 500, "code": "InternalFailure"},
        {"on": "iam:ListSAMLProviders", "times": 1, "cut": true},
    ]));
    account.calls();
    account.collect(&AS_OF).expect_code(0);
    assert_eq!(account.tables("inv"), undisturbed);
    let asked = account.calls();
    for again in ["iam:GetAccountSummary", "iam:ListSAMLProviders"] {
        assert!(asked.iter().filter(|call| call.starts_with(again)).count() > 1);
    }
    account.faults(&json!([{"on": "iam:GetAccountSummary", "status": 501, "html": true}]));
    account.collect(&AS_OF).expect_code(3);
    let asked = account.calls();
    let asked = asked
        .iter()
        .filter(|call| call.starts_with("iam:GetAccountSummary"));
    assert_eq!(asked.count(), 1);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @"123456789012/iam:GetAccountSummary: AWS did not answer the call: status 501 with `text/html`; is this AWS, or a proxy before it?");
}

#[test]
fn credentials_that_expire_end_the_account_and_not_what_was_answered() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([{"on": "", "from": 30, "status": 403, "code": "ExpiredToken"}]));
    account.collect(&AS_OF).expect_code(3);
    let codes: BTreeSet<String> = account.sandbox.manifest()["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["error_code"].as_str().unwrap_or("-").to_owned())
        .collect();
    assert!(codes.contains("ExpiredToken"), "{codes:?}");
    assert_eq!(account.sandbox.rows::<UserRow>().len(), 2);
    account.faults(&json!([]));
    account
        .collect(&["--resume", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    let files = ["collect", "--from", "bundle", "--out", "files"];
    account
        .sandbox
        .run(&[&files[..], &AS_OF].concat())
        .expect_code(0);
    assert_eq!(account.tables("inv"), account.tables("files"));
}

/// Kills after a number of calls that is drawn, of a run that is itself one that goes on, until it comes to its end; then the next one begins.
#[test]
fn a_run_that_is_killed_at_fifty_random_moments_goes_on_and_gives_the_same_inventory() {
    const KILLS: usize = 50;
    const MOST_CALLS: u64 = 24;
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let undisturbed = account.tables("inv");
    account.sandbox.write("delay.txt", "0.01");
    let mut random = 20_261_130_u64;
    let mut moments = Vec::new();
    while moments.len() < KILLS {
        std::fs::remove_dir_all(account.sandbox.path("inv")).unwrap();
        loop {
            // Knuth's generator (MMIX); its high bits are the random ones.
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let moment = usize::try_from((random >> 33) % MOST_CALLS).unwrap();
            account.calls();
            let resume: &[&str] = if account.has_answers() {
                &["--resume"]
            } else {
                &[]
            };
            let arguments = [&["collect", "--out", "inv"][..], &AS_OF, resume].concat();
            let mut child = account
                .command(&arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut is_done = false;
            while !is_done && account.sandbox.read("calls.log").lines().count() < moment {
                std::thread::sleep(Duration::from_millis(1));
                is_done = child.try_wait().unwrap().is_some();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            if account.sandbox.path("inv").exists() && !account.has_answers() {
                break;
            }
            moments.push(moment);
        }
        assert_eq!(account.tables("inv"), undisturbed, "{moments:?}");
    }
}

#[test]
fn ctrl_c_ends_with_130_and_loses_no_answer() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let undisturbed = account.tables("inv");
    let all = account.calls();
    std::fs::remove_dir_all(account.sandbox.path("inv")).unwrap();
    account.sandbox.write("delay.txt", "0.05");
    let arguments = [&["collect", "--out", "inv"][..], &AS_OF].concat();
    let mut child = account
        .command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while account.sandbox.read("calls.log").lines().count() < 40 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(5));
    }
    let interrupt = ["-INT".to_owned(), child.id().to_string()];
    assert!(
        Command::new("kill")
            .args(interrupt)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!account.sandbox.path("inv").exists());
    account.calls();
    account.sandbox.write("delay.txt", "0");
    account
        .collect(&["--resume", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    assert_eq!(account.tables("inv"), undisturbed);
    // At most ten were on their way, and looks at jobs that wait are not answers.
    let asked = account.calls();
    assert!(
        asked.len() + 15 < all.len(),
        "{} {}",
        asked.len(),
        all.len()
    );
}

/// An answer of another shape is not an empty one.
#[test]
fn an_answer_that_cannot_be_read_is_a_gap() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([
        {"on": "organizations:ListRoots", "status": 200, "body": r#"{"Roots":[{"Name":"Root"}]}"#},
        {"on": "sso-admin:ListPermissionSets", "status": 200, "body": r#"{"PermissionSets":[7]}"#},
        {"on": "organizations:ListAccounts", "status": 200, "body": r#"{"Accounts":[],"NextToken":"a"}"#},
        {"on": "cloudtrail:DescribeTrails", "status": 200, "body": "[]"},
    ]));
    account.collect(&AS_OF).expect_code(3);
    let gaps = account.sandbox.gaps().join("\n");
    // moto makes up the instance's id.
    let (before, after) = gaps.split_once("/ssoins-").unwrap();
    let after = after.trim_start_matches(|id: char| id.is_ascii_alphanumeric());
    insta::assert_snapshot!(format!("{before}/ID{after}"), @r#"
123456789012/cloudtrail:DescribeTrails: AWS did not answer the call: status 200 with `application/x-amz-json-1.1`; is this AWS, or a proxy before it?
123456789012/cloudtrail:DescribeTrails(Region=eu-west-1): AWS did not answer the call: status 200 with `application/x-amz-json-1.1`; is this AWS, or a proxy before it? (in the Region `eu-west-1`)
123456789012/cloudtrail:DescribeTrails(Region=us-east-1): AWS did not answer the call: status 200 with `application/x-amz-json-1.1`; is this AWS, or a proxy before it? (in the Region `us-east-1`)
123456789012/organizations:ListAccounts(NextToken=a): the answer is not that of such a call: its pages follow each other in a circle; collect again with `--resume`
123456789012/organizations:ListAccounts(NextToken=a): the listing goes on after this page and the next one is missing (`organizations:ListAccounts`); collect again with `--resume`
123456789012/organizations:ListRoots: the answer is not that of such a call: missing field `Id` at line 1 column 25; collect again with `--resume`
123456789012/organizations:ListRoots#/Roots/0: cannot be read: missing field `Id`
123456789012/sso-admin:ListPermissionSets(InstanceArn=arn:aws:sso:::instance/ID): AWS did not answer the call: status 200 with `application/x-amz-json-1.1`; is this AWS, or a proxy before it?
"#);
}

#[test]
fn an_answer_that_was_cut_is_a_gap_and_not_a_shorter_one() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([
        {"on": "iam:ListAccessKeys", "status": 200, "body": "<ListAccessKeysResponse><ListAccessKeysResult><UserName>alice</UserName><AccessKeyMetadata>"},
        {"on": "organizations:ListAccounts", "status": 200, "body": "{}"},
    ]));
    account.collect(&AS_OF).expect_code(3);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @"
    123456789012/iam:ListAccessKeys(UserName=alice): AWS did not answer the call: the answer ends in the middle
    123456789012/iam:ListAccessKeys(UserName=b+b): AWS did not answer the call: the answer ends in the middle
    123456789012/organizations:ListAccounts: AWS did not answer the call: the answer has no `Accounts`
    ");
}

#[test]
fn only_the_accounts_that_are_named_are_asked_and_one_that_is_nowhere_is_a_gap() {
    let Some(account) = Account::new() else {
        return;
    };
    let nowhere = "999999999999";
    account
        .collect(&["--org", "--account", nowhere, AS_OF[0], AS_OF[1]])
        .expect_code(3);
    let asked = account.calls();
    assert!(
        !asked
            .iter()
            .any(|call| call.starts_with("iam:") || call.starts_with("sts:AssumeRole"))
    );
    let gaps = &account.sandbox.manifest()["gaps"];
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!(gaps[0]["account_id"], json!(nowhere));
    assert_eq!(gaps[0]["unknowable"], json!(["anything"]));
    // Neither were the other accounts of the organisation.
    let members: Vec<String> = account
        .sandbox
        .rows::<OrganizationAccountRow>()
        .into_iter()
        .map(|row| row.account_id)
        .collect();
    assert_eq!(members.len(), 3);
    // The management account led to the others and was not asked itself: that it has no key is not known.
    for command in [
        &["gate", "inv", "--max-key-age", "1", "--format", "json"][..],
        &["gate", "inv", "--max-unused", "1", "--format", "json"],
        &["gate", "inv", "--fail-on", "low", "--format", "json"],
        &["audit", "inv", "--format", "json"],
    ] {
        let judged = account.sandbox.run(command);
        let not_checked = judged.json()["not_checked"].clone();
        let names = |account_id: &str| {
            let entries = not_checked.as_array().unwrap();
            entries
                .iter()
                .any(|entry| entry["account_id"] == json!(account_id))
        };
        assert!(names("123456789012"), "{command:?} {not_checked}");
        for member in &members {
            assert!(names(member), "{command:?} {not_checked}");
        }
        if command[0] == "gate" {
            // Of the permission sets all is known, and that one is assigned to nobody.
            let code = if command.contains(&"--fail-on") { 1 } else { 3 };
            assert!(
                names(nowhere) && judged.code == code,
                "{command:?} {} {}",
                judged.code,
                judged.json()["findings"]
            );
        }
    }
    // Another selection cannot go on from these answers: what it asks was never asked.
    let ran = account.collect(&["--org", "--resume"]).expect_code(2);
    assert!(
        ran.stderr.contains("give the same options"),
        "{}",
        ran.stderr
    );
}

#[test]
fn accounts_of_an_organization_are_asked_in_a_role_and_those_that_refuse_it_are_gaps() {
    let Some(account) = Account::new() else {
        return;
    };
    let ran = account.collect(&[
        "--org",
        "--role-name",
        "audit/reader",
        "--session-name",
        "stock-take",
        AS_OF[0],
        AS_OF[1],
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let calls = account.calls();
    let mut roles: Vec<_> = calls
        .iter()
        .filter_map(|call| call.strip_prefix("sts:AssumeRole test "))
        .map(|arn| arn.splitn(6, ':').nth(5).unwrap())
        .collect();
    roles.sort_unstable();
    assert_eq!(roles, ["role/audit/reader", "role/audit/reader"]);
    let manifest = account.sandbox.manifest();
    assert_eq!(manifest["accounts"].as_array().unwrap().len(), 3);
    // Who else is in the organisation is not known then.
    account.faults(
        &json!([{"on": "organizations:ListAccounts", "status": 403, "code": "AccessDenied"}]),
    );
    account
        .collect(&["--org", AS_OF[0], AS_OF[1]])
        .expect_code(3);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @r#"
organization of 123456789012/organizations:ListAccounts: the organisation's accounts could not all be listed, so that it may have some that are not here; allow what was refused and collect again with `--resume`
123456789012/organizations:ListAccounts: AWS refused the call: `AccessDenied`: ordered by the test
"#);
    account.faults(
        &json!([{"on": "sts:AssumeRole", "times": 1, "status": 403, "code": "AccessDenied"}]),
    );
    account
        .collect(&["--org", AS_OF[0], AS_OF[1]])
        .expect_code(3);
    let manifest = account.sandbox.manifest();
    let gaps = manifest["gaps"].as_array().unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    assert_eq!(gaps[0]["unknowable"], json!(["anything"]));
    assert_eq!(gaps[0]["error_code"], json!("AccessDenied"));
    // Nobody knows which keys are in that account.
    let gate = account
        .sandbox
        .run(&["gate", "inv", "--max-key-age", "10000"]);
    gate.expect_code(3);
    assert!(
        gaps[0]["source"]
            .as_str()
            .unwrap()
            .ends_with("/sts:AssumeRole")
    );
    assert!(
        gaps[0]["reason"]
            .as_str()
            .unwrap()
            .contains("role/OrganizationAccountAccessRole"),
        "{gaps:?}"
    );
}

#[test]
fn a_quarterly_run_asks_aws_and_reports_what_it_found() {
    let Some(account) = Account::new() else {
        return;
    };
    let ran = account
        .sandbox
        .ran(&mut account.command(&["run", "--out", "quarterly", AS_OF[0], AS_OF[1]]))
        .expect_code(0);
    assert!(
        ran.stderr
            .contains("collected 1 account, 2 users, 4 access keys"),
        "{}",
        ran.stderr
    );
    let findings = account.sandbox.read("quarterly/findings.csv");
    assert!(findings.contains("alice"), "{findings}");
    let inventory = account.sandbox.read("quarterly/inventory/manifest.json");
    assert!(!inventory.contains("\"test\""));
}

#[test]
fn without_credentials_nothing_is_written_and_nothing_is_kept() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([{"on": "", "status": 403, "code": "InvalidClientTokenId"}]));
    let ran = account.collect(&[]).expect_code(2);
    assert!(
        ran.stderr.contains("InvalidClientTokenId"),
        "{}",
        ran.stderr
    );
    assert!(!account.sandbox.path("inv").exists() && !account.has_answers());
    let mut nobody = account.sandbox.command();
    nobody.env("AWS_EC2_METADATA_DISABLED", "true");
    nobody.args(["run", "--out", "inv"]);
    let ran = account.sandbox.ran(&mut nobody).expect_code(2);
    assert!(
        ran.stderr.contains("no credentials were found in the environment, in a profile or on the machine; give credentials"),
        "{}",
        ran.stderr
    );
    let ran = account.collect(&["--resume"]).expect_code(2);
    assert!(
        ran.stderr.contains("there is nothing to resume"),
        "{}",
        ran.stderr
    );
}

/// The calls of a collection of the whole organisation need just what `policy` says.
#[test]
fn the_policy_allows_the_calls_that_are_made_and_no_others() {
    let Some(account) = Account::new() else {
        return;
    };
    // Without the details users are listed, and without the report each of them is asked for all credentials.
    account.faults(&json!([
        {"on": "iam:GetAccountAuthorizationDetails", "status": 403, "code": "AccessDenied"},
        {"on": "iam:GetCredentialReport", "status": 403, "code": "AccessDenied"},
    ]));
    account.collect(&AS_OF).expect_code(3);
    let before = account.calls();
    account.faults(&json!([assigned_accounts()]));
    account
        .collect(&["--org", "--resource-policies", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    // In the accounts of the organisation no more is asked than the role there is for.
    let all = account.calls();
    let of_members: BTreeSet<&str> = all
        .iter()
        .filter_map(|call| {
            call.split_once(' ')
                .filter(|(_, rest)| !rest.starts_with("test "))
        })
        .map(|(call, _)| call)
        .collect();
    let role = [
        "policy",
        "--resource-policies",
        "--trust",
        "123456789012",
        "--document",
        "permissions",
    ];
    let role = account.sandbox.run(&role).expect_code(0).stdout;
    for call in of_members
        .iter()
        .filter(|call| **call != "sts:GetCallerIdentity")
    {
        let action = call.replace("ListFindingsV2", "ListFindings");
        let action = action.replace("s3:ListBuckets", "s3:ListAllMyBuckets");
        assert!(role.contains(&format!("\"{action}\"")), "{call}");
    }
    assert!(of_members.len() > 10, "{of_members:?}");
    let calls: BTreeSet<String> = before
        .iter()
        .chain(&all)
        .map(|call| call.split(' ').next().unwrap())
        .filter(|call| *call != "sts:GetCallerIdentity")
        .map(|call| match call {
            "access-analyzer:ListFindingsV2" => "access-analyzer:ListFindings".to_owned(),
            "s3:ListBuckets" => "s3:ListAllMyBuckets".to_owned(),
            call => call.replace("sso-admin:", "sso:"),
        })
        .collect();
    let policy = ["policy", "--org", "--resource-policies"];
    let policy = account.sandbox.run(&policy).expect_code(0);
    let allowed: BTreeSet<String> = policy.json()["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(calls, allowed);
}

/// moto lists no accounts of a permission set; so AWS does (IAM Identity Center API Reference).
fn assigned_accounts() -> Value {
    json!({"on": "sso-admin:ListAccountsForProvisionedPermissionSet", "status": 200, "body": r#"{"AccountIds":["123456789012"]}"#})
}

/// The words of a plan's line: the call, and how often it is made.
pub(crate) fn planned(line: &str) -> (&str, &str, usize) {
    let (call, count) = line.split_once(' ').unwrap();
    let (bound, count) = match count.trim().rsplit_once(' ') {
        Some((bound, count)) => (bound, count),
        None => ("", count.trim()),
    };
    (call, bound, count.parse().unwrap())
}

#[test]
fn a_plan_lists_principals_only_and_tells_the_calls_that_the_collection_then_makes() {
    let Some(account) = Account::new() else {
        return;
    };
    let mut command = account.command(&["collect", "--plan", "--org"]);
    let plan = account.sandbox.ran(&mut command).expect_code(0);
    let listing: BTreeSet<String> = account
        .calls()
        .iter()
        .map(|call| call.split(' ').next().unwrap().to_owned())
        .collect();
    insta::assert_debug_snapshot!(listing, @r#"
{
    "iam:GetAccountAuthorizationDetails",
    "organizations:DescribeOrganization",
    "organizations:ListAccounts",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
}
"#);
    assert!(!account.sandbox.path("inv").exists() && !account.has_answers());
    insta::assert_snapshot!(plan.stdout, @r#"
access-analyzer:ListAnalyzers                                 at least 3
access-analyzer:ListFindingsV2                                at least 0
cloudtrail:DescribeTrails                                     at least 3
cloudtrail:GetEventDataStore                                  at least 0
cloudtrail:GetEventSelectors                                  at least 0
cloudtrail:GetTrailStatus                                     at least 0
cloudtrail:ListEventDataStores                                at least 3
cloudtrail:ListTrails                                         3
iam:GenerateCredentialReport                                  at least 3
iam:GenerateServiceLastAccessedDetails                        9
iam:GetAccessKeyLastUsed                                      at most 6
iam:GetAccountAuthorizationDetails                            3
iam:GetAccountPasswordPolicy                                  3
iam:GetAccountSummary                                         3
iam:GetCredentialReport                                       at least 3
iam:GetOpenIDConnectProvider                                  at least 0
iam:GetServiceLastAccessedDetails                             at least 9
iam:ListAccessKeys                                            3
iam:ListAccountAliases                                        3
iam:ListMFADevices                                            at most 3
iam:ListOpenIDConnectProviders                                3
iam:ListSAMLProviders                                         3
iam:ListSSHPublicKeys                                         3
iam:ListServerCertificates                                    3
iam:ListServiceSpecificCredentials                            3
iam:ListSigningCertificates                                   at most 3
organizations:DescribeOrganization                            1
organizations:DescribePolicy                                  at least 0
organizations:ListAccounts                                    1
organizations:ListAccountsForParent                           at least 0
organizations:ListOrganizationalUnitsForParent                at least 0
organizations:ListPolicies                                    at least 2
organizations:ListRoots                                       at least 1
organizations:ListTargetsForPolicy                            at least 0
sso-admin:DescribePermissionSet                               at least 0
sso-admin:GetInlinePolicyForPermissionSet                     at least 0
sso-admin:GetPermissionsBoundaryForPermissionSet              at least 0
sso-admin:ListAccountAssignments                              at least 0
sso-admin:ListAccountsForProvisionedPermissionSet             at least 0
sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet  at least 0
sso-admin:ListInstances                                       at least 1
sso-admin:ListManagedPoliciesInPermissionSet                  at least 0
sso-admin:ListPermissionSets                                  at least 0
sts:AssumeRole                                                2
sts:GetCallerIdentity                                         3

at least 77 calls in 3 accounts and at most 12 more of those with a limit, about 5 s at 10 calls a second for each account (an estimate: AWS publishes no rates of IAM's)
a user whom the credential report lacks costs one `iam:GetLoginProfile` more, as does each user without a report
"#);
    let (calls, _) = plan.stdout.split_once("\n\n").unwrap();
    account
        .collect(&["--org", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    let made = account.calls();
    let count = |call: &str| {
        made.iter()
            .filter(|made| made.split(' ').next() == Some(call))
            .count()
    };
    let mut told = BTreeSet::new();
    for (call, bound, planned) in calls.lines().map(planned) {
        let made = count(call);
        let holds = match bound {
            "" => made == planned,
            "at most" => made <= planned,
            "at least" => made >= planned,
            _ => panic!("{bound}"),
        };
        assert!(holds, "{call}: {bound} {planned}, and {made} were made");
        told.insert(call);
    }
    for call in &made {
        let call = call.split(' ').next().unwrap();
        assert!(told.contains(call), "{call}");
    }
}

#[test]
fn a_plan_of_a_run_tells_what_was_refused() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([
        {"on": "iam:GetAccountAuthorizationDetails", "status": 403, "code": "AccessDenied"},
    ]));
    let mut command = account.command(&["run", "--plan"]);
    let plan = account.sandbox.ran(&mut command).expect_code(3);
    insta::assert_snapshot!(plan.stderr, @"the plan lacks what was refused: `123456789012/iam:GetAccountAuthorizationDetails` AWS refused the call: `AccessDenied`: ordered by the test");
    // Users are known from their list, and nobody else is.
    assert!(plan.stdout.lines().map(str::to_owned).any(|line| {
        line.starts_with("iam:GenerateServiceLastAccessedDetails ") && line.ends_with(" 2")
    }));
    account
        .sandbox
        .run(&["collect", "--plan", "--resume"])
        .expect_code(2);
    account
        .sandbox
        .run(&["collect", "--plan", "--from", "bundle"])
        .expect_code(2);
}

fn passwords(account: &Account) -> Vec<(String, Option<bool>)> {
    let users = account.sandbox.rows::<UserRow>();
    let mut passwords: Vec<_> = users
        .into_iter()
        .filter(|user| !user.is_root)
        .map(|user| (user.user_name, user.password_enabled))
        .collect();
    passwords.sort();
    passwords
}

#[test]
fn passwords_are_asked_of_those_only_of_whom_the_credential_report_does_not_tell() {
    let Some(account) = Account::new() else {
        return;
    };
    let asked = |calls: Vec<String>| -> Vec<String> {
        let asked = calls
            .into_iter()
            .filter_map(|call| Some(call.strip_prefix("iam:GetLoginProfile test ")?.to_owned()));
        asked.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let known = [
        ("alice".to_owned(), Some(true)),
        ("b+b".to_owned(), Some(false)),
    ];
    account.collect(&AS_OF).expect_code(0);
    assert_eq!(asked(account.calls()), [""; 0]);
    assert_eq!(passwords(&account), known);
    // A report that was made before there was another user.
    let row = "alice,arn:aws:iam::123456789012:user/team/alice,2026-01-01T00:00:00+00:00,true,N/A,2026-01-01T00:00:00+00:00,N/A,true,true,2026-01-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
    account
        .sandbox
        .write("report.csv", format!("{HEADER}\n{row}\n"));
    account.collect(&AS_OF).expect_code(0);
    assert_eq!(asked(account.calls()), ["b+b"]);
    assert_eq!(passwords(&account), known);
    // No report at all. That a user has no password is an answer and no gap.
    let no_report = json!({"on": "iam:GetCredentialReport", "status": 403, "code": "AccessDenied"});
    account.faults(&json!([no_report]));
    account.collect(&AS_OF).expect_code(3);
    assert_eq!(asked(account.calls()), ["alice", "b+b"]);
    assert_eq!(passwords(&account), known);
    assert_eq!(account.sandbox.gaps().len(), 1);
    let no_profile = json!({"on": "iam:GetLoginProfile", "status": 403, "code": "AccessDenied"});
    account.faults(&json!([no_report, no_profile]));
    account.collect(&AS_OF).expect_code(3);
    assert!(
        passwords(&account)
            .iter()
            .all(|(_, enabled)| enabled.is_none())
    );
    let gaps = &account.sandbox.manifest()["gaps"];
    assert!(
        gaps.as_array()
            .unwrap()
            .iter()
            .any(|gap| gap["unknowable"] == json!(["login_profiles"])),
        "{gaps}"
    );
}

#[test]
fn trails_of_other_regions_are_asked_there_and_a_region_that_refuses_the_account_is_a_gap_that_names_it()
 {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let logging = |account: &Account| -> Vec<_> {
        let trails = account.sandbox.rows::<TrailRow>();
        trails
            .into_iter()
            .map(|trail| (trail.name, trail.home_region, trail.is_logging))
            .collect()
    };
    let region = |name: &str| Some(name.to_owned());
    let main = ("main".to_owned(), region("us-east-1"), Some(false));
    let old = ("old".to_owned(), region("eu-west-1"), Some(true));
    assert_eq!(logging(&account), [old.clone(), main.clone()]);
    // What AWS says in a Region that the account has not opted in to.
    account.faults(&json!([
        {"on": "", "region": "eu-west-1", "status": 400, "code": "UnrecognizedClientException"},
    ]));
    account.collect(&AS_OF).expect_code(3);
    assert_eq!(logging(&account), [(old.0, old.1, None), main]);
    assert_eq!(account.sandbox.rows::<UserRow>().len(), 2);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @r#"
123456789012/cloudtrail:DescribeTrails(Region=eu-west-1): AWS refused the call: `UnrecognizedClientException`: ordered by the test (in the Region `eu-west-1`, which the account may not have opted in to)
123456789012/cloudtrail:GetEventSelectors(TrailName=arn:aws:cloudtrail:eu-west-1:123456789012:trail/old): AWS refused the call: `UnrecognizedClientException`: ordered by the test (in the Region `eu-west-1`, which the account may not have opted in to)
123456789012/cloudtrail:GetTrailStatus(Name=arn:aws:cloudtrail:eu-west-1:123456789012:trail/old): AWS refused the call: `UnrecognizedClientException`: ordered by the test (in the Region `eu-west-1`, which the account may not have opted in to)
123456789012/cloudtrail:ListEventDataStores(Region=eu-west-1): AWS refused the call: `UnrecognizedClientException`: ordered by the test (in the Region `eu-west-1`, which the account may not have opted in to)
"#);
}

#[test]
fn roles_are_assumed_with_the_external_id_and_the_tags_that_are_given() {
    let Some(account) = Account::new() else {
        return;
    };
    let member = account.sandbox.read("credentials");
    assert!(member.contains("[two]"));
    account.sandbox.write("roles.log", "");
    let arguments = [
        "--org",
        "--external-id",
        "x-1",
        "--session-tag",
        "purpose=audit",
        "team=a=b",
    ];
    account
        .collect(&[&arguments[..], &AS_OF].concat())
        .expect_code(0);
    let roles = account.sandbox.read("roles.log");
    assert_eq!(roles.lines().count(), 2);
    for role in roles.lines() {
        let role: Value = serde_json::from_str(role).unwrap();
        let told = [
            "ExternalId",
            "RoleSessionName",
            "Tags.member.1.Key",
            "Tags.member.1.Value",
            "Tags.member.2.Key",
            "Tags.member.2.Value",
        ]
        .map(|name| role[name].as_str().unwrap());
        assert_eq!(
            told,
            ["x-1", "leastgrant", "purpose", "audit", "team", "a=b"]
        );
    }
}

#[test]
fn several_profiles_are_an_account_each_and_one_that_does_not_answer_is_a_gap() {
    let Some(account) = Account::new() else {
        return;
    };
    let collect = |profiles: &[&str]| {
        let mut command = account.command(&["collect", "--out", "inv", AS_OF[0], AS_OF[1]]);
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env(
                "AWS_SHARED_CREDENTIALS_FILE",
                account.sandbox.path("credentials"),
            )
            .arg("--profile")
            .args(profiles);
        account.sandbox.ran(&mut command)
    };
    collect(&["one", "two"]).expect_code(0);
    let users: BTreeSet<_> = account
        .sandbox
        .rows::<UserRow>()
        .into_iter()
        .map(|user| user.user_name)
        .collect();
    assert_eq!(
        users.iter().map(String::as_str).collect::<Vec<_>>(),
        ["alice", "b+b", "carol"]
    );
    let manifest = account.sandbox.manifest();
    assert_eq!(manifest["accounts"].as_array().unwrap().len(), 2);
    collect(&["nobody", "two"]).expect_code(3);
    let gaps = &account.sandbox.manifest()["gaps"];
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!(gaps[0]["unknowable"], json!(["anything"]));
    assert_eq!(account.sandbox.rows::<UserRow>().len(), 1);
}

/// Answers as the IAM API Reference shows them.
#[test]
fn last_accessed_jobs_that_fail_or_expire_are_started_again_and_are_a_gap_in_the_end() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let undisturbed = account.tables("inv");
    let get = "iam:GetServiceLastAccessedDetails";
    let failed = "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult><JobStatus>FAILED</JobStatus><JobCreationDate>2026-06-01T10:00:00Z</JobCreationDate><JobCompletionDate>2026-06-01T10:00:01Z</JobCompletionDate><IsTruncated>false</IsTruncated><Error><Code>ServiceError</Code><Message>try later</Message></Error></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>";
    let started = |account: &Account| {
        let calls = account.calls();
        let started = calls
            .iter()
            .filter(|call| call.starts_with("iam:GenerateServiceLastAccessedDetails"));
        started.count()
    };
    let jobs = started(&account);
    let in_progress = "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult><JobStatus>IN_PROGRESS</JobStatus><JobCreationDate>2026-06-01T10:00:00Z</JobCreationDate></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>";
    account.faults(&json!([
        {"on": get, "times": 1, "status": 200, "body": in_progress},
        {"on": get, "times": 1, "status": 200, "body": failed},
        {"on": get, "times": 1, "status": 404, "code": "NoSuchEntity"},
    ]));
    account.collect(&AS_OF).expect_code(0);
    assert_eq!(account.tables("inv"), undisturbed);
    assert_eq!(started(&account), jobs + 2);
    // A job of which there is no second page any more when a run goes on is started anew.
    account.faults(&json!([{"on": get, "with": "Marker", "status": 403, "code": "AccessDenied"}]));
    account.collect(&AS_OF).expect_code(3);
    account.calls();
    account.faults(
        &json!([{"on": get, "with": "Marker", "times": 1, "status": 404, "code": "NoSuchEntity"}]),
    );
    account
        .collect(&["--resume", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    assert_eq!(account.tables("inv"), undisturbed);
    assert_eq!(started(&account), 1);
    // So is one of which there is no third page, and what was kept of its second one does not hold any more.
    let third = |fault: Value| {
        let mut fault = fault;
        fault["on"] = json!(get);
        fault["with"] = json!("Marker");
        fault["value"] = json!("3 ");
        account.faults(&json!([fault]));
    };
    third(json!({"status": 403, "code": "AccessDenied"}));
    account.collect(&AS_OF).expect_code(3);
    account.calls();
    third(json!({"times": 1, "status": 404, "code": "NoSuchEntity"}));
    account
        .collect(&["--resume", AS_OF[0], AS_OF[1]])
        .expect_code(0);
    assert_eq!(account.tables("inv"), undisturbed);
    assert_eq!(started(&account), 1);
    account.faults(&json!([{"on": get, "status": 200, "body": failed}]));
    account.collect(&AS_OF).expect_code(3);
    assert_eq!(started(&account), jobs * 3);
    let gaps = account.sandbox.manifest()["gaps"].clone();
    for gap in gaps.as_array().unwrap() {
        assert_eq!(gap["unknowable"], json!(["last_accessed"]));
        assert_eq!(gap["error_code"], json!("JobFailed"));
    }
    assert_eq!(gaps.as_array().unwrap().len(), jobs);
}

/// Findings of both kinds of analyzer on two pages, as the Access Analyzer API Reference shows them, and assignments.
#[test]
fn findings_have_pages_and_permission_sets_have_assignments() {
    let Some(account) = Account::new() else {
        return;
    };
    let findings = r#"{"findings":[{"analyzedAt":"2026-06-01T10:00:00Z","createdAt":"2026-06-01T10:00:00Z","id":"f-0","resource":"arn:aws:iam::123456789012:role/web","resourceType":"AWS::IAM::Role","resourceOwnerAccount":"123456789012","status":"ACTIVE","updatedAt":"2026-06-01T10:00:00Z","findingType":"UnusedIAMRole"}],"nextToken":"more"}"#;
    account.faults(&json!([
        assigned_accounts(),
        {"on": "sso-admin:ListAccountAssignments", "status": 200, "body": r#"{"AccountAssignments":[{"AccountId":"123456789012","PermissionSetArn":"arn:aws:sso:::permissionSet/ssoins-1/ps-1","PrincipalType":"GROUP","PrincipalId":"g-1"}]}"#},
        {"on": "access-analyzer:ListFindingsV2", "times": 1, "status": 200, "body": findings},
    ]));
    account.collect(&AS_OF).expect_code(0);
    let found: BTreeSet<_> = account
        .sandbox
        .rows::<AnalyzerFindingRow>()
        .into_iter()
        .map(|finding| {
            serde_json::from_str::<Value>(&finding.finding).unwrap()["findingType"].to_string()
        })
        .collect();
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [r#""ExternalAccess""#, r#""UnusedIAMRole""#]
    );
    // That a permission set is in an account is told before to whom it is assigned there.
    let mut assigned = account.sandbox.rows::<PermissionSetAssignmentRow>();
    assigned.retain(|row| row.principal_id.is_some());
    assert_eq!(assigned.len(), 1, "{assigned:?}");
    assert_eq!(assigned[0].principal_type.as_deref(), Some("GROUP"));
    assert_eq!(assigned[0].principal_id.as_deref(), Some("g-1"));
}

/// An instance of IAM Identity Center answers in its own Region alone. Roles as the IAM API Reference shows them.
#[test]
fn permission_sets_are_asked_where_the_roles_of_the_account_say_that_they_are() {
    let Some(account) = Account::new() else {
        return;
    };
    let role = "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><UserDetailList/><GroupDetailList/><Policies/><RoleDetailList><member><Arn>arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef</Arn><RoleName>AWSReservedSSO_Admin_0123456789abcdef</RoleName><RoleId>AROAEXAMPLEEXAMPLE000</RoleId><Path>/aws-reserved/sso.amazonaws.com/eu-west-1/</Path><CreateDate>2026-06-01T10:00:00Z</CreateDate><RolePolicyList/><AttachedManagedPolicies/><InstanceProfileList/></member></RoleDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>";
    let role = json!({"on": "iam:GetAccountAuthorizationDetails", "status": 200, "body": role});
    let none = r#"{"Instances":[]}"#;
    account.faults(&json!([
        role,
        {"on": "sso-admin:ListInstances", "region": "us-east-1", "status": 200, "body": none},
        {"on": "sso-admin:ListPermissionSets", "region": "eu-west-1", "status": 200, "body": r#"{"PermissionSets":["arn:aws:sso:::permissionSet/ssoins-1/ps-1"]}"#},
    ]));
    account.collect(&AS_OF);
    let sets: Vec<_> = account.sandbox.rows::<PermissionSetRow>();
    assert_eq!(sets.len(), 1, "{sets:?}");
    account.faults(&json!([
        role,
        {"on": "sso-admin:ListInstances", "status": 200, "body": none},
    ]));
    account.collect(&AS_OF).expect_code(3);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @"123456789012/sso-admin:ListInstances: the account has roles of permission sets, and no instance of IAM Identity Center is seen in `eu-west-1`, `us-east-1`; give `--region` the instance's Region, and collect from the management account or the one that it is delegated to");
}

#[test]
fn what_cannot_be_done_with_the_options_is_said_before_anything_is_asked() {
    let Some(account) = Account::new() else {
        return;
    };
    let refused = |arguments: &[&str]| {
        let mut command = account.command(&[&["run", "--out", "quarterly"], arguments].concat());
        account.sandbox.ran(&mut command).expect_code(2).stderr
    };
    let ran = refused(&["--event-history", "--profile", "one", "two"]);
    assert!(
        ran.contains("`one`, `two` follow `--profile`; give it one"),
        "{ran}"
    );
    assert_eq!(account.calls(), [""; 0]);
}

/// The manifest names the endpoint, and the answers are kept.
#[test]
fn no_secret_of_an_endpoint_or_a_message_is_written() {
    let Some(account) = Account::new() else {
        return;
    };
    let mut command = with_credentials(&account.sandbox);
    let secret = account
        .server
        .url()
        .replace("http://", "http://user:hunter2@");
    command.args(["collect", "--out", "inv", "--endpoint-url", &secret]);
    let ran = account.sandbox.ran(&mut command).expect_code(2);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    let token = "IQoJb3JpZ2luX2VjEXAMPLE0123456789abcdefABCDEF";
    account.faults(&json!([{
        "on": "iam:GetAccountSummary",
        "status": 403,
        "body": format!("<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>the string was x-amz-security-token:{token} {}</Message></Error></ErrorResponse>", "a ".repeat(5000)),
    }]));
    account.collect(&AS_OF).expect_code(3);
    let kept = account
        .sandbox
        .path(".inv.leastgrant-answers/123456789012.jsonl");
    let written = [
        std::fs::read_to_string(kept).unwrap(),
        account.sandbox.read("inv/manifest.json"),
    ];
    for written in written {
        assert!(!written.contains(token));
        assert!(written.contains("SignatureDoesNotMatch") && !written.contains(&"a ".repeat(500)));
    }
}
