//! The facts of the evaluation logic, each with the smallest policies that show it.

mod resource_policies;

use super::*;
use crate::condition::{Context, ContextValue};
use crate::{Action, Principal, Resource};

const USER: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/i-1";
const OBJECT: &str = "arn:aws:s3:::data/k";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";

/// What bears on one request, as texts.
#[derive(Default)]
struct World {
    identity: Vec<String>,
    boundary: Vec<String>,
    session: Vec<String>,
    resource: Option<String>,
    service_control: Vec<Vec<String>>,
    resource_control: Vec<Vec<String>>,
    vpc_endpoint: Vec<String>,
    context: Vec<(&'static str, &'static str)>,
    resource_account: Option<&'static str>,
}

impl World {
    fn ask(&self, principal: &str, action: &str, resource: &str) -> String {
        let parse =
            |text: &String| Policy::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let all = |texts: &[String]| texts.iter().map(parse).collect::<Vec<_>>();
        let levels =
            |texts: &[Vec<String>]| texts.iter().map(|level| all(level)).collect::<Vec<_>>();
        let (identity, boundary, session) =
            (all(&self.identity), all(&self.boundary), all(&self.session));
        let resource_policy = self.resource.as_ref().map(parse);
        let (scp, rcp) = (
            levels(&self.service_control),
            levels(&self.resource_control),
        );
        let endpoint = all(&self.vpc_endpoint);
        let policies = Policies {
            identity: identity.iter().collect(),
            boundary: boundary.iter().collect(),
            session: session.iter().collect(),
            resource: resource_policy.as_ref(),
            service_control: scp.iter().map(|level| level.iter().collect()).collect(),
            resource_control: rcp.iter().map(|level| level.iter().collect()).collect(),
            vpc_endpoint: endpoint.iter().collect(),
        };
        let context: Context = self
            .context
            .iter()
            .map(|(key, value)| (*key, ContextValue::One((*value).to_owned())))
            .collect();
        let request = Request::new(
            Principal::parse(principal).unwrap(),
            Action::parse(action).unwrap(),
            Resource::parse(resource),
            self.resource_account,
            context,
        );
        let decision = decide(&request, &policies, Untold::MatchNothing);
        format!(
            "{} by {}",
            decision.outcome.name(),
            decision.decided_by.name()
        )
    }
}

fn allow(action: &str, resource: &str) -> String {
    statement("Allow", action, resource)
}

fn statement(effect: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

fn grant(principal: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"*"}}}}"#
    )
}

