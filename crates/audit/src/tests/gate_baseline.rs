//! What a gate lets pass for its baseline.

use crate::made_up::now;
use crate::testing::{World, allow};
use crate::{Baseline, GateResult, Limits, Settings, Severity, judge_gate};

#[test]
fn a_known_finding_fails_the_gate_once_it_is_worse() {
    let mut world = World::new();
    world.inline("user/u", &[allow("iam:CreateAccessKey", "*")]);
    let finding = world.audit("", &["credential-exposure"]).findings.remove(0);
    assert_eq!(finding.severity, Severity::High);
    let (_folder, inventory) = world.inventory();
    let gate = |schema: &str, was: &str, now_known: &str| {
        let text = format!(
            r#"{{"schema":"leastgrant.{schema}/1","findings":[{{"id":"{id}","severity":"{was}"}}],"baselined":[{now_known}]}}"#,
            id = finding.id,
        );
        let limits = Limits {
            fail_on: Some(Severity::High),
            ..Limits::default()
        };
        let baseline = Baseline::from_json(&text).unwrap();
        let settings = Settings::default();
        let mut outcome =
            judge_gate(&inventory, &settings, limits, &baseline, now(), now()).unwrap();
        outcome.findings.retain(|own| own.id == finding.id);
        outcome
    };
    let same = gate("findings", "high", "");
    assert_eq!((same.findings.len(), same.baselined.len()), (0, 1));
    assert_eq!(same.baselined[0].detail, finding.detail);
    let worse = gate("findings", "low", "");
    assert_eq!(worse.result, GateResult::Fail);
    assert_eq!((worse.findings.len(), worse.baselined.len()), (1, 0));
    assert!(
        worse.findings[0]
            .detail
            .ends_with("; was low in the baseline, is high")
    );
    // Of two entries of a gate's output the worse counts.
    let known = format!(r#"{{"id":"{}","severity":"high"}}"#, finding.id);
    assert_eq!(gate("gate", "low", &known).baselined.len(), 1);
}

#[test]
fn a_baseline_without_severities_is_refused() {
    for known in [r#"{"id":"a"}"#, r#"{"id":"a","severity":"grave"}"#] {
        let text = format!(r#"{{"schema":"leastgrant.findings/1","findings":[{known}]}}"#);
        assert!(Baseline::from_json(&text).is_err(), "{known}");
    }
}
