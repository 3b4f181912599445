//! `--resource-policies`: those that AWS is asked for are those of the files, in all Regions, and what is refused is a gap.

use std::collections::BTreeSet;

use leastgrant_inventory::Inventory;
use leastgrant_inventory::tables::{ResourcePolicyRow, UserRow};
use serde_json::json;

use crate::collect_live::{AS_OF, Account, planned};

const WANTED: [&str; 3] = ["--resource-policies", AS_OF[0], AS_OF[1]];
/// Calls of `--resource-policies`, and what each is led to by.
const CALLS: [(&str, &str); 7] = [
    ("s3:GetBucketPolicy", "s3:ListBuckets"),
    ("kms:GetKeyPolicy", "kms:ListKeys"),
    ("sns:GetTopicAttributes", "sns:ListTopics"),
    ("sqs:GetQueueAttributes", "sqs:ListQueues"),
    ("lambda:GetPolicy", "lambda:ListFunctions"),
    (
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:ListSecrets",
    ),
    ("ecr:GetRepositoryPolicy", "ecr:DescribeRepositories"),
];

fn policies(account: &Account, inventory: &str) -> Vec<ResourcePolicyRow> {
    let inventory = Inventory::open(&account.sandbox.path(inventory)).unwrap();
    inventory.read().unwrap()
}

#[test]
fn policies_of_resources_are_those_of_the_files_and_nothing_is_asked_twice() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&WANTED).expect_code(0);
    let calls = account.calls();
    let files = ["collect", "--from", "resources", "--out", "files"];
    account
        .sandbox
        .run(&[&files[..], &AS_OF].concat())
        .expect_code(0);
    let (live, files) = (policies(&account, "inv"), policies(&account, "files"));
    assert_eq!(live, files);
    // Keys, topics and queues have one each that AWS made.
    let given = live.iter().filter(|row| {
        let document = row.document.to_string();
        document.contains("999999999999") || document.contains("Deny")
    });
    let services: BTreeSet<&str> = given
        .map(|row| {
            assert!(
                row.resource_arn == "arn:aws:s3:::far"
                    || row.resource_arn.contains(":eu-west-1:123456789012:"),
                "{row:?}"
            );
            row.call.split(':').next().unwrap()
        })
        .collect();
    assert_eq!(services.len(), CALLS.len(), "{services:?}");
    for (policy, list) in CALLS {
        let count = |call: &str| {
            let made = calls.iter().filter(|made| made.starts_with(call));
            made.count()
        };
        // Of each there are two, and two Regions, or two pages; one of the functions has an alias.
        let aliases = usize::from(policy == "lambda:GetPolicy");
        assert_eq!(
            (count(policy), count(list)),
            (2 + aliases, 2),
            "{policy} {list}"
        );
    }
    let alias = live
        .iter()
        .find(|row| row.resource_arn == "arn:aws:lambda:eu-west-1:123456789012:function:f:live");
    let document = alias.unwrap().document.to_string();
    assert!(document.contains("given to the alias"), "{document}");
    let listed = calls
        .iter()
        .filter(|call| call.starts_with("lambda:ListAliases"));
    assert_eq!(listed.count(), 2);
    // A policy that denies is taken into account, and a resource that has none is known to have none.
    let simulate = |resource: &str| {
        let arguments = [
            "simulate",
            "--principal",
            "arn:aws:iam::123456789012:role/web",
            "--action",
            "s3:GetObject",
            "--resource",
            resource,
            "inv",
        ];
        account.sandbox.run(&arguments).stdout
    };
    let denied = simulate("arn:aws:s3:::far/x");
    assert!(denied.starts_with("explicitly denied"), "{denied}");
    let allowed = simulate("arn:aws:s3:::logs/x");
    assert!(
        allowed.starts_with("allowed") && !allowed.contains("no resource policies were collected"),
        "{allowed}"
    );
}

#[test]
fn without_the_option_no_resource_is_asked_about() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    let services = ["s3:", "kms:", "sns:", "sqs:", "lambda:", "ecr:", "account:"];
    let calls = account.calls();
    let asked = calls
        .iter()
        .filter(|call| services.iter().any(|service| call.starts_with(service)));
    assert_eq!(asked.count(), 0);
}

#[test]
fn each_refusal_about_resources_is_a_gap_and_the_rest_is_there() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&WANTED).expect_code(0);
    let all = policies(&account, "inv");
    let aliases = ["lambda:ListAliases"];
    for refused in [
        &CALLS.map(|(policy, _)| policy)[..],
        &CALLS.map(|(_, list)| list),
        &aliases,
    ] {
        for call in refused {
            account.faults(&json!([{"on": call, "status": 403, "code": "AccessDeniedException"}]));
            account.collect(&WANTED).expect_code(3);
            let manifest = account.sandbox.manifest();
            for gap in manifest["gaps"].as_array().unwrap() {
                assert_eq!(gap["unknowable"], json!(["resource_policies"]));
                let source = gap["source"].as_str().unwrap();
                assert!(
                    source.starts_with(&format!("123456789012/{call}")),
                    "{source}"
                );
            }
            let service = call.split(':').next().unwrap();
            // Without the list of aliases, functions' own policies are there.
            let is_lost = |row: &&ResourcePolicyRow| {
                row.call.starts_with(service)
                    && (!aliases.contains(call) || row.resource_arn.ends_with(":live"))
            };
            let rest: Vec<_> = all.iter().filter(|row| !is_lost(row)).cloned().collect();
            assert_eq!(policies(&account, "inv"), rest, "{call}");
        }
    }
}

