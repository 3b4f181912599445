//! The graph against a slow obvious one, which asks each principal about each other, on seeded small worlds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use leastgrant_policy::evaluate::{Outcome, Policies, Untold, decide};
use leastgrant_policy::{Action, Resource};

use super::{Confidence, Gain, Graph, GraphFacts};
use crate::testing::{ALL, Small, allow, arn, context, deny, trust};
use crate::{Access, Subject, SubjectKind, World};

/// A small account of users and roles whose policies overlap.
fn world(seed: u64) -> Small {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut small = Small::new();
    let actions = [
        "sts:AssumeRole",
        "iam:CreateAccessKey",
        "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
        "iam:PassRole",
        "lambda:*",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutUserPolicy",
        "iam:Put*",
        "s3:*",
        "*",
    ];
    let resources = [
        "*",
        "role/*",
        "role/r1*",
        "user/u0",
        "user/*",
        "user/${aws:username}",
        "role/r2",
    ];
    let statements = |random: &mut fastrand::Rng| -> Vec<String> {
        (0..random.usize(0..3))
            .map(|_| {
                let resource = match resources[random.usize(..resources.len())] {
                    "*" => "*".to_owned(),
                    part => arn(part),
                };
                let actions = actions[random.usize(..actions.len())];
                match random.u8(..5) {
                    0 => deny(actions, &resource),
                    _ => allow(actions, &resource),
                }
            })
            .collect()
    };
    let boundary = statements(&mut random);
    let boundary: Vec<&str> = boundary.iter().map(String::as_str).chain([ALL]).collect();
    small.managed("limit", &boundary[..1]);
    for number in 0..5 {
        let own = statements(&mut random);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        small.user(&format!("u{number}"), &own);
        small.keys(random.usize(0..3));
        if random.u8(..4) == 0 {
            small.user_boundary("limit");
        }
        let own = statements(&mut random);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let who = match random.u8(..5) {
            0 => "*".to_owned(),
            1 => arn("root"),
            2 => arn(&format!("user/u{}", random.u8(..5))),
            3 => arn(&format!("role/r{}", random.u8(..5))),
            _ => "lambda.amazonaws.com".to_owned(),
        };
        small.role(&format!("r{number}"), &trust(&who), &own);
    }
    if random.bool() {
        let control = statements(&mut random);
        let control: Vec<&str> = control.iter().map(String::as_str).chain([ALL]).collect();
        small.organization(&control);
    }
    small
}

/// Asks one thing of one principal, with nothing shared and nothing skipped.
fn may(access: &Access, subject: &Subject, action: &str, resource: &str) -> bool {
    let action = Action::parse(action).unwrap();
    let context = super::requests::context(
        &Default::default(),
        access,
        &context(),
        subject,
        super::requests::Extra::PassedTo("lambda.amazonaws.com"),
    );
    let request = access.request(subject, &action, &Resource::parse(resource), &context);
    let assembled = access.policies_for(subject, &request, World::Known);
    decide(&request, &assembled.policies, Untold::Grant).outcome == Outcome::Allowed
}

/// Whether it may do so if the role's trust policy named it.
fn may_if_trusted(access: &Access, subject: &Subject, role: &str) -> bool {
    let action = Action::parse("sts:AssumeRole").unwrap();
    let context = super::requests::context(
        &Default::default(),
        access,
        &context(),
        subject,
        super::requests::Extra::Nothing,
    );
    let request = access.request(subject, &action, &Resource::parse(role), &context);
    let naming = leastgrant_policy::Policy::parse(&trust(&subject.arn)).unwrap();
    let assembled = access.policies_for(subject, &request, World::Known);
    let policies = Policies {
        resource: Some(&naming),
        ..assembled.policies.clone()
    };
    decide(&request, &policies, Untold::Grant).outcome == Outcome::Allowed
}

