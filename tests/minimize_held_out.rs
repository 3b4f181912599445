//! The made-up organisation: policies made from 95 days, asked with the 30 days after them. It takes 90 to tell anything unused, and not
//! every account has an event in the Region of the global services on each of the first days.
//!
//! What a new key is for cannot be foreseen, so that whose key is young keeps everything. `cargo xtask bench held-out` asks more
//! seeds and windows.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_inventory::Inventory;
use leastgrant_inventory::tables::UsageRow;
use leastgrant_policy::evaluate::{Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Effect, Policy, Principal, Resource};
use serde_json::Value;

use crate::support::Sandbox;

/// 30 days before the demo's end.
const CUT: &str = "2026-10-02";
/// When the demo was collected.
const END: &str = "2026-11-01";

/// A principal's policies before and after.
struct Pair {
    caller: Principal,
    old: Vec<Policy>,
    new: Vec<Policy>,
}

impl Pair {
    fn read(own: &Value) -> Self {
        let policies = own["policies"].as_array().unwrap();
        let parse = |document: &Value| Policy::parse(&document.to_string()).unwrap();
        Self {
            caller: Principal::parse(own["principal_arn"].as_str().unwrap()).unwrap(),
            old: policies
                .iter()
                .map(|policy| parse(&policy["old"]))
                .collect(),
            new: policies
                .iter()
                .flat_map(|policy| policy["new"].as_array().unwrap())
                .map(parse)
                .collect(),
        }
    }

    fn allows(&self, policies: &[Policy], action: &str, resource: &str) -> bool {
        let request = Request::new(
            self.caller.clone(),
            Action::parse(action).unwrap(),
            Resource::parse(resource),
            self.caller.account_id(),
            Context::open(),
        );
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"*","Resource":"*"}}}}"#,
            self.caller.account_id().unwrap()
        );
        let delegate = Policy::parse(&text).unwrap();
        let policies = Policies {
            identity: policies.iter().collect(),
            resource: Some(&delegate),
            ..Policies::default()
        };
        decide(&request, &policies, Untold::Grant).outcome == Outcome::Allowed
    }

    /// Whether some Allow has the action, on whatever.
    fn has(policies: &[Policy], action: &str) -> bool {
        let action = Action::parse(action).unwrap();
        let statements = policies.iter().flat_map(|policy| &policy.statements);
        statements.into_iter().any(|own| {
            let mut entries = own.action.entries.iter();
            own.effect == Effect::Allow
                && entries.any(|entry| entry.matches(&action)) != own.action.is_negated
        })
    }
}

/// What the old policies allow of some uses, and what of it the new ones deny.
#[derive(Default, Debug)]
struct Count {
    events: i64,
    denied_events: i64,
    needs: BTreeSet<(String, String)>,
    denied: BTreeSet<(String, String)>,
}

fn count(pairs: &BTreeMap<String, Pair>, rows: &[UsageRow]) -> Count {
    let mut count = Count::default();
    for row in rows.iter().filter(|row| row.outcome == "allowed") {
        let (Some(pair), Some(action), Some(resource)) =
            (pairs.get(&*row.principal_arn), &row.action, &row.resource)
        else {
            continue;
        };
        if !pair.allows(&pair.old, action, resource) {
            continue;
        }
        let need = (row.principal_arn.to_string(), action.to_string());
        count.events += row.count;
        if !pair.allows(&pair.new, action, resource) {
            count.denied_events += row.count;
            count.denied.insert(need.clone());
        }
        count.needs.insert(need);
    }
    count
}

fn usage(sandbox: &Sandbox, name: &str, window: &[&str]) -> Vec<UsageRow> {
    sandbox
        .run(&["collect", "--from", "bundle", "--out", name])
        .expect_code(0);
    let accounts = std::fs::read_dir(sandbox.path("bundle")).unwrap();
    let folders: Vec<String> = accounts
        .map(|entry| entry.unwrap().path().join("cloudtrail"))
        .filter(|folder| folder.is_dir())
        .map(|folder| folder.display().to_string())
        .collect();
    let mut arguments = vec!["usage", name, "--logs"];
    arguments.extend(folders.iter().map(String::as_str));
    arguments.extend(window);
    sandbox.run(&arguments).expect_code(0);
    Inventory::open(&sandbox.path(name))
        .unwrap()
        .read()
        .unwrap()
}

