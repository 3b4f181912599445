//! Roles that people, workflows, clusters and other companies assume.

use super::desk::{Desk, attach, own};
use super::{RoleScenario, role};
use crate::calls;
use crate::model::{Rhythm, Role, Rule, Trust};
use crate::ownership;
use crate::policy::{grants, managed};
use crate::randomness::{hexadecimal, unique_id};

pub(super) static SCENARIOS: &[RoleScenario] = &[
    role("identity-center-in-use", 0, identity_center_in_use),
    role("identity-center-stale", 0, identity_center_stale),
    role("workflow-on-github", 5, workflow),
    role("service-account-of-a-cluster", 4, service_account),
    role("vendor-in-use", 2, vendor_in_use),
    role("vendor-gone", 2, vendor_gone),
    role("trusts-the-whole-organisation", 1, whole_organisation),
    role("trusts-a-deleted-user", 1, deleted_user),
    role("tags-of-html", 0, hostile_tags),
];

/// A role that Identity Center made from a permission set, with the name that it gives.
fn identity_center(desk: &mut Desk<'_>, permission_set: &'static str) -> Role {
    let created = desk.ago(500, 900);
    let suffix = hexadecimal(&mut desk.rng, 16);
    let name = format!("AWSReservedSSO_{permission_set}_{suffix}");
    let path = "/aws-reserved/sso.amazonaws.com/eu-central-1/";
    let mut role = desk.named_role(name, path, created, Trust::IdentityCenter);
    role.permission_set = Some(permission_set);
    role.common.policies_are_final = true;
    // Identity Center's roles have no tags.
    role.common.tags.clear();
    ownership::UNOWNED.clone_into(&mut role.common.owner);
    role
}

fn identity_center_in_use(desk: &mut Desk<'_>) -> Vec<Role> {
    let mut role = identity_center(desk, "EngineerAccess");
    attach(&mut role.common, &managed::POWER_USER_ACCESS);
    "platform".clone_into(&mut role.common.place.app);
    role.call(&calls::DESCRIBE_STACKS, Rhythm::Daily, desk.ago(0, 2));
    // The role has what its permission set says, word for word.
    role.common.grants = vec![&grants::PLATFORM_STACKS];
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

fn identity_center_stale(desk: &mut Desk<'_>) -> Vec<Role> {
    let mut role = identity_center(desk, "AuditorView");
    attach(&mut role.common, &managed::SECURITY_AUDIT);
    role.call(
        &calls::GENERATE_CREDENTIAL_REPORT,
        Rhythm::Once,
        desk.ago(120, 390),
    );
    role.expect(Rule::StaleRole);
    vec![role]
}

fn workflow(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(200, 900);
    let trust = Trust::GitHub {
        repository: format!("example-org/{}", crate::names::application(desk.position)),
    };
    let mut role = desk.role("workflow", created, trust);
    role.call(&calls::UPDATE_STACK, desk.rhythm(), desk.ago(0, 6));
    role.also_call(&calls::CREATE_INVALIDATION);
    // Any branch of the repository.
    role.expect(Rule::OidcWideSubject);
    role.nearly(&[Rule::StaleRole]);
    vec![role]
}

fn service_account(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(200, 900);
    let trust = Trust::Cluster {
        provider: hexadecimal(&mut desk.rng, 32).to_ascii_uppercase(),
        service_account: format!("apps:{}", crate::names::application(desk.position)),
    };
    let mut role = desk.role("pod", created, trust);
    role.call(&calls::DESCRIBE_CLUSTER, desk.rhythm(), desk.ago(0, 6));
    role.nearly(&[Rule::OidcWideSubject]);
    vec![role]
}

fn vendor(desk: &mut Desk<'_>) -> Trust {
    Trust::Vendor {
        account: "999988887777".to_owned(),
        external_id: format!("demo-{}", desk.number()),
    }
}

fn vendor_in_use(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(400, 900);
    let trust = vendor(desk);
    let mut role = desk.role("monitoring-vendor", created, trust);
    attach(&mut role.common, &managed::READ_ONLY_ACCESS);
    role.call(&calls::DESCRIBE_ALARMS, desk.rhythm(), desk.ago(0, 12));
    role.expect(Rule::CrossAccountTrust);
    role.nearly(&[Rule::StaleRole, Rule::ConfusedDeputy]);
    vec![role]
}

fn vendor_gone(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(900, 1600);
    let trust = vendor(desk);
    let mut role = desk.role("former-vendor", created, trust);
    attach(&mut role.common, &managed::ADMINISTRATOR_ACCESS);
    role.call(&calls::LIST_BUCKETS, Rhythm::Once, desk.ago(150, 390));
    role.expect(Rule::StaleRole);
    role.expect(Rule::CrossAccountTrust);
    vec![role]
}

fn whole_organisation(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(500, 900);
    let mut role = desk.role("shared-reader", created, Trust::WholeOrganisation);
    attach(&mut role.common, &managed::DATA_LAKE_READ);
    role.expect(Rule::StaleRole);
    role.nearly(&[Rule::PublicTrust]);
    vec![role]
}

/// The user who was trusted is gone; IAM shows the unique id, which no new user will ever have.
fn deleted_user(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(900, 1800);
    let trust = Trust::DeletedUser {
        id: unique_id(&mut desk.rng, "AIDA"),
    };
    let mut role = desk.role("inherited", created, trust);
    role.expect(Rule::StaleRole);
    role.expect(Rule::TrustsDeletedPrincipal);
    vec![role]
}

fn hostile_tags(desk: &mut Desk<'_>) -> Vec<Role> {
    let created = desk.ago(600, 900);
    let trust = Trust::Service("lambda.amazonaws.com");
    let mut role = desk.role("function", created, trust);
    own(&mut role.common, &ownership::HTML);
    role.expect(Rule::StaleRole);
    vec![role]
}
