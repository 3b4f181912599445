//! The made-up organisation: policies made from 90 days, asked with the 30 days after them.

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_inventory::Inventory;
use leastgrant_inventory::tables::UsageRow;
use leastgrant_policy::evaluate::{Outcome, Policies, Request, Untold, decide};
use leastgrant_policy::{Action, Context, Policy, Principal, Resource};
use serde_json::Value;

use crate::support::Sandbox;

/// 30 days before the demo's end.
const CUT: &str = "2026-10-02";

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

#[test]
fn what_is_needed_in_the_days_after_the_window_is_still_allowed() {
    for seed in ["1", "7"] {
        let sandbox = Sandbox::new();
        sandbox
            .run(&[
                "demo",
                "--out",
                "bundle",
                "--days",
                "121",
                "--principals",
                "60",
                "--seed",
                seed,
            ])
            .expect_code(0);
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
        let pairs: BTreeMap<String, Pair> = principals
            .iter()
            .map(|own| {
                (
                    own["principal_arn"].as_str().unwrap().to_owned(),
                    Pair::read(own),
                )
            })
            .collect();
        let minimized = principals.iter().filter(|own| own["status"] == "minimized");
        assert!(minimized.clone().count() > 15, "seed {seed}");

        let observed = count(&pairs, &seen);
        assert!(observed.events > 1_000, "{observed:?}");
        assert_eq!(observed.denied, BTreeSet::new(), "seed {seed}");
        let held_out = count(&pairs, &later);
        assert!(held_out.needs.len() > 15, "{held_out:?}");
        assert!(
            held_out.denied_events * 1_000 <= held_out.events
                && held_out.denied.len() * 50 <= held_out.needs.len(),
            "seed {seed}: {} of {} events, {} of {} needs: {:?}",
            held_out.denied_events,
            held_out.events,
            held_out.denied.len(),
            held_out.needs.len(),
            held_out.denied
        );
        // Roles with broad policies, but for those that may do nearly everything: the demo's last-accessed data list too few services
        // to tell which of these they never accessed.
        let number = |own: &Value, member: &str| own["metrics"][member].as_u64().unwrap();
        let broad = minimized.filter(|own| {
            own["principal_arn"].as_str().unwrap().contains(":role/")
                && (50..5_000).contains(&number(own, "actions_before"))
        });
        let sum = |member: &str| -> u64 { broad.clone().map(|own| number(own, member)).sum() };
        let (before, after) = (sum("actions_before"), sum("actions_after"));
        assert!(before > 1_000, "seed {seed}: {before}");
        assert!(
            after * 100 <= before * 30,
            "seed {seed}: {before} to {after}"
        );
        assert!(sum("escalation_paths_after") <= sum("escalation_paths_before"));
    }
}
