//! What all principals can do anywhere, against its obvious twin: the evaluation of one request after the other.

use leastgrant_access::{Access, Answer};
use leastgrant_catalog::{ActionInfo, Catalog};
use leastgrant_policy::Action;
use leastgrant_policy::evaluate::{Outcome, Untold, decide};
use proptest::prelude::*;

use super::{AllReach, PrincipalReach, Universe};
use crate::testing::{ACCOUNT, World, arn, statement};

/// Services that the policies here are about, and one that they are not.
const ASKED: [&str; 14] = [
    "ec2:RunInstances",
    "ec2:StartInstances",
    "ec2:DescribeInstances",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:ListUsers",
    "iam:PassRole",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:PutObject",
    "sqs:SendMessage",
    "dynamodb:Query",
];

const ACTIONS: [&str; 12] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:*Object",
    "iam:*",
    "iam:PassRole",
    "iam:Create*",
    "ec2:*",
    "ec2:RunInstances",
    "sqs:SendMessage",
    "!iam:*",
    "!s3:Delete* ec2:*",
];

const RESOURCES: [&str; 16] = [
    "*",
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::*/*",
    "arn:aws:s3:::data",
    "arn:aws:s3:::data/*",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:ec2:*:*:*",
    "arn:aws:ec2:eu-west-1:111122223333:instance/*",
    "arn:aws:ec2:*:*:instance/* arn:aws:ec2:*:*:volume/*",
    "arn:aws:sqs",
    "!arn:aws:s3:::data arn:aws:s3:::data/*",
    "!arn:aws:iam::*:role/admin",
];

/// Conditions that are told, and those of circumstances.
const CONDITIONS: [&str; 6] = [
    "",
    "",
    "",
    OF_ALLOW,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}"#,
    r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#,
];

/// The circumstances of an Allow, and what a Deny has in their place.
const OF_ALLOW: &str = r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
const OF_DENY: &str = r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#;

fn statements(most: usize) -> impl Strategy<Value = Vec<String>> {
    let one = (
        prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]),
        prop::sample::select(&ACTIONS[..]),
        prop::sample::select(&RESOURCES[..]),
        prop::sample::select(&CONDITIONS[..]),
    );
    let one = one.prop_map(|(effect, actions, resources, condition)| {
        // Reach judges each condition by itself, and the evaluation drops what an Allow and a Deny of the same circumstances leave
        // nothing of. `granted` asks it, and `tests::principals` has such cases; here, those of a Deny are others.
        let condition = match effect {
            "Deny" => condition.replace(OF_ALLOW, OF_DENY),
            _ => condition.to_owned(),
        };
        statement(effect, actions, resources, &condition)
    });
    prop::collection::vec(one, 1..=most)
}

fn limits() -> impl Strategy<Value = Option<Vec<String>>> {
    prop_oneof![Just(None), statements(3).prop_map(Some)]
}

/// Whether the evaluation allows an action on each resource that stands for what it always needs, or on one if it needs none.
fn by_evaluation(
    access: &Access,
    reach: &AllReach,
    principal: PrincipalReach<'_>,
    action: ActionInfo,
    untold: Untold,
) -> bool {
    let subject = principal.subject;
    let asked = Action::parse(&action.to_string()).unwrap();
    let mut context = reach.context_of(access, subject);
    // A variable stands for one thing that is not told, and not for what is asked about.
    context.insert_if_missing("aws:username", "somebody");
    let is_allowed = |resource: &leastgrant_policy::Resource| {
        let request = access.request(subject, &asked, resource, &context);
        let policies = access.policies_for(subject, &request, leastgrant_access::World::Known);
        decide(&request, &policies.policies, untold).outcome == Outcome::Allowed
    };
    let resources = Universe::get().resources_of(action, "aws", ACCOUNT);
    let needs_one = action.details().resources.iter().any(|own| own.is_required);
    match needs_one || action.details().resources.is_empty() {
        true => resources.iter().all(is_allowed),
        false => resources.iter().any(is_allowed),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn reach_is_what_evaluation_gives_for_each_action(
        own in statements(4),
        of_group in statements(2),
        boundary in limits(),
        organization in limits(),
    ) {
        let mut world = World::new();
        for principal in ["user/u", "role/r"] {
            world.inline(principal, &own);
        }
        world.group("g", &["user/u"]);
        world.inline("group/g", &of_group);
        if let Some(boundary) = &boundary {
            world.managed(&arn("policy/b"), boundary);
            world.boundary("user/u", &arn("policy/b"));
            world.boundary("role/r", &arn("policy/b"));
        }
        if let Some(organization) = &organization {
            world.service_control(organization);
        }
        let (_folder, inventory) = world.inventory();
        let access = Access::load(&inventory).unwrap();
        let reach = AllReach::of(&access, "2026-06-30T12:00:00Z".parse().unwrap());
        for principal in reach.of_account(&access, ACCOUNT) {
            for name in ASKED {
                let action = Catalog::get().action(name).unwrap();
                let slow = |untold| by_evaluation(&access, &reach, principal, action, untold);
                let own = principal.reach;
                prop_assert_eq!(own.anywhere.contains(action.id()), slow(Untold::Grant), "{} of {}", name, principal.subject.arn);
                let is_always = own.anywhere.contains(action.id()) && !own.sometimes.contains(action.id());
                prop_assert_eq!(is_always, slow(Untold::Refuse), "{} always, of {}", name, principal.subject.arn);
            }
        }
    }
}

#[test]
fn a_boundary_that_is_not_known_may_close_everything() {
    let mut world = World::new();
    world.inline("user/u", &[statement("Allow", "s3:*", "*", "")]);
    world.boundary("user/u", &arn("policy/not-collected"));
    let (_folder, inventory) = world.inventory();
    let access = Access::load(&inventory).unwrap();
    let reach = AllReach::of(&access, "2026-06-30T12:00:00Z".parse().unwrap());
    let principals: Vec<PrincipalReach<'_>> = reach.of_account(&access, ACCOUNT).collect();
    assert!(principals[0].reach.may_be_closed);
    let put = Catalog::get().action("s3:PutObject").unwrap();
    assert!(principals[0].reach.anywhere.contains(put.id()));
    let verdict = access.decide(
        principals[0].subject,
        &Action::parse("s3:PutObject").unwrap(),
        &leastgrant_policy::Resource::parse("arn:aws:s3:::x/y"),
        &reach.context_of(&access, principals[0].subject),
    );
    assert_eq!(verdict.answer, Answer::Unknown);
}