fn aws(principal: &str) -> String {
    format!(r#"{{"AWS":"{principal}"}}"#)
}

#[test]
fn nothing_grants_by_itself() {
    assert_eq!(
        World::default().ask(USER, "s3:GetObject", OBJECT),
        "implicitly_denied by identity"
    );
}

#[test]
fn a_deny_in_any_member_wins() {
    let base = || World {
        identity: vec![allow("*", "*")],
        ..World::default()
    };
    let deny = || statement("Deny", "s3:Get*", "*");
    let worlds = [
        (
            World {
                identity: vec![allow("*", "*"), deny()],
                ..base()
            },
            "identity",
        ),
        (
            World {
                boundary: vec![allow("*", "*"), deny()],
                ..base()
            },
            "boundary",
        ),
        (
            World {
                session: vec![allow("*", "*"), deny()],
                ..base()
            },
            "session",
        ),
        (
            World {
                service_control: vec![vec![allow("*", "*")], vec![allow("*", "*"), deny()]],
                ..base()
            },
            "service_control",
        ),
        (
            World {
                vpc_endpoint: vec![allow("*", "*"), deny()],
                ..base()
            },
            "vpc_endpoint",
        ),
    ];
    for (world, by) in worlds {
        assert_eq!(
            world.ask(USER, "s3:GetObject", OBJECT),
            format!("explicitly_denied by {by}")
        );
        assert_eq!(
            world.ask(USER, "s3:PutObject", OBJECT),
            "allowed by identity"
        );
    }
}

#[test]
fn limits_must_allow_at_every_level() {
    let get = || allow("s3:Get*", "*");
    let all = || allow("*", "*");
    let base = || World {
        identity: vec![all()],
        ..World::default()
    };
    let worlds = [
        (
            World {
                boundary: vec![get()],
                ..base()
            },
            "boundary",
        ),
        (
            World {
                session: vec![get()],
                ..base()
            },
            "session",
        ),
        (
            World {
                service_control: vec![vec![all()], vec![get()], vec![all()]],
                ..base()
            },
            "service_control",
        ),
        (
            World {
                resource_control: vec![vec![all()], vec![get()]],
                ..base()
            },
            "resource_control",
        ),
        (
            World {
                vpc_endpoint: vec![get()],
                ..base()
            },
            "vpc_endpoint",
        ),
    ];
    for (world, by) in worlds {
        assert_eq!(
            world.ask(SESSION, "s3:PutObject", OBJECT),
            format!("implicitly_denied by {by}")
        );
        assert_eq!(
            world.ask(SESSION, "s3:GetObject", OBJECT),
            "allowed by identity"
        );
    }
}

#[test]
fn limits_never_grant() {
    let all = || vec![allow("*", "*")];
    let world = World {
        boundary: all(),
        session: all(),
        service_control: vec![all()],
        vpc_endpoint: all(),
        ..World::default()
    };
    assert_eq!(
        world.ask(USER, "s3:GetObject", OBJECT),
        "implicitly_denied by identity"
    );
}

#[test]
fn service_linked_roles_and_services_are_not_bound_by_service_control_policies() {
    let world = World {
        identity: vec![allow("*", "*")],
        service_control: vec![vec![statement("Deny", "*", "*")]],
        resource: Some(grant(r#"{"Service":"ec2.amazonaws.com"}"#, "s3:*")),
        ..World::default()
    };
    assert_eq!(
        world.ask(
            "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForEC2/x",
            "s3:GetObject",
            OBJECT
        ),
        "allowed by identity"
    );
    assert_eq!(
        world.ask("ec2.amazonaws.com", "s3:GetObject", OBJECT),
        "allowed by resource"
    );
    assert_eq!(
        world.ask(USER, "s3:GetObject", OBJECT),
        "explicitly_denied by service_control"
    );
}

#[test]
fn root_is_limited_by_service_control_policies_only() {
    let root = "arn:aws:iam::111122223333:root";
    let world = World {
        boundary: vec![allow("ec2:*", "*")],
        ..World::default()
    };
    assert_eq!(
        world.ask(root, "s3:GetObject", OBJECT),
        "allowed by identity"
    );
    let bound = World {
        service_control: vec![vec![allow("ec2:*", "*")]],
        ..World::default()
    };
    assert_eq!(
        bound.ask(root, "s3:GetObject", OBJECT),
        "implicitly_denied by service_control"
    );
}

#[test]
fn asking_who_one_is_cannot_be_denied() {
    let world = World {
        identity: vec![statement("Deny", "*", "*")],
        ..World::default()
    };
    assert_eq!(
        world.ask(USER, "sts:GetCallerIdentity", "*"),
        "allowed by identity"
    );
}

#[test]
fn negated_elements_are_complements_of_the_union() {
    let policy = r#"{"Statement":[{"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"NotResource":["arn:aws:s3:::x","arn:aws:s3:::y"]}]}"#;
    let world = World {
        identity: vec![policy.to_owned()],
        ..World::default()
    };
    assert_eq!(
        world.ask(USER, "s3:ListBucket", "arn:aws:s3:::x"),
        "implicitly_denied by identity"
    );
    assert_eq!(
        world.ask(USER, "s3:ListBucket", "arn:aws:s3:::z"),
        "allowed by identity"
    );
    assert_eq!(
        world.ask(USER, "s3:PutObject", "arn:aws:s3:::z"),
        "implicitly_denied by identity"
    );
}

#[test]
fn variables_in_both_versions() {
    let home = |version: &str| World {
        identity: vec![format!(
            r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${{aws:username}}/*"}}}}"#
        )],
        ..World::default()
    };
    assert_eq!(
        home("2012-10-17").ask(USER, "s3:GetObject", "arn:aws:s3:::home/ann/k"),
        "allowed by identity"
    );
    assert_eq!(
        home("2012-10-17").ask(USER, "s3:GetObject", "arn:aws:s3:::home/bob/k"),
        "implicitly_denied by identity"
    );
    assert_eq!(
        home("2012-10-17").ask(ROLE, "s3:GetObject", "arn:aws:s3:::home/ann/k"),
        "implicitly_denied by identity"
    );
    assert_eq!(
        home("2008-10-17").ask(USER, "s3:GetObject", "arn:aws:s3:::home/ann/k"),
        "implicitly_denied by identity"
    );
    assert_eq!(
        home("2008-10-17").ask(USER, "s3:GetObject", "arn:aws:s3:::home/${aws:username}/k"),
        "allowed by identity"
    );
}

#[test]
fn a_wildcard_only_action_needs_the_star_itself() {
    let world = |resource: &str| World {
        identity: vec![allow("s3:ListAllMyBuckets", resource)],
        ..World::default()
    };
    assert_eq!(
        world("*").ask(USER, "s3:ListAllMyBuckets", "*"),
        "allowed by identity"
    );
    assert_eq!(
        world("arn:aws:s3:::*").ask(USER, "s3:ListAllMyBuckets", "*"),
        "implicitly_denied by identity"
    );
}

#[test]
fn what_the_callers_arn_implies_is_filled_in_and_the_context_wins() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"},"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}}"#;
    let world = World {
        identity: vec![policy.to_owned()],
        ..World::default()
    };
    assert_eq!(
        world.ask(SESSION, "s3:GetObject", OBJECT),
        "allowed by identity"
    );
    let world = World {
        identity: vec![policy.to_owned()],
        context: vec![("aws:PrincipalARN", "arn:aws:iam::111122223333:role/x")],
        ..World::default()
    };
    assert_eq!(
        world.ask(SESSION, "s3:GetObject", OBJECT),
        "implicitly_denied by identity"
    );
}

#[test]
fn untold_keys_are_granted_or_refused_as_asked() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}"},{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
    let policy = Policy::parse(text).unwrap();
    let policies = Policies {
        identity: vec![&policy],
        ..Policies::default()
    };
    let ask = |action, resource, untold| {
        let request = Request::new(
            Principal::parse(ROLE).unwrap(),
            Action::parse(action).unwrap(),
            Resource::parse(resource),
            None,
            Context::open(),
        );
        decide(&request, &policies, untold).outcome
    };
    assert_eq!(
        ask("s3:GetObject", "arn:aws:s3:::home/x", Untold::Grant),
        Outcome::Allowed
    );
    assert_eq!(
        ask("s3:GetObject", "arn:aws:s3:::home/x", Untold::Refuse),
        Outcome::ImplicitlyDenied
    );
    assert_eq!(
        ask("ec2:RunInstances", "*", Untold::Grant),
        Outcome::Allowed
    );
    assert_eq!(
        ask("ec2:RunInstances", "*", Untold::Refuse),
        Outcome::ExplicitlyDenied
    );
    assert_eq!(
        ask("ec2:RunInstances", "*", Untold::MatchNothing),
        Outcome::Allowed
    );
}
