//! The slow, obvious twin of the decision: trails as plain facts, and everything asked of whole lists.

use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_inventory::DataKind;
use proptest::prelude::*;

use super::{ACCOUNT, ANN, BOB, World, days_between, set_days, time};
use crate::Verdict;

/// An action, the service of its events, whether it reads, and the type of its data events. Events are called like it, or `Invoke`.
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
    /// Whether it was made every day, and not on two days.
    is_daily: bool,
}

#[derive(Debug, Clone)]
struct Access {
    is_ann: bool,
    action: usize,
    day: i64,
    region: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Facts {
    trails: Option<Vec<Trail>>,
    calls: Vec<Call>,
    accesses: Vec<Access>,
    days: i64,
    has_gap: bool,
    /// The first and last day of events of us-east-1.
    us_east_1: Option<(i64, i64)>,
    /// The day on which Ann was made.
    made: Option<i64>,
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
            let event = match action.split_once(':').unwrap().1 {
                "InvokeFunction" => "Invoke",
                event => event,
            };
            let row = match call.is_unmapped {
                true => world.call(principal, service, "Conjure", None),
                false => world.call(principal, service, event, Some(action)),
            };
            row.outcome =
                ["allowed", "denied", "authentication_failed"][usize::from(call.outcome)].into();
            if call.is_elsewhere {
                row.region = "us-east-1".into();
            }
            if call.is_daily {
                row.last_seen = Some(time(self.days - 1));
                row.active_dates = days_between(0, self.days);
            }
            if call.principal.is_none() {
                row.principal_type = "unknown".into();
            }
        }
        for access in &self.accesses {
            world.accessed(name(access.is_ann), ACTIONS[access.action].1, access.day);
            let row = world.data.last_accessed_services.last_mut().unwrap();
            row.last_authenticated_region = access.region.map(Into::into);
        }
        world.user(ANN, self.made);
        world.user(BOB, None);
        world.days(0, self.days - 1);
        let (first, last) = self.us_east_1.unwrap_or((0, 0));
        set_days(&mut world.data.usage_sources[1], first, last);
        if self.us_east_1.is_none() {
            world.data.usage_sources.truncate(1);
        }
        if self.has_gap {
            world.gap(Some(ACCOUNT), "logs/x.json", DataKind::CloudTrail);
        }
        world
    }

    /// The half days of the window: an even number is a noon.
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

    /// Whether an event was read on a day that is in none but these trails' files. Every day has some management event.
    fn is_read(&self, whole: &[&Trail], day: i64, only_management: bool) -> bool {
        let all = || self.trails.iter().flatten();
        let is_whole = |trail: &Trail| whole.iter().any(|one| std::ptr::eq(*one, trail));
        let mut logging = all().filter(|trail| self.is_active(trail) && trail.management.is_some());
        let any_management = logging.clone().next().is_some() && logging.all(is_whole);
        any_management
            || self.calls.iter().any(|call| {
                let is_data = ACTIONS[call.action].3.is_some();
                let mut may_have = all().filter(|trail| self.may_have(trail, call));
                !call.is_unmapped
                    && (call.is_daily || day == 5 || day == 9)
                    && !(only_management && is_data)
                    && may_have.clone().next().is_some()
                    && may_have.all(is_whole)
            })
    }

    /// The first and last half day in which every call of an action must be in the logs.
    fn shown(&self, action: usize) -> Option<(i64, i64)> {
        let (_, service, is_read, data) = ACTIONS[action];
        let both = |one: (i64, i64), other: (i64, i64)| (one.0.max(other.0), one.1.min(other.1));
        let whole_days =
            |first: i64, last: i64| both((2 * first - 1, 2 * last), (0, 2 * (self.days - 1)));
        let of_us_east_1 = |(from, to): (i64, i64)| {
            let (first, last) = self.us_east_1?;
            let (first, last) = (first.max((from + 1) / 2), last.min((to + 1) / 2));
            (first <= last).then(|| both(whole_days(first, last), (from, to)))
        };
        let Some(trails) = self.trails.as_ref().filter(|trails| !trails.is_empty()) else {
            let all = (0, 2 * (self.days - 1));
            return match (data, service) {
                (Some(_), _) => None,
                (None, "iam") => of_us_east_1(all),
                // What was read of another Region in part is missing in part.
                (None, _) => Some(of_us_east_1(all).unwrap_or(all)),
            };
        };
        // `Invoke` says by no name whether it reads, so both have to be logged. Without management events the kind is `All`.
        let logs_both = |trail: &Trail| trail.management.is_none_or(|kinds| kinds == (true, true));
        let is_whole = |trail: &&Trail| {
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
        let whole: Vec<&Trail> = trails.iter().filter(is_whole).collect();
        let is_day = |day: &i64| self.is_read(&whole, *day, data.is_none());
        let last = (0..self.days).rev().find(is_day)?;
        let first = (0..=last).rev().take_while(is_day).last()?;
        let mut read = whole_days(first, last);
        if service == "iam" {
            read = of_us_east_1(read)?;
        }
        let has_data = self.calls.iter().any(|call| {
            ACTIONS[call.action].3.is_some()
                && !call.is_unmapped
                && (call.is_daily || [5, 9].iter().any(|day| (first..=last).contains(day)))
                && trails.iter().any(|trail| self.may_have(trail, call))
                && trails
                    .iter()
                    .all(|trail| !self.may_have(trail, call) || is_whole(&trail))
        });
        if data.is_some() && !has_data {
            return None;
        }
        let logged = |half: &i64| whole.iter().any(|trail| trail.logged_at(*half));
        let last = self.halves().rev().find(logged)?;
        let first = (0..=last).rev().take_while(logged).last()?;
        // The inventory is of the hundredth day.
        Some(both(read, (first, last))).filter(|(_, last)| 100 - (last + 1) / 2 <= 7)
    }

    /// Whether last-accessed data tell of a later time or another Region than the logs.
    fn is_contradicted(&self, is_ann: bool, service: &str) -> bool {
        let own = self.accesses.iter();
        let own = own.filter(|one| one.is_ann == is_ann && ACTIONS[one.action].1 == service);
        let Some((day, region)) = own.map(|one| (one.day, one.region)).max() else {
            return false;
        };
        let calls = self
            .calls
            .iter()
            .filter(|call| call.principal == Some(is_ann) && ACTIONS[call.action].1 == service);
        let seen = calls
            .map(|call| if call.is_daily { self.days - 1 } else { 9 })
            .max();
        let is_later = seen.is_none_or(|seen| day > seen + 1 || (day >= self.days && day > seen));
        let is_read = match region {
            None | Some("eu-west-1") => true,
            Some("us-east-1") => self.us_east_1.is_some(),
            Some(_) => false,
        };
        day >= 0 && (is_later || !is_read)
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
        let riddles = self.calls.iter().filter(|call| {
            ACTIONS[call.action].1 == service && call.is_unmapped && call.outcome == 0
        });
        let is_riddle = riddles
            .clone()
            .any(|call| call.principal.is_none_or(|ann| ann == is_ann));
        let made = self.made.filter(|_| is_ann).unwrap_or(-1000);
        let is_known = !self.has_gap
            && self.shown(action).is_some_and(|(from, to)| {
                (to + 1) / 2 - (from + 1).div_euclid(2).max(made) + 1 >= 90
            });
        if !is_known || by_nobody || is_riddle || self.is_contradicted(is_ann, service) {
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
        any::<bool>(),
    )
        .prop_map(
            |(principal, action, is_elsewhere, is_unmapped, outcome, is_daily)| Call {
                principal,
                action,
                is_elsewhere,
                is_unmapped,
                outcome,
                is_daily,
            },
        );
    let region = prop::option::of(prop::sample::select(vec![
        "eu-west-1",
        "us-east-1",
        "ap-south-1",
    ]));
    let access = (any::<bool>(), 0..ACTIONS.len(), -20..130_i64, region).prop_map(
        |(is_ann, action, day, region)| Access {
            is_ann,
            action,
            day,
            region,
        },
    );
    (
        prop::option::of(prop::collection::vec(trail(), 0..4)),
        prop::collection::vec(call, 0..6),
        prop::collection::vec(access, 0..3),
        prop_oneof![1 => Just(89_i64), 3 => Just(100), 3 => Just(190)],
        prop::bool::weighted(0.1),
        prop_oneof![1 => Just(None), 4 => Just(Some((0, 99))), 2 => (0..40_i64, 50..99_i64).prop_map(Some)],
        prop::option::weighted(0.3, -20..60_i64),
    )
        .prop_map(
            |(trails, calls, accesses, days, has_gap, us_east_1, made)| Facts {
                trails,
                calls,
                accesses,
                days,
                has_gap,
                us_east_1: us_east_1.map(|(first, last)| (first, last.min(days - 1))),
                made,
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
