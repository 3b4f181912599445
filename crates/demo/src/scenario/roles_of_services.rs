//! Roles that services and other roles of the organisation assume.

use super::desk::{Desk, attach};
use super::machines::chain_time;
use super::{RoleScenario, role};
use crate::calls;
use crate::model::{Rhythm, Role, Rule, Shown, Trust};
use crate::moment::{DAY, HOUR, MINUTE, Moment};
use crate::policy::{ManagedPolicy, managed};

pub(super) static SCENARIOS: &[RoleScenario] = &[
    // Position 0 is passed by the user at position 0.
    role("role-of-instances", 0, role_of_instances),
    // Position 1 is assumed by the user at position 1.
    role("role-chain", 0, role_chain),
    // Position 2 assumes position 3, in the next account where there is one.
    role("cross-account-hub", 0, cross_account_hub),
    role("cross-account-spoke", 0, cross_account_spoke),
    role("function-daily", 6, function_daily),
    role("function-hourly", 0, function_hourly),
    role("job-quarterly", 4, job_quarterly),
    role("service-role-stale", 4, service_role_stale),
    role("service-linked-unused", 0, service_linked_unused),
    role("service-linked-long-unused", 0, service_linked_long_unused),
    role("role-bounded", 2, role_bounded),
    role("role-denied", 0, role_denied),
];

