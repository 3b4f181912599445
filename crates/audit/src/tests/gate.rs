//! What a gate on the severity of findings may not pass over: policies that nobody could judge.

use leastgrant_inventory::tables::PolicyVersionRow;
use leastgrant_inventory::{DataKind, Gap};

use crate::made_up::now;
use crate::testing::{ACCOUNT, World, allow, arn};
use crate::{Baseline, GateOutcome, GateResult, Limits, Settings, Severity, judge_gate};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn gate(world: &World, limits: Limits) -> GateOutcome {
    let (_folder, inventory) = world.inventory();
    let baseline = Baseline::default();
    judge_gate(
        &inventory,
        &Settings::default(),
        limits,
        &baseline,
        now(),
        now(),
    )
    .unwrap()
}

fn on(world: &World, severity: Severity) -> GateOutcome {
    gate(
        world,
        Limits {
            fail_on: Some(severity),
            ..Limits::default()
        },
    )
}

/// An account of which everything that the gate asks of is known, and nothing is amiss at severity high.
fn sound() -> World {
    let mut world = World::new();
    world.inline("user/u", &[allow("s3:ListAllMyBuckets", "*")]);
    world.inline("role/r", &[allow("s3:ListAllMyBuckets", "*")]);
    for role in &mut world.data.roles {
        role.trust_policy = Some(TRUST.to_owned().into());
    }
    for user in &mut world.data.users {
        user.access_keys_known = true;
        user.password_enabled = Some(false);
        user.mfa_active = Some(true);
    }
    for counter in ["AccountAccessKeysPresent", "AccountMFAEnabled"] {
        world.counter(counter, i64::from(counter == "AccountMFAEnabled"));
    }
    world
}

fn reasons(outcome: &GateOutcome) -> Vec<String> {
    let entries = outcome.not_checked.iter();
    entries
        .map(|own| format!("{}: {}", own.rule, own.reason))
        .collect()
}

#[test]
fn missing_logs_and_last_accessed_data_leave_nothing_open() {
    let outcome = on(&sound(), Severity::Critical);
    assert_eq!(
        (outcome.result, reasons(&outcome)),
        (GateResult::Pass, Vec::new())
    );
}

#[test]
fn policies_that_were_never_collected_leave_what_they_may_grant_open() {
    let mut world = sound();
    world.sources.clear();
    world.source(Some(ACCOUNT), DataKind::CredentialReport);
    world.data.inline_policies.clear();
    for user in &mut world.data.users {
        user.details_known = false;
    }
    world.data.roles.clear();
    for severity in [Severity::High, Severity::Critical] {
        let outcome = on(&world, severity);
        assert_eq!(outcome.result, GateResult::Incomplete, "{severity:?}");
        assert!(
            reasons(&outcome).contains(
                &"escalation-path: no policies were collected (authorization details)".to_owned()
            ),
            "{:?}",
            reasons(&outcome)
        );
    }
}

#[test]
fn a_policy_that_cannot_be_read_leaves_open_what_it_may_grant() {
    let mut world = sound();
    world.data.policy_versions.push(PolicyVersionRow {
        account_id: ACCOUNT.to_owned(),
        policy_arn: arn("policy/broken"),
        version_id: "v1".to_owned(),
        is_default: true,
        document: Some("{".to_owned().into()),
        ..PolicyVersionRow::default()
    });
    world.attach("role/r", &arn("policy/broken"));
    let outcome = on(&world, Severity::Critical);
    assert_eq!(outcome.result, GateResult::Incomplete);
    // A rule that is declared high and can give critical is open as well.
    assert!(
        reasons(&outcome)
            .contains(&"escalation-path: not all policies are known of `r`".to_owned()),
        "{:?}",
        reasons(&outcome)
    );
    // Keys are not judged by policies.
    let keys = Limits {
        max_key_age_days: Some(90),
        max_unused_days: Some(9_999),
        ..Limits::default()
    };
    assert_eq!(reasons(&gate(&world, keys)), Vec::<String>::new());
}

#[test]
fn a_file_of_policies_of_nobody_knows_whom_leaves_the_severity_open_and_not_the_age_of_keys() {
    let mut world = sound();
    world.gaps.push(Gap {
        account_id: None,
        source: "roles.json".to_owned(),
        reason: "is cut off".to_owned(),
        error_code: None,
        unknowable: vec![DataKind::Roles],
    });
    let outcome = on(&world, Severity::Critical);
    assert!(
        reasons(&outcome).iter().any(|reason| reason.ends_with(
            "`roles.json` may hold credentials and policies of an account that is not known: it is cut off"
        )),
        "{:?}",
        reasons(&outcome)
    );
    let keys = Limits {
        max_key_age_days: Some(90),
        ..Limits::default()
    };
    assert_eq!(gate(&world, keys).result, GateResult::Pass);
}

#[test]
fn a_time_before_the_data_is_never_passed() {
    let (_folder, inventory) = sound().inventory();
    let limits = Limits {
        max_key_age_days: Some(90),
        ..Limits::default()
    };
    let judged = |as_of: &str| {
        let as_of = as_of.parse().unwrap();
        let settings = Settings::default();
        judge_gate(
            &inventory,
            &settings,
            limits,
            &Baseline::default(),
            as_of,
            now(),
        )
        .unwrap()
    };
    assert_eq!(judged("2026-06-30T12:00:00Z").result, GateResult::Pass);
    let before = judged("2026-06-30T11:59:59Z");
    assert_eq!(before.result, GateResult::Incomplete);
    assert_eq!(
        reasons(&before),
        [
            "as-of: ages are counted to 2026-06-30T11:59:59Z, before the data were collected (2026-06-30T12:00:00Z): what is younger has no age yet; give a later `--as-of`, or none"
        ]
    );
}