/// All edges of some sets, by asking each pair; `administrator` is one of the nodes.
fn edges(access: &Access, small: &Small) -> BTreeSet<(String, &'static str, String)> {
    let mut edges = BTreeSet::new();
    let anything = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    for (_, actor) in access.principals() {
        if !matches!(actor.kind, SubjectKind::User | SubjectKind::Role) {
            continue;
        }
        for (_, target) in access.principals() {
            let mut put = |set| edges.insert((actor.arn.to_string(), set, target.arn.to_string()));
            if actor.arn == target.arn {
                continue;
            }
            if target.kind == SubjectKind::Role {
                if may(access, actor, "sts:AssumeRole", &target.arn) {
                    put("sts-001");
                }
                let change = "iam:UpdateAssumeRolePolicy";
                if may(access, actor, change, &target.arn)
                    && may_if_trusted(access, actor, &target.arn)
                {
                    put("iam-012");
                }
                let role = small
                    .data
                    .roles
                    .iter()
                    .find(|role| *role.arn == *target.arn);
                let trusts = role.unwrap().trust_policy.clone().unwrap();
                let passes = may(access, actor, "iam:PassRole", &target.arn)
                    && may(access, actor, "lambda:CreateFunction", anything)
                    && may(access, actor, "lambda:InvokeFunction", anything);
                if passes && trusts.contains("lambda.amazonaws.com") {
                    put("lambda-001");
                }
            }
            let keys = small.data.access_keys.iter();
            let keys = keys.filter(|key| *key.user_arn == *target.arn).count();
            if target.kind == SubjectKind::User
                && keys < 2
                && may(access, actor, "iam:CreateAccessKey", &target.arn)
            {
                put("iam-002");
            }
        }
    }
    edges
}

#[test]
fn edges_and_distances_are_those_of_asking_each_pair() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reached = 0;
    for seed in 0..24 {
        let small = world(seed);
        let (_folder, inventory) = small.inventory();
        let access = Access::load(&inventory).unwrap();
        let facts = GraphFacts::load(&inventory).unwrap();
        let graph = Graph::new(&access, &facts, &context());
        let expected = edges(&access, &small);
        let mut found = BTreeSet::new();
        let mut all = BTreeSet::new();
        for node in graph.nodes() {
            let from = graph.arn(&access, node).to_owned();
            for way in graph.ways(node) {
                let sure = way.confidence == Confidence::High;
                for to in graph.targets(node, way) {
                    let edge = (
                        from.clone(),
                        way.set.name,
                        graph.arn(&access, to).to_owned(),
                    );
                    if sure && way.gain == Gain::Becomes {
                        all.insert((edge.0.clone(), edge.2.clone()));
                    }
                    if ["sts-001", "iam-012", "lambda-001", "iam-002"].contains(&way.set.name) {
                        *counts.entry(way.set.name).or_default() += 1;
                        found.insert(edge);
                    }
                }
                if sure && way.gain == Gain::Administrator {
                    all.insert((from.clone(), "administrator".to_owned()));
                }
            }
            if graph.is_administrator(node) {
                all.insert((from.clone(), "administrator".to_owned()));
            }
        }
        // `*` in a world without a public role lies on nothing: only the pairs matter.
        assert_eq!(found, expected, "seed {seed}");
        for node in graph.nodes() {
            let from = graph.arn(&access, node);
            let path = graph.path_to_administrator(node);
            let path = path.filter(|path| path.confidence() == Confidence::High);
            let is_administrator = graph.is_administrator(node);
            // An administrator is there; others need one more hop to be called so only where they raise themselves.
            let slow = distance(&all, from);
            let ends_at_terminal = path
                .as_ref()
                .and_then(|path| path.hops.last())
                .is_none_or(|hop| hop.to.is_none());
            let fast = path.map(|path| path.hops.len() + usize::from(!ends_at_terminal));
            let fast = match is_administrator {
                true => Some(1),
                false => fast,
            };
            assert!(
                fast.is_some() == slow.is_some(),
                "seed {seed}: {from} {fast:?} {slow:?}"
            );
            // The terminal counts as a hop here, but not after a principal that is one.
            if let (Some(fast), Some(slow)) = (fast, slow) {
                assert!(
                    fast.abs_diff(slow) <= 1,
                    "seed {seed}: {from} {fast} {slow}"
                );
                reached += usize::from(!is_administrator);
            }
        }
    }
    assert!(
        counts.values().all(|count| *count > 3) && counts.len() == 4,
        "{counts:?}"
    );
    assert!(reached > 10, "{reached}");
}

fn distance(edges: &BTreeSet<(String, String)>, from: &str) -> Option<usize> {
    let mut left = VecDeque::from([(from.to_owned(), 0)]);
    let mut seen = BTreeSet::from([from.to_owned()]);
    while let Some((node, hops)) = left.pop_front() {
        if node == "administrator" {
            return Some(hops);
        }
        for (_, to) in edges.iter().filter(|(own, _)| *own == node) {
            if seen.insert(to.clone()) {
                left.push_back((to.clone(), hops + 1));
            }
        }
    }
    None
}
