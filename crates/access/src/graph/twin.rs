//! The graph against a slow obvious one, which asks each principal about each other, on seeded small worlds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use leastgrant_policy::evaluate::{Outcome, Policies, Untold, decide};
use leastgrant_policy::{Action, Resource};

use super::requests::Extra;
use super::told::Told;
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
                let statement = match random.u8(..5) {
                    0 => deny(actions, &resource),
                    _ => allow(actions, &resource),
                };
                conditional(random, statement)
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
        if random.bool() {
            small.tag(
                &format!("user/u{number}"),
                "team",
                ["a", "b"][random.usize(..2)],
            );
        }
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
        // Who may pass a role is asked below without its trust policy.
        let trust = match random.bool() && !who.contains("lambda") {
            true => conditional(&mut random, trust(&who)),
            false => trust(&who),
        };
        small.role(&format!("r{number}"), &trust, &own);
        if random.bool() {
            small.tag(
                &format!("role/r{number}"),
                "team",
                ["a", "b"][random.usize(..2)],
            );
        }
    }
    if random.bool() {
        let control = statements(&mut random);
        let control: Vec<&str> = control.iter().map(String::as_str).chain([ALL]).collect();
        small.organization(&control);
    }
    small
}

/// Puts a condition into the statement, or the policy of one statement, that ends here; mostly none.
fn conditional(random: &mut fastrand::Rng, json: String) -> String {
    const CONDITIONS: [&str; 12] = [
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/r1*"}"#,
        r#""StringEquals":{"aws:PrincipalTag/team":"a"}"#,
        r#""StringNotEqualsIfExists":{"aws:PrincipalTag/team":"b"}"#,
        r#""StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}"#,
        r#""StringNotEquals":{"aws:PrincipalTag/team":"${aws:username}"}"#,
        r#""StringLike":{"aws:username":["u1","u2"]}"#,
        r#""StringEquals":{"aws:PrincipalType":"User"}"#,
        r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#,
        r#""StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:PrincipalTag/team":"b"}"#,
        r#""StringEquals":{"aws:PrincipalAccount":"111122223333","aws:PrincipalType":"AssumedRole"}"#,
        r#""Null":{"aws:PrincipalTag/team":"true"}"#,
    ];
    let Some(condition) = CONDITIONS.get(random.usize(..2 * CONDITIONS.len())) else {
        return json;
    };
    let end = match json.strip_suffix("}]}") {
        Some(statement) => (statement, "}]}"),
        None => (json.strip_suffix('}').unwrap(), "}"),
    };
    format!("{},\"Condition\":{{{condition}}}{}", end.0, end.1)
}

/// Asks one thing of one principal, with nothing shared and nothing skipped.
fn may(access: &Access, told: &Told, subject: &Subject, action: &str, resource: &str) -> bool {
    let (action, resource) = (Action::parse(action).unwrap(), Resource::parse(resource));
    let context = super::requests::context(
        told,
        access,
        &context(),
        subject,
        Extra::PassedTo("lambda.amazonaws.com"),
    );
    let mut request = access.request(subject, &action, &resource, &context);
    super::requests::tell_target(
        told,
        access,
        subject,
        &action,
        &resource,
        &mut request.context,
    );
    let assembled = access.policies_for(subject, &request, World::Known);
    decide(&request, &assembled.policies, Untold::Grant).outcome == Outcome::Allowed
}

/// Whether it may do so if the role's trust policy named it.
fn may_if_trusted(access: &Access, told: &Told, subject: &Subject, role: &str) -> bool {
    let (action, role) = (
        Action::parse("sts:AssumeRole").unwrap(),
        Resource::parse(role),
    );
    let context = super::requests::context(told, access, &context(), subject, Extra::Nothing);
    let mut request = access.request(subject, &action, &role, &context);
    super::requests::tell_target(told, access, subject, &action, &role, &mut request.context);
    let naming = leastgrant_policy::Policy::parse(&trust(&subject.arn)).unwrap();
    let assembled = access.policies_for(subject, &request, World::Known);
    let policies = Policies {
        resource: Some(&naming),
        ..assembled.policies.clone()
    };
    decide(&request, &policies, Untold::Grant).outcome == Outcome::Allowed
}

/// All edges of some sets, by asking each pair; `administrator` is one of the nodes.
fn edges(access: &Access, told: &Told, small: &Small) -> BTreeSet<(String, &'static str, String)> {
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
                if may(access, told, actor, "sts:AssumeRole", &target.arn) {
                    put("sts-001");
                }
                let change = "iam:UpdateAssumeRolePolicy";
                if may(access, told, actor, change, &target.arn)
                    && may_if_trusted(access, told, actor, &target.arn)
                {
                    put("iam-012");
                }
                let role = small
                    .data
                    .roles
                    .iter()
                    .find(|role| *role.arn == *target.arn);
                let trusts = role.unwrap().trust_policy.clone().unwrap();
                let passes = may(access, told, actor, "iam:PassRole", &target.arn)
                    && may(access, told, actor, "lambda:CreateFunction", anything)
                    && may(access, told, actor, "lambda:InvokeFunction", anything);
                if passes && trusts.contains("lambda.amazonaws.com") {
                    put("lambda-001");
                }
            }
            let keys = small.data.access_keys.iter();
            let keys = keys.filter(|key| *key.user_arn == *target.arn).count();
            if target.kind == SubjectKind::User
                && keys < 2
                && may(access, told, actor, "iam:CreateAccessKey", &target.arn)
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
    for seed in 0..96 {
        let small = world(seed);
        let (_folder, inventory) = small.inventory();
        let access = Access::load(&inventory).unwrap();
        let facts = GraphFacts::load(&inventory).unwrap();
        let graph = Graph::new(&access, &facts, &context());
        let told = Told::of(&access, &facts.managed, &facts.traits);
        let expected = edges(&access, &told, &small);
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
