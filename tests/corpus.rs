//! Real input: every row of the inventory against what is in the files. Skipped aloud without the corpus.

use std::collections::BTreeMap;
use std::path::Path;

use leastgrant_inventory::tables::{
    AccessKeyRow, GroupRow, InlinePolicyRow, LastAccessedServiceRow, LongLivedCredentialRow,
    ManagedPolicyRow, OrganizationAccountRow, PasswordPolicyRow, PolicyAttachmentRow,
    PolicyVersionRow, RoleRow, TagRow, UserRow,
};
use leastgrant_testing::corpus;
use serde_json::Value;

use crate::support::Sandbox;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn collected(from: &Path, code: i32) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .run(&["collect", "--from", from.to_str().unwrap(), "--out", "inv"])
        .expect_code(code);
    sandbox
}

fn time(text: &Value) -> Option<jiff::Timestamp> {
    text.as_str()
        .map(|text| text.replacen(' ', "T", 1).parse().unwrap())
}

#[test]
fn credential_reports_are_read_as_expected() {
    let Some(folder) = corpus("credential-reports") else {
        return;
    };
    let expectations = json(&folder.join("handmade-EXPECT.json"));
    let all = expectations["handmade-quirks-22.csv"]["rows"]
        .as_array()
        .unwrap();
    for (file, rows, code) in [
        ("handmade-quirks-22.csv", all.as_slice(), 0),
        ("handmade-quirks-23.csv", all.as_slice(), 0),
        ("handmade-unknown-column.csv", &all[..3], 0),
        (
            "handmade-ragged.csv",
            &[all[0].clone(), all[1].clone(), all[3].clone()],
            3,
        ),
    ] {
        let sandbox = collected(&folder.join(file), code);
        let users = sandbox.rows::<UserRow>();
        let mut keys: BTreeMap<String, Vec<AccessKeyRow>> = BTreeMap::new();
        for key in sandbox.rows::<AccessKeyRow>() {
            keys.entry(key.user_arn.clone()).or_default().push(key);
        }
        assert_eq!(users.len(), rows.len(), "{file}");
        for expected in rows {
            let user = users
                .iter()
                .find(|user| user.user_name == expected["user"].as_str().unwrap())
                .unwrap();
            assert_eq!(user.arn, expected["arn"].as_str().unwrap());
            assert_eq!(Some(user.is_root), expected["is_root"].as_bool());
            assert_eq!(user.created_at, time(&expected["created"]));
            assert_eq!(
                user.password_enabled,
                expected["password_enabled"].as_bool()
            );
            assert_eq!(
                user.password_last_used_at,
                time(&expected["password_last_used"])
            );
            assert_eq!(
                user.password_last_changed_at,
                time(&expected["password_last_changed"])
            );
            assert_eq!(
                user.password_next_rotation_at,
                time(&expected["password_next_rotation"])
            );
            assert_eq!(user.mfa_active, expected["mfa_active"].as_bool());
            let mut found = keys.remove(&user.arn).unwrap_or_default();
            found.sort_by_key(|key| key.slot);
            let wanted = expected["keys"].as_array().unwrap();
            assert_eq!(found.len(), wanted.len(), "{}", user.user_name);
            for (key, wanted) in found.iter().zip(wanted) {
                assert_eq!(key.slot, wanted["slot"].as_i64());
                assert_eq!(Some(key.is_active), wanted["active"].as_bool());
                assert_eq!(key.created_at, time(&wanted["rotated"]));
                assert_eq!(key.last_used_at, time(&wanted["last_used"]));
                assert_eq!(key.last_used_region.as_deref(), wanted["region"].as_str());
                assert_eq!(key.last_used_service.as_deref(), wanted["service"].as_str());
            }
        }
        assert!(keys.is_empty());
        // No audit may panic or find a key of the future too old.
        let findings = sandbox.findings(&["--as-of", "2024-05-15T00:00:00Z"]);
        assert!(
            !findings
                .iter()
                .any(|finding| finding.starts_with("unrotated-access-key user/frank")),
            "{findings:?}"
        );
    }
}

#[test]
fn a_report_with_nothing_but_a_header_holds_nothing_usable() {
    let Some(folder) = corpus("credential-reports") else {
        return;
    };
    let sandbox = Sandbox::new();
    let file = folder.join("handmade-header-only.csv");
    sandbox
        .run(&["collect", "--from", file.to_str().unwrap(), "--out", "inv"])
        .expect_code(2);
}