/// Assumed by instances every hour. Its instance profile is what the launching user passes.
fn role_of_instances(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(400, 900);
    let trust = Trust::Service("ec2.amazonaws.com");
    let mut role = desk.named_role("web-fleet".to_owned(), "/", created, trust);
    role.instance_profile = Some("web-fleet");
    let last = Moment::seconds_ago(4 * HOUR + 20 * MINUTE);
    role.call(&calls::GET_PARAMETER, Rhythm::Hourly, last);
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

/// A role that is assumed only to assume another one.
fn role_chain(desk: &mut Desk<'_>) -> Vec<Role> {
    let account = desk.account();
    let created = desk.ago(650, 900);
    let trust = Trust::Principal(format!("arn:aws:iam::{account}:user/chain-operator"));
    let mut entry = desk.named_role("chain-entry".to_owned(), "/ops/", created, trust);
    "chain".clone_into(&mut entry.common.place.app);
    entry.common.place.target = format!("arn:aws:iam::{account}:role/ops/chain-target");
    entry.call(&calls::ASSUME_ROLE, Rhythm::Weekly, chain_time());
    entry.nearly(&[Rule::TrustsDeletedPrincipal]);

    let trust = Trust::Principal(entry.arn.clone());
    let mut target = desk.named_role("chain-target".to_owned(), "/ops/", created, trust);
    "chain".clone_into(&mut target.common.place.app);
    target.call(&calls::DESCRIBE_INSTANCES, Rhythm::Weekly, chain_time());
    vec![entry, target]
}

/// When the hub last rolled out to the spoke.
fn rollout_time() -> Moment {
    Moment::seconds_ago(3 * DAY + 9 * HOUR + 11)
}

const HUB: &str = "rollout-hub";

/// The name of the session that the hub opens; a session is named after its application.
const ROLLOUT: &str = "rollout";

fn cross_account_hub(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(650, 900);
    let trust = Trust::Service("codebuild.amazonaws.com");
    let mut role = desk.named_role(HUB.to_owned(), "/", created, trust);
    let spoke = desk.next_account();
    ROLLOUT.clone_into(&mut role.common.place.app);
    role.common.place.target = format!("arn:aws:iam::{spoke}:role/rollout-spoke");
    role.call(&calls::ASSUME_ROLE, Rhythm::Weekly, rollout_time());
    role.expect(Rule::ConfusedDeputy);
    vec![role]
}

fn cross_account_spoke(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(650, 900);
    let hub = desk.previous_account();
    let trust = Trust::Hub {
        arn: format!("arn:aws:iam::{hub}:role/{HUB}"),
        account: hub,
    };
    let mut role = desk.named_role("rollout-spoke".to_owned(), "/", created, trust);
    ROLLOUT.clone_into(&mut role.common.place.app);
    role.call(&calls::UPDATE_STACK, Rhythm::Weekly, rollout_time());
    role.nearly(&[Rule::CrossAccountTrust]);
    vec![role]
}

fn function_daily(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(200, 900);
    let mut role = desk.role("function", created, Trust::Service("lambda.amazonaws.com"));
    let rhythm = if desk.filler {
        desk.rhythm()
    } else {
        Rhythm::Daily
    };
    role.call(&calls::CREATE_LOG_STREAM, rhythm, desk.ago(0, 2));
    attach(&mut role.common, &managed::LAMBDA_BASIC);
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

fn function_hourly(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(500, 900);
    let mut role = desk.role("function", created, Trust::Service("lambda.amazonaws.com"));
    let last = Moment::seconds_ago(4 * HOUR + 40 * MINUTE);
    role.call(&calls::GET_SECRET_VALUE, Rhythm::Hourly, last);
    vec![role]
}

fn job_quarterly(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(500, 900);
    let mut role = desk.role("job", created, Trust::Service("glue.amazonaws.com"));
    let last = desk.ago(10, 85);
    role.call(&calls::DESCRIBE_TABLE, Rhythm::Quarterly, last);
    role.common.shows("dynamodb:DescribeTable", Shown::Used);
    role.common.shows("dynamodb:DeleteTable", Shown::Unused);
    // A data event, which the trail does not log.
    role.common.shows("dynamodb:GetItem", Shown::Unknown);
    // Last-accessed data know better than the logs.
    role.common.accessed_unlogged = Some(("athena", last.earlier(2 * DAY)));
    role.common
        .shows("athena:StartQueryExecution", Shown::Unknown);
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

/// Under `/service-role/`, a path like any other: the role can be edited and is found.
fn service_role_stale(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 1400);
    let name = format!("{}-function-role", crate::names::application(desk.position));
    let trust = Trust::Service("lambda.amazonaws.com");
    let mut role = desk.named_role(name, "/service-role/", created, trust);
    role.call(&calls::CREATE_LOG_STREAM, Rhythm::Once, desk.ago(100, 390));
    attach(&mut role.common, &managed::LAMBDA_BASIC);
    role.expect(Rule::StaleRole);
    vec![role]
}

fn service_linked(
    desk: &mut Desk<'_>,
    service: &'static str,
    name: &str,
    policy: &'static ManagedPolicy,
) -> Role {
    let created = desk.ago(700, 2400);
    let path = format!("/aws-service-role/{service}/");
    let mut role = desk.named_role(name.to_owned(), &path, created, Trust::Service(service));
    // Nobody can tag or edit them.
    role.common.tags.clear();
    crate::ownership::UNOWNED.clone_into(&mut role.common.owner);
    role.common.policies_are_final = true;
    attach(&mut role.common, policy);
    role.nearly(&[Rule::StaleRole]);
    role
}

fn service_linked_unused(desk: &mut Desk<'_>) -> Vec<Role> {
    let name = "AWSServiceRoleForTrustedAdvisor";
    let policy = &managed::ADVISOR_SERVICE_ROLE;
    vec![service_linked(
        desk,
        "trustedadvisor.amazonaws.com",
        name,
        policy,
    )]
}

fn service_linked_long_unused(desk: &mut Desk<'_>) -> Vec<Role> {
    let name = "AWSServiceRoleForRDS";
    let policy = &managed::DATABASE_SERVICE_ROLE;
    let mut role = service_linked(desk, "rds.amazonaws.com", name, policy);
    // The service made the call, and its policy is AWS's: no grant.
    role.call(&calls::DESCRIBE_INSTANCES, Rhythm::Once, desk.ago(150, 390));
    role.common.grants.clear();
    vec![role]
}

fn role_bounded(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(200, 900);
    let mut role = desk.role("task", created, Trust::Service("ecs-tasks.amazonaws.com"));
    role.common.boundary = Some(&managed::TEAM_BOUNDARY);
    role.expect(Rule::ConfusedDeputy);
    role.call(
        &calls::GET_AUTHORIZATION_TOKEN,
        desk.rhythm(),
        desk.ago(0, 12),
    );
    vec![role]
}

/// Tries every week to do what no policy of its own allows.
fn role_denied(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(500, 900);
    let mut role = desk.role("reaper", created, Trust::Service("lambda.amazonaws.com"));
    role.call(&calls::DESCRIBE_INSTANCES, Rhythm::Weekly, desk.ago(0, 6));
    role.also_call_denied(
        &calls::TERMINATE_INSTANCES,
        "because no identity-based policy allows the ec2:TerminateInstances action",
    );
    role.common.policies_are_final = true;
    role.common.shows("ec2:DescribeInstances", Shown::Used);
    // Tried, and denied each time.
    role.common.shows("ec2:TerminateInstances", Shown::Unused);
    vec![role]
}
