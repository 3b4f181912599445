//! The slow, obvious twin of the decision: trails as plain facts, and everything asked of whole lists.

use leastgrant_inventory::DataKind;
use proptest::prelude::*;

use super::{ACCOUNT, ANN, BOB, World, dates, time};
use crate::Verdict;

/// An action, the service of its events, whether it reads, and the type of its data events.
const ACTIONS: [(&str, &str, bool, Option<&str>); 6] = [
    ("iam:CreateUser", "iam", false, None),
    ("iam:ListUsers", "iam", true, None),
    ("ec2:StartInstances", "ec2", false, None),
    ("kms:ListKeys", "kms", true, None),
    ("lambda:CreateFunction", "lambda", false, None),
    (
        "lambda:InvokeFunction",
        "lambda",
        false,
        Some("AWS::Lambda::Function"),
    ),
];

#[derive(Debug, Clone)]
struct Trail {
    is_multi_region: bool,
    has_global: bool,
    /// Whether it logs reads, and writes.
    management: Option<(bool, bool)>,
    without_kms: bool,
    /// Whether all functions are selected, or one.
    functions: Option<bool>,
    bucket: u8,
}

#[derive(Debug, Clone)]
struct Call {
    principal: Option<bool>,
    action: usize,
    /// Whether it is one that no permission is known of.
    is_unmapped: bool,
    outcome: u8,
}

#[derive(Debug, Clone)]
struct Facts {
    trails: Option<Vec<Trail>>,
    calls: Vec<Call>,
    accesses: Vec<(bool, usize, i64)>,
    days: i64,
    has_gap: bool,
    has_us_east_1: bool,
}

fn name(is_ann: bool) -> &'static str {
    if is_ann { ANN } else { BOB }
}

impl Trail {
    fn selectors(&self) -> String {
        let kind = match self.management {
            Some((true, false)) => "ReadOnly",
            Some((false, true)) => "WriteOnly",
            _ => "All",
        };
        let functions = match self.functions {
            None => String::new(),
            Some(true) => r#"{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda"]}"#.to_owned(),
            Some(false) => r#"{"Type":"AWS::Lambda::Function","Values":["arn:aws:lambda:eu-west-1:111122223333:function:f"]}"#.to_owned(),
        };
        let without = if self.without_kms {
            r#""kms.amazonaws.com""#
        } else {
            ""
        };
        format!(
            r#"{{"EventSelectors":[{{"ReadWriteType":"{kind}","IncludeManagementEvents":{},"DataResources":[{functions}],"ExcludeManagementEventSources":[{without}]}}]}}"#,
            self.management.is_some()
        )
    }
}

impl Facts {
    fn world(&self) -> World {
        let mut world = World::without_trails();
        for trail in self.trails.iter().flatten() {
            world.trail(|row| {
                row.is_multi_region = Some(trail.is_multi_region);
                row.include_global_service_events = Some(trail.has_global);
                row.s3_bucket_name = Some(format!("bucket-{}", trail.bucket));
                row.event_selectors = Some(trail.selectors());
            });
        }
        for call in &self.calls {
            let (action, service, ..) = ACTIONS[call.action];
            let principal = call.principal.map_or("", name);
            let row = match call.is_unmapped {
                true => world.call(principal, service, "Conjure", None),
                false => world.call(principal, service, "AnyName", Some(action)),
            };
            row.outcome =
                ["allowed", "denied", "authentication_failed"][usize::from(call.outcome)].into();
            if call.principal.is_none() {
                row.principal_type = "unknown".into();
            }
        }
        for (is_ann, action, day) in &self.accesses {
            world.accessed(name(*is_ann), ACTIONS[*action].1, *day);
        }
        for source in &mut world.data.usage_sources {
            source.last_event = Some(time(self.days - 1));
            source.active_dates = dates(self.days);
        }
        if !self.has_us_east_1 {
            world
                .data
                .usage_sources
                .retain(|source| source.region != "us-east-1");
        }
        if self.has_gap {
            world.gap(Some(ACCOUNT), "logs/x.json", DataKind::CloudTrail);
        }
        world
    }

