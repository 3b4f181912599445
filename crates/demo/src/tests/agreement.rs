//! The files agree with each other: the same key has the same dates everywhere, and every date of
//! use has its event.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::{Bundle, report, with_days, without_cloudtrail};
use crate::model::Actor;
use crate::moment::{MINUTE, Moment};
use crate::scenario::plan;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

#[test]
fn the_report_and_the_key_lists_agree() {
    let bundle = Bundle::write(&without_cloudtrail());
    let mut keys = 0;
    for account in bundle.accounts() {
        let mut listed: HashMap<String, Vec<Value>> = HashMap::new();
        for (path, bytes) in bundle.files() {
            if !path.starts_with(&format!("{account}/access-keys/")) {
                continue;
            }
            let list: Value = serde_json::from_slice(&bytes).unwrap();
            for key in list["AccessKeyMetadata"].as_array().unwrap() {
                let user = text(key, "UserName").to_owned();
                listed.entry(user).or_default().push(key.clone());
            }
        }
        for row in report(&bundle, &account).into_iter().skip(1) {
            let mut list = listed.remove(&row["user"]).unwrap_or_default();
            // The slots follow the order of the ids.
            list.sort_by_key(|key| text(key, "AccessKeyId").to_owned());
            for slot in 1..=2 {
                let cell = |name: &str| row[&format!("access_key_{slot}_{name}")].as_str();
                let Some(key) = list.get(slot - 1) else {
                    assert_eq!((cell("active"), cell("last_rotated")), ("false", "N/A"));
                    continue;
                };
                keys += 1;
                let used = &key["LastUsed"]["AccessKeyLastUsed"];
                assert_eq!(cell("active") == "true", text(key, "Status") == "Active");
                assert_eq!(cell("last_rotated"), text(key, "CreateDate"));
                assert_eq!(cell("last_used_region"), text(used, "Region"));
                assert_eq!(cell("last_used_service"), text(used, "ServiceName"));
                let date = used["LastUsedDate"].as_str().unwrap_or("N/A");
                assert_eq!(cell("last_used_date"), date);
            }
        }
        assert!(listed.is_empty());
    }
    assert!(keys > 50);
}

/// Account, principal, key, source, name, Region and outcome.
type Row = (String, String, String, String, String, String, &'static str);

#[test]
fn the_truth_about_usage_is_what_the_files_hold() {
    let bundle = Bundle::write(&with_days(9));
    let mut counted: BTreeMap<Row, (u64, String, String)> = BTreeMap::new();
    let mut ids = HashSet::new();
    let accounts = bundle.accounts();
    let records: Vec<(&String, Value)> = accounts
        .iter()
        .flat_map(|account| {
            bundle
                .records(account)
                .into_iter()
                .map(move |record| (account, record))
        })
        .collect();
    let is_of_another_account =
        |record: &Value| text(&record["userIdentity"], "type") == "AWSAccount";
    let shared = |record: &Value| record["sharedEventID"].as_str().map(str::to_owned);
    let counted_in_the_callers_account: HashSet<String> = records
        .iter()
        .filter(|(_, record)| !is_of_another_account(record))
        .filter_map(|(_, record)| shared(record))
        .collect();
    for (account, record) in records {
        assert_eq!(text(&record, "recipientAccountId"), account);
        assert!(ids.insert(text(&record, "eventID").to_owned()));
        if is_of_another_account(&record)
            && shared(&record).is_some_and(|id| counted_in_the_callers_account.contains(&id))
        {
            continue;
        }
        let Some(row) = row(&record) else { continue };
        let time = text(&record, "eventTime").to_owned();
        let entry = counted
            .entry(row)
            .or_insert((0, time.clone(), time.clone()));
        entry.0 += 1;
        entry.1 = entry.1.clone().min(time.clone());
        entry.2 = entry.2.clone().max(time);
    }
    let truth = bundle.json("truth.json");
    let stated: BTreeMap<Row, (u64, String, String)> = truth["usage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|usage| {
            let own = |name: &str| text(usage, name).to_owned();
            let row = (
                own("account_id"),
                own("principal_arn"),
                own("access_key_id"),
                own("event_source"),
                own("event_name"),
                own("region"),
                if text(usage, "outcome") == "denied" {
                    "denied"
                } else {
                    "allowed"
                },
            );
            let events = usage["events"].as_u64().unwrap();
            (row, (events, own("first"), own("last")))
        })
        .collect();
    assert_eq!(counted, stated);
    assert!(stated.values().any(|(events, ..)| *events == 9 * 1440));
    assert!(stated.keys().any(|row| row.6 == "denied"));
}