#[test]
fn recorded_reports_have_the_rows_that_are_in_them() {
    let Some(folder) = corpus("credential-reports") else {
        return;
    };
    for (file, code) in [
        // One user is in it twice, which is said.
        ("c7n-account_credential_report__1.csv", 3),
        ("c7n-iam_user_credential_multi_delete__1.csv", 0),
        ("c7n-iam_user_credential_multi_delete_noop__1.csv", 0),
        ("c7n-iam_user_credential_reverse_filter_delete__1.csv", 0),
        ("c7n-iam_user_delete_options__1.csv", 0),
        ("c7n-iam_user_unused_keys__2.csv", 0),
        ("airiam.csv", 0),
        ("cloudmapper-root-active-key.csv", 0),
    ] {
        let sandbox = collected(&folder.join(file), code);
        // The slow and obvious reading: no recorded cell has a comma in it, and the columns are the usual ones.
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let last_row_of_each_user: BTreeMap<&str, Vec<&str>> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .map(|cells| (cells[1], cells))
            .collect();
        let mut expected: Vec<(String, i64, bool, String)> = Vec::new();
        for (arn, cells) in &last_row_of_each_user {
            for (slot, first) in [(1, 8), (2, 13)] {
                if cells[first].eq_ignore_ascii_case("true") || cells[first + 1] != "N/A" {
                    expected.push((
                        (*arn).to_owned(),
                        slot,
                        cells[first].eq_ignore_ascii_case("true"),
                        cells[first + 1].replace("+00:00", "Z"),
                    ));
                }
            }
        }
        expected.sort();
        let mut found: Vec<_> = sandbox
            .rows::<AccessKeyRow>()
            .into_iter()
            .map(|key| {
                (
                    key.user_arn,
                    key.slot.unwrap(),
                    key.is_active,
                    key.created_at.unwrap().to_string(),
                )
            })
            .collect();
        found.sort();
        assert_eq!(found, expected, "{file}");
        assert_eq!(
            sandbox.rows::<UserRow>().len(),
            last_row_of_each_user.len(),
            "{file}"
        );
    }
    // Root's certificate and both of its keys, one of them inactive with a date.
    let sandbox = collected(&folder.join("c7n-iam_user_unused_keys__2.csv"), 0);
    assert_eq!(sandbox.rows::<LongLivedCredentialRow>().len(), 1);
    let root: Vec<_> = sandbox
        .rows::<AccessKeyRow>()
        .into_iter()
        .filter(|key| key.user_name == "<root_account>")
        .map(|key| key.is_active)
        .collect();
    assert_eq!(root, [true, false]);
    // The report says by itself when it was generated.
    let sandbox = collected(&folder.join("cloudmapper-get-credential-report.json"), 0);
    assert_eq!(sandbox.manifest()["collected_at"], "2019-05-02T21:49:50Z");
    assert_eq!(
        sandbox.findings(&["--rules", "root-access-key,root-used"]),
        ["root-access-key root -", "root-used root -"]
    );
}

#[test]
fn one_report_in_base64_and_decoded_is_the_same() {
    let Some(folder) = corpus("authz/airiam") else {
        return;
    };
    let decoded = collected(&folder.join("credential-report.csv"), 0);
    let encoded = collected(&folder.join("credential-report.json"), 0);
    let users = |sandbox: &Sandbox| -> Vec<UserRow> {
        sandbox
            .rows::<UserRow>()
            .into_iter()
            .map(|user| UserRow {
                credentials_as_of: None,
                ..user
            })
            .collect()
    };
    assert_eq!(users(&decoded), users(&encoded));
}

