//! The slow, obvious twin of the decision: trails as plain facts, and everything asked of whole lists.

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_inventory::DataKind;
use proptest::prelude::*;

use super::{ACCOUNT, ANN, BOB, World, days_between, time};
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
    /// Whether it logs, and the days of its last start and stop.
    status: Option<(bool, Option<i64>, Option<i64>)>,
}

#[derive(Debug, Clone)]
struct Call {
    principal: Option<bool>,
    action: usize,
    /// Whether it was made in the Region in which no trail is at home.
    is_elsewhere: bool,
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

    /// Whether it logged at a half day.
    fn logged_at(&self, half: i64) -> bool {
        match self.status {
            None => true,
            Some((true, started, stopped)) => [started, stopped]
                .iter()
                .flatten()
                .all(|day| 2 * day <= half),
            Some((false, started, Some(stopped))) => {
                half <= 2 * stopped && started.is_none_or(|day| 2 * day <= half && day < stopped)
            }
            Some((false, _, None)) => false,
        }
    }

    fn logs_kind(&self, is_read: Option<bool>) -> bool {
        let Some((reads, writes)) = self.management else {
            return false;
        };
        match is_read {
            Some(true) => reads,
            Some(false) => writes,
            None => reads && writes,
        }
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
                if let Some((is_logging, started, stopped)) = trail.status {
                    row.is_logging = Some(is_logging);
                    row.started_logging_at = started.map(time);
                    row.stopped_logging_at = stopped.map(time);
                }
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
            if call.is_elsewhere {
                row.region = "us-east-1".into();
            }
            if call.principal.is_none() {
                row.principal_type = "unknown".into();
            }
        }
        for (is_ann, action, day) in &self.accesses {
            world.accessed(name(*is_ann), ACTIONS[*action].1, *day);
        }
        for source in &mut world.data.usage_sources {
            source.last_event = Some(time(self.days - 1));
            source.active_dates = days_between(0, self.days);
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

    /// The half days of the window.
    fn halves(&self) -> std::ops::RangeInclusive<i64> {
        0..=2 * (self.days - 1)
    }

    fn is_active(&self, trail: &Trail) -> bool {
        self.halves().any(|half| trail.logged_at(half))
    }

    /// Whether a call may be in a trail's files.
    fn may_have(&self, trail: &Trail, call: &Call) -> bool {
        let (_, service, is_read, data) = ACTIONS[call.action];
        let is_near =
            trail.is_multi_region || !call.is_elsewhere || (service == "iam" && trail.has_global);
        let is_of_kind = match data {
            Some(_) => trail.functions.is_some(),
            None => trail.logs_kind(Some(is_read)) && !(service == "kms" && trail.without_kms),
        };
        self.is_active(trail) && is_near && is_of_kind
    }

    /// Whether some of the trails, which log all of one action, must have its calls in what was read: of the others none can
    /// have had everything that was read, and for long enough some of them logged.
    fn are_read(&self, whole: &[&Trail], lesser: &[&Trail], is_data: bool) -> bool {
        let calls = self.calls.iter().filter(|call| !call.is_unmapped);
        let mut calls = calls.filter(|call| ACTIONS[call.action].3.is_some() == is_data);
        let has_witness = calls.any(|call| {
            whole.iter().any(|trail| self.may_have(trail, call))
                && !lesser.iter().any(|trail| self.may_have(trail, call))
        });
        let logged = |half: &i64| whole.iter().any(|trail| trail.logged_at(*half));
        let Some(last) = self.halves().rev().find(logged) else {
            return false;
        };
        let first = (0..=last).rev().take_while(logged).last().unwrap();
        (has_witness || (lesser.is_empty() && !is_data)) && last / 2 - first / 2 + 1 >= 90
    }

    /// Whether every call of an action must be in the logs.
    fn shows(&self, action: usize) -> bool {
        let (_, service, is_read, data) = ACTIONS[action];
        let Some(trails) = self.trails.as_ref().filter(|trails| !trails.is_empty()) else {
            return data.is_none() && (service != "iam" || self.has_us_east_1);
        };
        if service == "iam" && !self.has_us_east_1 {
            return false;
        }
        // `Invoke` says by no name whether it reads, so both have to be logged. Without management events the kind is `All`.
        let logs_both = |trail: &Trail| trail.management.is_none_or(|kinds| kinds == (true, true));
        let is_whole = |trail: &Trail| {
            let is_logged = match data {
                Some(_) => trail.functions == Some(true) && logs_both(trail),
                None => {
                    (service != "iam" || trail.has_global)
                        && trail.logs_kind(Some(is_read))
                        && !(service == "kms" && trail.without_kms)
                }
            };
            trail.is_multi_region && self.is_active(trail) && is_logged
        };
        let is_lesser = |trail: &Trail| {
            let is_of_kind = match data {
                Some(_) => trail.functions.is_some(),
                None => trail.management.is_some(),
            };
            !is_whole(trail) && self.is_active(trail) && is_of_kind
        };
        let whole: Vec<&Trail> = trails.iter().filter(|trail| is_whole(trail)).collect();
        let lesser: Vec<&Trail> = trails.iter().filter(|trail| is_lesser(trail)).collect();
        self.are_read(&whole, &lesser, data.is_some())
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
        prop::option::of((
            prop::bool::weighted(0.7),
            prop::option::of(-10..110_i64),
            prop::option::of(-10..110_i64),
        )),
    )
        .prop_map(
            |(is_multi_region, has_global, management, without_kms, functions, bucket, status)| {
                Trail {
                    is_multi_region,
                    has_global,
                    management,
                    without_kms,
                    functions,
                    bucket,
                    status,
                }
            },
        )
}

fn facts() -> impl Strategy<Value = Facts> {
    let call = (
        prop_oneof![1 => Just(None), 6 => any::<bool>().prop_map(Some)],
        0..ACTIONS.len(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.15),
        0..3_u8,
    )
        .prop_map(
            |(principal, action, is_elsewhere, is_unmapped, outcome)| Call {
                principal,
                action,
                is_elsewhere,
                is_unmapped,
                outcome,
            },
        );
    (
        prop::option::of(prop::collection::vec(trail(), 0..4)),
        prop::collection::vec(call, 0..6),
        prop::collection::vec((any::<bool>(), 0..ACTIONS.len(), -20..130_i64), 0..3),
        prop_oneof![1 => Just(89_i64), 3 => Just(100), 3 => Just(190)],
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
    #![proptest_config(ProptestConfig::with_cases(400))]
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

/// The set that an action's verdict puts it into.
fn set_of(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Used(_) => 0,
        Verdict::Unused(_) => 1,
        Verdict::Unknown(_) => 2,
    }
}

proptest! {
    // Each case asks of every action of the catalogue whether the logs show it.
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn verdicts_on_many_actions_are_those_on_each(facts in facts()) {
        let evidence = facts.world().evidence();
        let mut granted = ActionSet::all();
        let missing = Catalog::get().action("iam:DeleteUser").unwrap().id();
        granted.remove(missing);
        for is_ann in [true, false] {
            let found = evidence.use_of(name(is_ann), &granted);
            let sets = [&found.used, &found.unused, &found.unknown];
            prop_assert!(sets.iter().all(|set| !set.contains(missing)));
            prop_assert_eq!(sets.iter().map(|set| set.len()).sum::<usize>(), granted.len());
            let own = ACTIONS.iter().map(|(action, ..)| Catalog::get().action(action).unwrap());
            for action in Catalog::get().actions().step_by(71).chain(own) {
                let text = format!("{}:{}", action.service().prefix(), action.lower_name());
                let verdict = evidence.verdict(name(is_ann), &text);
                let is_unused = matches!(verdict, Verdict::Unused(_));
                prop_assert_eq!(evidence.whole(name(is_ann)).unused.contains(action.id()), is_unused, "{}", text);
                if action.id() != missing {
                    prop_assert!(sets[set_of(&verdict)].contains(action.id()), "{}: {:?}", text, verdict);
                }
            }
        }
    }
}
