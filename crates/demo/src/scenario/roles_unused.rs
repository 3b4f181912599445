//! Roles at the limit, beyond it, and those that only seem to be.

use super::desk::{Desk, attach};
use super::{RoleScenario, role};
use crate::calls;
use crate::model::{Rhythm, Role, Rule, Trust};
use crate::moment::Moment;
use crate::policy::managed;

pub(super) static SCENARIOS: &[RoleScenario] = &[
    role("role-stale", 6, stale),
    role("role-unused-for-400-days", 5, unused_for_400_days),
    role("role-new", 3, new),
    role("role-use-at-the-limit", 1, use_at_the_limit),
    role("role-use-a-day-beyond", 1, use_a_day_beyond),
    role("role-age-at-the-limit", 1, age_at_the_limit),
    role(
        "role-last-accessed-knows-better",
        0,
        last_accessed_knows_better,
    ),
    role("break-glass", 1, break_glass),
    role("role-yearly", 2, yearly),
    role("trusts-everybody", 0, trusts_everybody),
];

const LIMIT: Moment = Moment::days_ago(90);
const DAY_BEYOND: Moment = Moment::days_ago(91);

fn lambda() -> Trust {
    Trust::Service("lambda.amazonaws.com")
}

fn stale(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 1800);
    let mut role = desk.role("function", created, lambda());
    role.call(&calls::DESCRIBE_TABLE, Rhythm::Once, desk.ago(100, 390));
    role.expect(Rule::StaleRole);
    vec![role]
}

/// `RoleLastUsed` is empty: it covers 400 days, and tells nothing of the time before.
fn unused_for_400_days(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(800, 2400);
    let mut role = desk.role("legacy", created, Trust::Service("ec2.amazonaws.com"));
    // The version in which `${aws:username}` is plain text.
    role.common.policy_version = "2008-10-17";
    role.expect(Rule::StaleRole);
    vec![role]
}

fn new(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(3, 60);
    let mut role = desk.role("function", created, lambda());
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

fn use_at_the_limit(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 900);
    let mut role = desk.role("edge", created, lambda());
    role.call(&calls::GET_PARAMETER, Rhythm::Once, LIMIT);
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

fn use_a_day_beyond(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 900);
    let mut role = desk.role("edge", created, lambda());
    role.call(&calls::GET_PARAMETER, Rhythm::Once, DAY_BEYOND);
    role.expect(Rule::StaleRole);
    vec![role]
}

fn age_at_the_limit(desk: &mut Desk<'_>) -> Vec<Role> {
    let mut role = desk.role("edge", LIMIT, lambda());
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

/// `RoleLastUsed` lags far behind, but the last-accessed data show the later use.
fn last_accessed_knows_better(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 900);
    let mut role = desk.role("lagging", created, lambda());
    role.call(&calls::DESCRIBE_INSTANCES, Rhythm::Monthly, desk.ago(5, 20));
    role.recorded_last_use = Some(desk.ago(120, 200));
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

/// Meant to be used never. It is found all the same; an exemption is the place to say that.
fn break_glass(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 1800);
    let mut role = desk.role("break-glass", created, Trust::OwnAccountWithMfa);
    attach(&mut role.common, &managed::ADMINISTRATOR_ACCESS);
    role.expect(Rule::StaleRole);
    vec![role]
}

/// In use, but only once a year.
fn yearly(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(800, 1200);
    let mut role = desk.role("year-end", created, Trust::Service("states.amazonaws.com"));
    role.call(&calls::START_JOB, Rhythm::Yearly, desk.ago(150, 340));
    role.expect(Rule::StaleRole);
    role.expect(Rule::ConfusedDeputy);
    vec![role]
}

/// Opened to everybody for a try, and forgotten.
fn trusts_everybody(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(300, 900);
    let mut role = desk.role("shared-for-a-test", created, Trust::Everybody);
    role.expect(Rule::StaleRole);
    role.expect(Rule::PublicTrust);
    vec![role]
}