#[test]
fn whole_details_and_raw_pages_of_one_account_are_the_same_rows() {
    let Some(folder) = corpus("authz/airiam") else {
        return;
    };
    let whole = collected(&folder.join("account-authorization-details.json"), 0);
    let pages = Sandbox::new();
    let page = |number: u8| {
        folder
            .join(format!("raw-api-page-{number}.json"))
            .display()
            .to_string()
    };
    pages
        .run(&["collect", "--from", &page(1), &page(2), "--out", "inv"])
        .expect_code(0);
    // The first page alone says that there is more.
    collected(&folder.join("raw-api-page-1.json"), 3);
    assert_eq!(
        (
            whole.rows::<UserRow>().len(),
            whole.rows::<RoleRow>().len(),
            whole.rows::<GroupRow>().len()
        ),
        (5, 8, 1)
    );
    assert_eq!(
        (
            whole.rows::<ManagedPolicyRow>().len(),
            whole.rows::<PolicyVersionRow>().len()
        ),
        (19, 54)
    );
    assert_eq!(
        whole.rows::<PolicyAttachmentRow>(),
        pages.rows::<PolicyAttachmentRow>()
    );
    assert_eq!(whole.rows::<TagRow>(), pages.rows::<TagRow>());
    let policies = |sandbox: &Sandbox| sandbox.rows::<ManagedPolicyRow>();
    assert_eq!(policies(&whole), policies(&pages));
    let documents = |sandbox: &Sandbox| -> Vec<(String, String, Value)> {
        let inline = sandbox
            .rows::<InlinePolicyRow>()
            .into_iter()
            .map(|row| (row.principal_arn, row.policy_name, row.document));
        let versions = sandbox
            .rows::<PolicyVersionRow>()
            .into_iter()
            .map(|row| (row.policy_arn, row.version_id, row.document.unwrap()));
        inline
            .chain(versions)
            .map(|(owner, name, text)| (owner, name, serde_json::from_str(&text).unwrap()))
            .collect()
    };
    assert_eq!(documents(&whole), documents(&pages));
}

/// Each entity of authorization details, member by member, against the tables.
#[test]
fn authorization_details_become_exactly_their_rows() {
    for part in [
        "authz/airiam/account-authorization-details.json",
        "authz/cloudsplaining-example.json",
    ] {
        let Some(file) = corpus(part) else { return };
        let details = json(&file);
        let sandbox = collected(&file, 0);
        let users = sandbox.rows::<UserRow>();
        let list = |name: &str| details[name].as_array().unwrap().clone();
        assert_eq!(users.len(), list("UserDetailList").len());
        for expected in list("UserDetailList") {
            let user = users
                .iter()
                .find(|user| user.arn == expected["Arn"].as_str().unwrap())
                .unwrap();
            assert_eq!(user.user_name, expected["UserName"].as_str().unwrap());
            assert_eq!(user.user_id.as_deref(), expected["UserId"].as_str());
            assert_eq!(user.created_at, time(&expected["CreateDate"]));
        }
        let roles = sandbox.rows::<RoleRow>();
        assert_eq!(roles.len(), list("RoleDetailList").len());
        for expected in list("RoleDetailList") {
            let role = roles
                .iter()
                .find(|role| role.arn == expected["Arn"].as_str().unwrap())
                .unwrap();
            assert_eq!(role.role_name, expected["RoleName"].as_str().unwrap());
            assert_eq!(role.path, expected["Path"].as_str().unwrap());
            assert_eq!(
                role.is_service_linked,
                role.path.starts_with("/aws-service-role/")
            );
            assert_eq!(
                role.last_used_at,
                time(&expected["RoleLastUsed"]["LastUsedDate"])
            );
            assert!(role.last_used_known);
            let trust: Value = serde_json::from_str(role.trust_policy.as_ref().unwrap()).unwrap();
            assert_eq!(trust, expected["AssumeRolePolicyDocument"]);
        }
        assert_eq!(
            sandbox.rows::<GroupRow>().len(),
            list("GroupDetailList").len()
        );
        let count = |entities: &str, members: &str| -> usize {
            list(entities)
                .iter()
                .map(|entity| entity[members].as_array().map_or(0, Vec::len))
                .sum()
        };
        assert_eq!(
            sandbox.rows::<InlinePolicyRow>().len(),
            count("UserDetailList", "UserPolicyList")
                + count("GroupDetailList", "GroupPolicyList")
                + count("RoleDetailList", "RolePolicyList")
        );
        let attached = "AttachedManagedPolicies";
        assert_eq!(
            sandbox.rows::<PolicyAttachmentRow>().len(),
            count("UserDetailList", attached)
                + count("GroupDetailList", attached)
                + count("RoleDetailList", attached)
        );
        assert_eq!(
            sandbox.rows::<TagRow>().len(),
            count("UserDetailList", "Tags") + count("RoleDetailList", "Tags")
        );
        assert_eq!(
            sandbox.rows::<PolicyVersionRow>().len(),
            count("Policies", "PolicyVersionList")
        );
        assert!(
            sandbox
                .rows::<ManagedPolicyRow>()
                .iter()
                .all(|policy| !policy.account_id.is_empty())
        );
    }
}