/// Dates the bundle to the end of the window, and takes out of it what last-accessed data know of the time after.
fn date_to_the_cut(sandbox: &Sandbox) {
    let accounts = std::fs::read_dir(sandbox.path("bundle")).unwrap();
    let accounts = accounts.map(|entry| entry.unwrap().path());
    for account in accounts.filter(|path| path.is_dir()) {
        let folder = account.join("last-accessed");
        let path = account.join("account.json");
        let identity = std::fs::read_to_string(&path).unwrap();
        assert!(identity.contains(END));
        std::fs::write(path, identity.replace(END, CUT)).unwrap();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap().replace(END, CUT);
            let mut answer: Value = serde_json::from_str(&text).unwrap();
            for service in answer["ServicesLastAccessed"].as_array_mut().unwrap() {
                let service = service.as_object_mut().unwrap();
                forget(service, "LastAuthenticated");
                let actions = service.get_mut("TrackedActionsLastAccessed");
                for action in actions
                    .into_iter()
                    .flat_map(|own| own.as_array_mut().unwrap())
                {
                    forget(action.as_object_mut().unwrap(), "LastAccessedTime");
                }
            }
            std::fs::write(&path, answer.to_string()).unwrap();
        }
    }
}

fn forget(members: &mut serde_json::Map<String, Value>, name: &str) {
    if members
        .get(name)
        .is_some_and(|at| at.as_str().unwrap() >= CUT)
    {
        members.remove(name);
    }
}

#[test]
fn what_is_needed_in_the_days_after_the_window_is_still_allowed() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&[
            "demo",
            "--out",
            "bundle",
            "--days",
            "125",
            "--principals",
            "60",
            "--seed",
            "1",
        ])
        .expect_code(0);
    date_to_the_cut(&sandbox);
    let seen = usage(&sandbox, "inv", &["--until", CUT]);
    let later = usage(&sandbox, "later", &["--since", CUT]);
    sandbox
        .run(&[
            "minimize",
            "inv",
            "--out",
            "min",
            "--as-of",
            "2026-10-02T00:00:00Z",
        ])
        .expect_code(0);
    let document: Value = serde_json::from_str(&sandbox.read("min/minimize.json")).unwrap();
    let principals = document["principals"].as_array().unwrap();
    let arn = |own: &Value| own["principal_arn"].as_str().unwrap().to_owned();
    let pairs: BTreeMap<String, Pair> = principals
        .iter()
        .map(|own| (arn(own), Pair::read(own)))
        .collect();
    let minimized = principals.iter().filter(|own| own["status"] == "minimized");
    assert!(minimized.clone().count() > 15);

    let observed = count(&pairs, &seen);
    assert!(observed.events > 1_000, "{observed:?}");
    assert_eq!(observed.denied, BTreeSet::new());

    // What the organisation says was used, logged or not, in the window or after it.
    let truth: Value = serde_json::from_str(&sandbox.read("bundle/truth.json")).unwrap();
    let unlogged = truth["evidence"].as_array().unwrap().iter();
    let mut asked = 0;
    for row in unlogged.filter(|row| row["verdict"] == "unknown") {
        let action = row["action"].as_str().unwrap();
        if let Some(pair) = pairs.get(row["principal_arn"].as_str().unwrap())
            && Pair::has(&pair.old, action)
        {
            asked += 1;
            assert!(Pair::has(&pair.new, action), "{row}");
        }
    }
    assert!(asked > 0);

    let held_out = count(&pairs, &later);
    insta::assert_snapshot!(
        format!(
            "denied: {} of {} events, {} of {} needs",
            held_out.denied_events,
            held_out.events,
            held_out.denied.len(),
            held_out.needs.len()
        ),
        @"denied: 0 of 1571 events, 0 of 25 needs"
    );

    // Roles with broad policies, but for those that may do nearly everything: the organisation's last-accessed data list ten services
    // at most, and for what they do not list no log shows the most of its actions.
    let number = |own: &Value, member: &str| own["metrics"][member].as_u64().unwrap();
    let broad = minimized.filter(|own| {
        arn(own).contains(":role/") && (50..5_000).contains(&number(own, "actions_before"))
    });
    let sum = |member: &str| -> u64 { broad.clone().map(|own| number(own, member)).sum() };
    let (before, after) = (sum("actions_before"), sum("actions_after"));
    assert!(before > 1_000, "{before}");
    assert!(after * 100 <= before * 30, "{before} to {after}");
    assert!(sum("escalation_paths_after") <= sum("escalation_paths_before"));
}