fn row(record: &Value) -> Option<Row> {
    let identity = &record["userIdentity"];
    let principal = match text(identity, "type") {
        "IAMUser" | "Root" => text(identity, "arn"),
        "AssumedRole" => text(&identity["sessionContext"]["sessionIssuer"], "arn"),
        "AWSService" => text(identity, "invokedBy"),
        "AWSAccount" => text(identity, "accountId"),
        "SAMLUser" | "WebIdentityUser" => return None,
        other => panic!("{other}"),
    };
    let key = text(identity, "accessKeyId");
    let key = if key.starts_with("AKIA") { key } else { "" };
    let outcome = if record["errorCode"].is_null() {
        "allowed"
    } else {
        "denied"
    };
    Some((
        text(record, "recipientAccountId").to_owned(),
        principal.to_owned(),
        key.to_owned(),
        text(record, "eventSource").to_owned(),
        text(record, "eventName").to_owned(),
        text(record, "awsRegion").to_owned(),
        outcome,
    ))
}

#[test]
fn the_same_event_has_one_shared_id_in_two_accounts() {
    let bundle = Bundle::write(&with_days(9));
    let mut shared: HashMap<String, Vec<String>> = HashMap::new();
    for account in bundle.accounts() {
        for record in bundle.records(&account) {
            if let Some(id) = record["sharedEventID"].as_str() {
                shared
                    .entry(id.to_owned())
                    .or_default()
                    .push(account.clone());
            }
        }
    }
    let in_two: Vec<_> = shared
        .values()
        .filter(|accounts| accounts.len() == 2)
        .collect();
    assert!(!in_two.is_empty());
    assert!(in_two.iter().all(|accounts| accounts[0] != accounts[1]));
    assert!(shared.values().all(|accounts| accounts.len() <= 2));
}

#[test]
fn every_last_use_has_its_event() {
    let organisation = plan(&without_cloudtrail()).unwrap();
    for account in &organisation.accounts {
        for user in &account.users {
            for key in &user.keys {
                let latest = user
                    .common
                    .uses
                    .iter()
                    .filter(|used| used.actor == Actor::Key(key.id.clone()))
                    .map(|used| used.schedule.last)
                    .max();
                match (key.last_used, latest) {
                    (None, None) => {}
                    (Some(used), Some(latest)) => {
                        let ahead = latest.seconds_since(used.at);
                        assert!((0..15 * MINUTE).contains(&ahead), "{}", user.name);
                    }
                    other => panic!("{}: {other:?}", user.name),
                }
            }
            let latest = user
                .common
                .uses
                .iter()
                .filter(|used| used.actor == Actor::Password)
                .map(|used| used.schedule.last)
                .max();
            assert_eq!(user.password.and_then(|p| p.last_used), latest);
        }
    }
}

#[test]
fn last_accessed_is_newer_than_role_last_used_in_one_scenario_only() {
    let bundle = Bundle::write(&without_cloudtrail());
    let mut newer = Vec::new();
    for account in bundle.accounts() {
        let details = bundle.json(&format!("{account}/authorization-details.json"));
        for role in details["RoleDetailList"].as_array().unwrap() {
            let path = format!(
                "{account}/last-accessed/role-{}.json",
                text(role, "RoleName")
            );
            if text(role, "Path").starts_with("/aws-service-role/") {
                assert!(!super::exists(&bundle.root.join(path)));
                continue;
            }
            let answer = bundle.json(&path);
            assert_eq!(text(&answer, "Arn"), text(role, "Arn"));
            let services = answer["ServicesLastAccessed"].as_array().unwrap();
            assert!((4..=10).contains(&services.len()), "{path}");
            let last = services
                .iter()
                .map(|service| text(service, "LastAuthenticated"))
                .max()
                .unwrap();
            if last > text(&role["RoleLastUsed"], "LastUsedDate") {
                newer.push(text(role, "RoleName").to_owned());
            }
        }
    }
    assert_eq!(newer.len(), 1, "{newer:?}");
    assert!(newer[0].ends_with("-lagging"));
}

#[test]
fn the_exact_limit_is_exact_to_the_second() {
    assert_eq!(
        Moment::days_ago(90).with_offset(),
        "2026-08-03T00:00:00+00:00"
    );
    let bundle = Bundle::write(&without_cloudtrail());
    let created: HashSet<String> = bundle
        .accounts()
        .iter()
        .flat_map(|account| report(&bundle, account))
        .map(|row| row["access_key_1_last_rotated"].clone())
        .collect();
    assert!(created.contains("2026-08-03T00:00:00+00:00"));
    assert!(created.contains("2026-08-02T23:59:59+00:00"));
}