#[test]
fn a_region_that_refuses_the_account_and_regions_that_are_not_told_are_gaps() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([
        {"on": "sns:ListTopics", "region": "eu-west-1", "status": 403, "code": "InvalidClientTokenId"},
    ]));
    account.collect(&WANTED).expect_code(3);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @"123456789012/sns:ListTopics(Region=eu-west-1): AWS refused the call: `InvalidClientTokenId`: ordered by the test (in the Region `eu-west-1`, which the account may not have opted in to)");
    assert_eq!(account.sandbox.rows::<UserRow>().len(), 2);
    // Only about topics is it not known what their policies say.
    let simulate = |action: &str, resource: &str| {
        let arguments = [
            "simulate",
            "--principal",
            "arn:aws:iam::123456789012:role/web",
            "--action",
            action,
            "--resource",
            resource,
            "inv",
        ];
        account.sandbox.run(&arguments)
    };
    let bucket = simulate("s3:PutObject", "arn:aws:s3:::logs/x").expect_code(0);
    assert!(
        bucket.stdout.starts_with("implicitly denied"),
        "{}",
        bucket.stdout
    );
    simulate("sns:Publish", "arn:aws:sns:eu-west-1:123456789012:news").expect_code(3);
    let others = policies(&account, "inv").len();
    account.faults(
        &json!([{"on": "account:ListRegions", "status": 403, "code": "AccessDeniedException"}]),
    );
    account.calls();
    account.collect(&WANTED).expect_code(3);
    insta::assert_snapshot!(account.sandbox.gaps().join("\n"), @"123456789012/account:ListRegions: AWS refused the call: `AccessDeniedException`: ordered by the test");
    let here = policies(&account, "inv");
    assert!(
        here.len() < others
            && here
                .iter()
                .all(|row| !row.resource_arn.contains("eu-west-1"))
    );
    assert!(
        here.iter()
            .any(|row| row.resource_arn == "arn:aws:s3:::far")
    );
    // Once it may be asked, only what is missing is.
    account.faults(&json!([]));
    account.calls();
    account
        .collect(&[&["--resume"], &WANTED[..]].concat())
        .expect_code(0);
    let asked = account.calls();
    assert!(
        !asked.iter().any(|call| call.starts_with("s3:List")),
        "{asked:?}"
    );
    assert_eq!(policies(&account, "inv").len(), others + 1);
}

/// What a function is given to run with may be a secret, and a listing has it.
#[test]
fn answers_that_are_kept_have_no_environment_of_a_function() {
    let Some(account) = Account::new() else {
        return;
    };
    account
        .faults(&json!([{"on": "iam:ListAccountAliases", "status": 403, "code": "AccessDenied"}]));
    account.collect(&WANTED).expect_code(3);
    let kept = account
        .sandbox
        .read(".inv.leastgrant-answers/123456789012.jsonl");
    assert!(kept.contains(":function:f") && kept.contains(":secret:word"));
    assert!(!kept.contains("not a secret") && !kept.contains("PASSWORD"));
}

#[test]
fn a_plan_with_policies_of_resources_lists_the_regions_and_tells_the_listings() {
    let Some(account) = Account::new() else {
        return;
    };
    let mut command = account.command(&["collect", "--plan", "--resource-policies"]);
    let plan = account.sandbox.ran(&mut command).expect_code(0);
    let asked = account.calls();
    assert!(
        asked
            .iter()
            .any(|call| call.starts_with("account:ListRegions"))
    );
    assert!(!asked.iter().any(|call| call.starts_with("kms:")));
    account.collect(&WANTED).expect_code(0);
    let made = account.calls();
    let (calls, _) = plan.stdout.split_once("\n\n").unwrap();
    let planned: Vec<_> = calls.lines().map(planned).collect();
    for (policy, list) in CALLS {
        let of = |call: &str| planned.iter().find(|(name, ..)| *name == call).unwrap();
        let listings = if list == "s3:ListBuckets" { 1 } else { 2 };
        assert_eq!(
            of("lambda:ListAliases"),
            &("lambda:ListAliases", "at least", 0)
        );
        assert_eq!(of(list), &(list, "at least", listings));
        assert_eq!(of(policy), &(policy, "at least", 0));
    }
    for call in made {
        let call = call.split(' ').next().unwrap();
        assert!(planned.iter().any(|(name, ..)| *name == call), "{call}");
    }
}