    /// Whether every call of an action must be in the logs.
    fn shows(&self, action: usize) -> bool {
        let (_, service, is_read, data) = ACTIONS[action];
        let Some(trails) = self.trails.as_ref().filter(|trails| !trails.is_empty()) else {
            return data.is_none() && (service != "iam" || self.has_us_east_1);
        };
        let kind = |management: Option<(bool, bool)>| {
            management.is_some_and(|(reads, writes)| if is_read { reads } else { writes })
        };
        if data.is_none() {
            return trails.iter().any(|trail| {
                trail.is_multi_region
                    && (service != "iam" || (trail.has_global && self.has_us_east_1))
                    && kind(trail.management)
                    && !(service == "kms" && trail.without_kms)
            });
        }
        // `Invoke` says by no name whether it reads, so both have to be logged. Without management events the kind is `All`.
        let logs_both = |trail: &Trail| trail.management.is_none_or(|kinds| kinds == (true, true));
        let is_logged = trails.iter().any(|trail| {
            trail.is_multi_region && trail.functions == Some(true) && logs_both(trail)
        });
        let is_read = self
            .calls
            .iter()
            .any(|call| call.action == action && !call.is_unmapped);
        is_logged && is_read
    }

    fn verdict(&self, is_ann: bool, action: usize) -> &'static str {
        let service = ACTIONS[action].1;
        let own = || {
            self.calls
                .iter()
                .filter(|call| call.principal == Some(is_ann))
        };
        if own().any(|call| call.action == action && !call.is_unmapped && call.outcome == 0) {
            return "used";
        }
        let by_nobody = self.calls.iter().any(|call| {
            call.principal.is_none()
                && call.action == action
                && !call.is_unmapped
                && call.outcome == 0
        });
        let is_riddle = own()
            .any(|call| ACTIONS[call.action].1 == service && call.is_unmapped && call.outcome == 0);
        let was_there = own().any(|call| ACTIONS[call.action].1 == service);
        let is_contradicted = !was_there
            && self
                .accesses
                .iter()
                .any(|(ann, other, _)| *ann == is_ann && ACTIONS[*other].1 == service)
            && self
                .accesses
                .iter()
                .filter(|(ann, other, _)| *ann == is_ann && ACTIONS[*other].1 == service)
                .map(|(.., day)| *day)
                .max()
                .is_some_and(|day| (0..self.days).contains(&day));
        let is_known = self.days >= 90 && !self.has_gap && self.shows(action);
        if !is_known || by_nobody || is_riddle || is_contradicted {
            "unknown"
        } else {
            "unused"
        }
    }
}

fn trail() -> impl Strategy<Value = Trail> {
    let some = prop_oneof![
        4 => Just(Some((true, true))),
        1 => Just(Some((true, false))),
        1 => Just(Some((false, true))),
        1 => Just(None),
    ];
    (
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.8),
        some,
        prop::bool::weighted(0.2),
        any::<Option<bool>>(),
        0..2_u8,
    )
        .prop_map(
            |(is_multi_region, has_global, management, without_kms, functions, bucket)| Trail {
                is_multi_region,
                has_global,
                management,
                without_kms,
                functions,
                bucket,
            },
        )
}

fn facts() -> impl Strategy<Value = Facts> {
    let call = (
        prop_oneof![1 => Just(None), 6 => any::<bool>().prop_map(Some)],
        0..ACTIONS.len(),
        prop::bool::weighted(0.15),
        0..3_u8,
    )
        .prop_map(|(principal, action, is_unmapped, outcome)| Call {
            principal,
            action,
            is_unmapped,
            outcome,
        });
    (
        prop::option::of(prop::collection::vec(trail(), 0..3)),
        prop::collection::vec(call, 0..6),
        prop::collection::vec((any::<bool>(), 0..ACTIONS.len(), -20..130_i64), 0..3),
        prop_oneof![1 => Just(89_i64), 5 => Just(100)],
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.8),
    )
        .prop_map(
            |(trails, calls, accesses, days, has_gap, has_us_east_1)| Facts {
                trails,
                calls,
                accesses,
                days,
                has_gap,
                has_us_east_1,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_decision_is_that_of_the_twin(facts in facts()) {
        let evidence = facts.world().evidence();
        for is_ann in [true, false] {
            for (place, (action, ..)) in ACTIONS.iter().enumerate() {
                let verdict = evidence.verdict(name(is_ann), action);
                let found = match verdict {
                    Verdict::Used(_) => "used",
                    Verdict::Unused(_) => "unused",
                    Verdict::Unknown(_) => "unknown",
                };
                prop_assert_eq!(found, facts.verdict(is_ann, place), "{} {}: {:?}", is_ann, action, verdict);
            }
        }
    }
}
