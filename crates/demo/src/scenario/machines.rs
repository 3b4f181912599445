//! Users that are machines: access keys of every rhythm and no password.

use super::desk::{Desk, attach};
use super::{UserScenario, user};
use crate::calls;
use crate::model::{KeyHolder, Rhythm, Rule, Shown, User};
use crate::moment::{DAY, HOUR, Moment};
use crate::policy::{Statement, deny, managed};

/// A workflow on GitHub that has a key among its secrets.
const GITHUB_ACTIONS: &str = "aws-sdk-js/3.896.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#20.19.5 configure-aws-credentials-for-github-actions";

/// A function that has a key in its environment.
pub(super) const LAMBDA: &str = "Boto3/1.40.61 md/Botocore#1.40.61 ua/2.1 os/linux#5.10.245-269.978.amzn2.x86_64 lang/python#3.12.11 exec-env/AWS_Lambda_python3.12";

pub(super) static SCENARIOS: &[UserScenario] = &[
    // Position 0 passes the role that position 0 of the roles makes.
    user("machine-that-passes-a-role", 0, passes_a_role),
    // Position 1 assumes the role that position 1 of the roles makes.
    user("operator-of-a-role-chain", 0, operator_of_a_role_chain),
    user("ci-by-the-minute", 0, ci_by_the_minute),
    user("ci-by-the-hour", 0, ci_by_the_hour),
    user("ci-daily", 0, ci_daily),
    user("ci-weekly", 6, ci_weekly),
    user("ci-quarterly", 5, ci_quarterly),
    user("ci-yearly", 2, ci_yearly),
    user("machine-forgotten", 7, forgotten),
    user("reads-a-secret-through-a-service", 2, reads_a_secret),
    user("denied-explicitly", 0, denied_explicitly),
    user(
        "key-last-used-without-region",
        3,
        key_last_used_without_region,
    ),
];

fn passes_a_role(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 800);
    let mut user = desk.machine("launcher", created);
    "web-fleet".clone_into(&mut user.common.place.target);
    let key = user.give_key(desk.ago(20, 80));
    user.call(key, &calls::RUN_INSTANCES, Rhythm::Weekly, desk.ago(1, 6));
    user.nearly(&[Rule::UnrotatedAccessKey, Rule::UserWithoutMfa]);
    user.common.shows("ec2:RunInstances", Shown::Used);
    // No event shows them: a role that is passed is told only where a request names it.
    user.common
        .shows("iam:CreateServiceLinkedRole", Shown::Unknown);
    user.common.shows("ec2:CreateTags", Shown::Unknown);
    user
}