#[test]
fn a_real_account_is_audited_as_a_person_would() {
    let Some(folder) = corpus("authz/airiam") else {
        return;
    };
    let sandbox = Sandbox::new();
    let path = |name: &str| folder.join(name).display().to_string();
    sandbox
        .run(&[
            "collect",
            "--from",
            &path("account-authorization-details.json"),
            &path("credential-report.csv"),
            "--out",
            "inv",
            "--as-of",
            "2020-03-21T08:20:00Z",
        ])
        .expect_code(0);
    insta::assert_snapshot!("airiam_findings", sandbox.findings(&[]).join("\n"));
}

#[test]
fn last_accessed_answers_belong_to_whom_they_are_wrapped_for() {
    let Some(folder) = corpus("authz/airiam/service-last-accessed") else {
        return;
    };
    let sandbox = Sandbox::new();
    let mut services = 0;
    for entry in json(&folder.join("index.json")).as_array().unwrap() {
        let answer = json(&folder.join(entry["File"].as_str().unwrap()));
        services += answer["ServicesLastAccessed"].as_array().unwrap().len();
        let wrapped = serde_json::json!({"Call": "iam:GetServiceLastAccessedDetails", "Parameters": {"Arn": entry["Arn"]}, "Answer": answer});
        sandbox.write(
            &format!("bundle/{}", entry["File"].as_str().unwrap()),
            wrapped.to_string(),
        );
    }
    sandbox.collect(0);
    assert_eq!(
        (services, sandbox.rows::<LastAccessedServiceRow>().len()),
        (168, 168)
    );
}

/// Recorded answers of many tests: together they are no account, so only single facts can be checked.
#[test]
fn recorded_answers_give_rows_of_their_own_and_gaps_for_the_rest() {
    let Some(folder) = corpus("authz/cloud-custodian") else {
        return;
    };
    let sandbox = collected(&folder, 3);
    for gap in sandbox.manifest()["gaps"].as_array().unwrap() {
        let reason = gap["reason"].as_str().unwrap();
        // One recorded instance profile is cut short by its test: it has a name and nothing else.
        assert!(
            !reason.contains("cannot be read: ") || reason == "cannot be read: missing field `Arn`",
            "{gap}"
        );
    }
    for key in sandbox.rows::<AccessKeyRow>() {
        assert_eq!(key.account_id.len(), 12, "{key:?}");
        assert!(key.user_arn.contains(&key.account_id), "{key:?}");
    }
    let single = |part: &str, code: i32| collected(&folder.join(part), code);
    let accounts = single("organizations.ListAccounts", 0).rows::<OrganizationAccountRow>();
    assert_eq!(accounts[0].account_id, "644160558196");
    let with_account = |file: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("bundle/account.json", r#"{"Account":"644160558196"}"#);
        sandbox.write(
            "bundle/answer.json",
            std::fs::read(folder.join(file)).unwrap(),
        );
        sandbox.collect(0);
        sandbox
    };
    let policy =
        with_account("iam.GetAccountPasswordPolicy/test_account_password_policy_update__1.json")
            .rows::<PasswordPolicyRow>();
    assert_eq!(
        (policy[0].is_set, policy[0].minimum_length),
        (true, Some(10))
    );
}

#[test]
fn small_authorization_details_are_read_one_by_one() {
    let Some(folder) = corpus("authz/iamspy/files") else {
        return;
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let content = json(&path);
        if content.get("RoleDetailList").is_none() {
            continue;
        }
        let sandbox = collected(&path, 0);
        let count = |member: &str| content[member].as_array().map_or(0, Vec::len);
        assert_eq!(
            sandbox.rows::<RoleRow>().len(),
            count("RoleDetailList"),
            "{name}"
        );
        assert_eq!(
            sandbox.rows::<UserRow>().len(),
            count("UserDetailList"),
            "{name}"
        );
    }
}
