//! The files have the form that the real ones have.

use super::{Bundle, cells, decompress, exists, report, with_days, without_cloudtrail};

#[test]
fn every_line_of_the_credential_report_has_22_columns() {
    let bundle = Bundle::write(&without_cloudtrail());
    for account in bundle.accounts() {
        let text = bundle.text(&format!("{account}/credential-report.csv"));
        assert!(!text.ends_with('\n'));
        assert!(!text.contains('\r'));
        for line in text.split('\n') {
            assert_eq!(cells(line).len(), 22, "{line}");
        }
        let users: Vec<String> = report(&bundle, &account)
            .iter()
            .map(|row| row["user"].to_lowercase())
            .collect();
        assert_eq!(users[0], "<root_account>");
        assert!(users[1..].is_sorted());
    }
}

#[test]
fn the_sentinels_of_the_credential_report_all_occur() {
    let bundle = Bundle::write(&without_cloudtrail());
    let reports: String = bundle
        .accounts()
        .iter()
        .map(|account| bundle.text(&format!("{account}/credential-report.csv")))
        .collect();
    for sentinel in [
        "N/A",
        "no_information",
        "not_supported",
        "+00:00",
        "\"dave,ops\"",
    ] {
        assert!(reports.contains(sentinel), "{sentinel}");
    }
}

#[test]
fn every_account_has_the_files_of_the_bundle() {
    let bundle = Bundle::write(&without_cloudtrail());
    let of_management = [
        "organization.json",
        "permission-sets.json",
        "access-analyzer.json",
    ];
    let mut managements = 0;
    for account in bundle.accounts() {
        assert_eq!(account.len(), 12);
        let folder = bundle.root.join(&account);
        for name in [
            "account.json",
            "authorization-details.json",
            "credential-report.csv",
            "account-summary.json",
            "trails.json",
            "calls/user-credentials.json",
        ] {
            assert!(exists(&folder.join(name)), "{account}/{name}");
        }
        // Either a policy, or the refusal that says there is none.
        let policy = exists(&folder.join("password-policy.json"));
        let refusal = exists(&folder.join("calls/password-policy.json"));
        assert!(policy != refusal);
        assert_eq!(
            bundle.json(&format!("{account}/account.json"))["collected_at"],
            "2026-11-01T00:00:00Z"
        );
        let present = of_management
            .iter()
            .filter(|name| exists(&folder.join(name)))
            .count();
        assert!(present == 0 || present == of_management.len());
        managements += usize::from(present > 0);
    }
    assert_eq!(managements, 1);
}

#[test]
fn json_is_indented_as_the_command_line_does_it() {
    let bundle = Bundle::write(&without_cloudtrail());
    let account = &bundle.accounts()[0];
    let text = bundle.text(&format!("{account}/authorization-details.json"));
    assert!(text.starts_with("{\n    \"UserDetailList\": [\n        {\n            \"Path\": "));
    assert!(text.ends_with("\n}\n"));
    assert!(text.contains("\"RoleLastUsed\": {}"));
}

#[test]
fn nothing_looks_like_a_secret() {
    let bundle = Bundle::write(&with_days(8));
    for (path, bytes) in bundle.files() {
        let text = if path.ends_with(".gz") {
            decompress(&bytes)
        } else {
            String::from_utf8(bytes).unwrap()
        };
        let text = text.to_lowercase();
        for name in [
            "secretaccesskey",
            "secret_access_key",
            "sessiontoken",
            "session_token",
            "servicepassword",
            "private key",
        ] {
            assert!(!text.contains(name), "{path}: {name}");
        }
    }
}

#[test]
fn cloudtrail_files_lie_where_cloudtrail_puts_them() {
    let bundle = Bundle::write(&with_days(2));
    let mut files = 0;
    for path in bundle.files().into_keys() {
        let Some((account, rest)) = path.split_once("/cloudtrail/AWSLogs/") else {
            continue;
        };
        files += 1;
        let parts: Vec<&str> = rest.split('/').collect();
        let [organisation, owner, kind, region, year, month, day, name] = parts[..] else {
            panic!("{path}");
        };
        assert!(organisation.starts_with("o-"));
        assert_eq!((owner, kind, year), (account, "CloudTrail", "2026"));
        let start = format!("{account}_CloudTrail_{region}_{year}{month}{day}T2355Z_");
        let letters = name.strip_prefix(&start).unwrap();
        assert_eq!(letters.strip_suffix(".json.gz").unwrap().len(), 16);
    }
    assert!(files > 3);
}