fn operator_of_a_role_chain(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(700, 900);
    let mut user = desk.user("chain-operator".to_owned(), "/", created);
    user.common.place.target = format!("arn:aws:iam::{}:role/ops/chain-entry", desk.account());
    "chain".clone_into(&mut user.common.place.app);
    let key = user.give_key(desk.ago(500, 600));
    user.call(key, &calls::ASSUME_ROLE, Rhythm::Weekly, chain_time());
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

/// When the chain of roles was last walked: the same instant for all its links.
pub(super) fn chain_time() -> Moment {
    Moment::seconds_ago(2 * DAY + 5 * HOUR)
}

fn ci_by_the_minute(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(600, 800);
    let mut user = desk.machine("watcher", created);
    // Old enough that one and the same key has worked through a whole year.
    let key = user.give_key(desk.ago(400, 500));
    let last = Moment::seconds_ago(30);
    user.call(key, &calls::DESCRIBE_ALARMS, Rhythm::PerMinute, last);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user.nearly(&[Rule::UnusedAccessKey, Rule::StaleUser]);
    user
}

fn ci_by_the_hour(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(500, 700);
    let mut user = desk.machine("poller", created);
    let key = user.give_key(desk.ago(380, 480));
    let last = Moment::seconds_ago(4 * HOUR + 17 * 60 + 5);
    user.call(key, &calls::DESCRIBE_STACKS, Rhythm::Hourly, last);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn ci_daily(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 700);
    let mut user = desk.machine("ci", created);
    let key = user.give_key(desk.ago(40, 85));
    user.common.user_agent = GITHUB_ACTIONS;
    let last = Moment::seconds_ago(20 * HOUR + 41);
    user.call(key, &calls::UPDATE_FUNCTION_CODE, Rhythm::Daily, last);
    user.held_by(key, KeyHolder::ContinuousIntegration);
    user.nearly(&[Rule::UnrotatedAccessKey, Rule::UnusedAccessKey]);
    user
}

fn ci_weekly(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(200, 700);
    let mut user = desk.machine("ci", created);
    let key = user.give_key(desk.ago(100, 180));
    user.call(
        key,
        &calls::GET_AUTHORIZATION_TOKEN,
        desk.rhythm(),
        desk.ago(0, 6),
    );
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn ci_quarterly(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(500, 900);
    let mut user = desk.machine("quarter", created);
    let key = user.give_key(desk.ago(370, 450));
    user.call(
        key,
        &calls::CREATE_DB_SNAPSHOT,
        Rhythm::Quarterly,
        desk.ago(5, 85),
    );
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user.nearly(&[Rule::UnusedAccessKey, Rule::StaleUser]);
    user
}

/// In use, but only once a year. Ninety days cannot tell that from unused; only the rhythm can.
fn ci_yearly(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(900, 1200);
    let mut user = desk.machine("year-end", created);
    let key = user.give_key(desk.ago(780, 880));
    user.call(key, &calls::START_JOB, Rhythm::Yearly, desk.ago(150, 340));
    user.expect(Rule::StaleUser);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

fn forgotten(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(900, 2400);
    let mut user = desk.machine("old", created);
    let key = user.give_key(desk.ago(500, 880));
    user.call(
        key,
        &calls::GET_BUCKET_LOCATION,
        Rhythm::Once,
        desk.ago(100, 480),
    );
    user.expect(Rule::StaleUser);
    user.expect_of_key(Rule::UnusedAccessKey, key);
    user.expect_of_key(Rule::UnrotatedAccessKey, key);
    user
}

/// The secret store decrypts with the user's rights, which is an event of the user's key.
fn reads_a_secret(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 700);
    let mut user = desk.machine("secrets", created);
    // A function in a VPC.
    user.common.user_agent = LAMBDA;
    "10.20.0.12".clone_into(&mut user.common.source_ip);
    user.common.vpc_endpoint = Some("vpce-0a1b2c3d4e5f60718");
    let key = user.give_key(desk.ago(20, 80));
    user.held_by(key, KeyHolder::Workload);
    let (rhythm, last) = (desk.rhythm(), desk.ago(0, 6));
    user.call(key, &calls::GET_SECRET_VALUE, rhythm, last);
    user.call(key, &calls::DECRYPT, rhythm, last);
    user.through("secretsmanager.amazonaws.com");
    // The secret store calls with the user's rights, so the user needs it.
    user.common.shows("kms:Decrypt", Shown::Used);
    user.common.shows("kms:CreateKey", Shown::Unused);
    user
}

static NO_KEYS_FOR_OTHERS: Statement = deny(
    "NoKeysForOthers",
    &["iam:CreateAccessKey", "iam:CreateLoginProfile"],
    &["*"],
);

fn denied_explicitly(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 700);
    let mut user = desk.machine("onboarding", created);
    let key = user.give_key(desk.ago(20, 80));
    user.call(
        key,
        &calls::GENERATE_CREDENTIAL_REPORT,
        Rhythm::Weekly,
        desk.ago(1, 6),
    );
    user.common.grant(&[&NO_KEYS_FOR_OTHERS]);
    user.call_denied(
        key,
        &calls::CREATE_ACCESS_KEY,
        Rhythm::Weekly,
        desk.ago(2, 6),
        "with an explicit deny in an identity-based policy",
    );
    user.common.policies_are_final = true;
    user
}

fn key_last_used_without_region(desk: &mut Desk<'_>) -> User {
    let created = desk.ago(300, 700);
    let mut user = desk.machine("backup", created);
    let key = user.give_key(desk.ago(20, 80));
    user.call(key, &calls::LIST_BUCKETS, desk.rhythm(), desk.ago(0, 6));
    attach(&mut user.common, &managed::S3_READ_ONLY);
    user
}
