//! The rules on policies, groups and permission sets as things, over one inventory.

use leastgrant_inventory::DataKind;
use leastgrant_inventory::tables::{
    GroupMembershipRow, GroupRow, InlinePolicyRow, ManagedPolicyRow, PermissionSetAssignmentRow,
    PermissionSetPolicyRow, PermissionSetRow, PolicyAttachmentRow, PolicyVersionRow,
};

use crate::made_up::{ACCOUNT, World, now, user_arn};

const RULES: &[&str] = &[
    "unattached-policy",
    "empty-group",
    "duplicate-policy",
    "stale-policy-version",
    "direct-user-policy",
    "permission-set-unused",
    "role-chain",
];

const READ: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}"#;
const WRITE: &str = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::a/*"}"#;
const BOTH: &str = r#"{"Effect":"Allow","Action":["s3:PutObject","s3:getobject"],"Resource":["arn:aws:s3:::a/*"]}"#;
const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const NO_WRITE: &str = r#"{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"}"#;

fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

impl World {
    /// A policy whose last version is in force.
    fn policy(&mut self, name: &str, versions: &[&[&str]]) {
        let arn = policy_arn(name);
        for (index, statements) in versions.iter().enumerate() {
            self.data.policy_versions.push(PolicyVersionRow {
                account_id: ACCOUNT.to_owned(),
                policy_arn: arn.clone(),
                version_id: format!("v{}", index + 1),
                is_default: index + 1 == versions.len(),
                document: Some(
                    format!(
                        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
                        statements.join(",")
                    )
                    .as_str()
                    .into(),
                ),
                ..PolicyVersionRow::default()
            });
        }
        self.data.managed_policies.push(ManagedPolicyRow {
            account_id: ACCOUNT.to_owned(),
            arn,
            policy_name: name.to_owned(),
            path: "/".to_owned(),
            default_version_id: Some(format!("v{}", versions.len())),
            attachment_count: Some(0),
            permissions_boundary_usage_count: Some(0),
            created_at: Some(now()),
            ..ManagedPolicyRow::default()
        });
    }

    fn attach(&mut self, principal_arn: &str, policy: &str) {
        self.data.policy_attachments.push(PolicyAttachmentRow {
            account_id: ACCOUNT.to_owned(),
            principal_arn: principal_arn.to_owned(),
            policy_arn: policy_arn(policy),
            policy_name: policy.to_owned(),
        });
    }

    fn inline(&mut self, principal_arn: &str, name: &str, statement: &str) {
        self.data.inline_policies.push(InlinePolicyRow {
            account_id: ACCOUNT.to_owned(),
            principal_arn: principal_arn.to_owned(),
            policy_name: name.to_owned(),
            document: format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
                .as_str()
                .into(),
        });
    }

    fn group(&mut self, name: &str, members: &[&str]) -> String {
        let arn = format!("arn:aws:iam::{ACCOUNT}:group/{name}");
        self.data.groups.push(GroupRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn.clone(),
            group_name: name.to_owned(),
            ..GroupRow::default()
        });
        for member in members {
            self.data.group_memberships.push(GroupMembershipRow {
                account_id: ACCOUNT.to_owned(),
                user_arn: user_arn(member),
                group_name: name.to_owned(),
                group_arn: Some(arn.clone()),
            });
        }
        arn
    }

    fn permission_set(&mut self, name: &str, is_assigned: bool) -> String {
        let arn = format!("arn:aws:sso:::permissionSet/ssoins-1/{name}");
        self.data.permission_sets.push(PermissionSetRow {
            arn: arn.clone(),
            name: Some(name.to_owned()),
            accounts_known: true,
            references_known: true,
            boundary_known: true,
            ..PermissionSetRow::default()
        });
        if is_assigned {
            self.data
                .permission_set_assignments
                .push(PermissionSetAssignmentRow {
                    permission_set_arn: arn.clone(),
                    account_id: ACCOUNT.to_owned(),
                    ..PermissionSetAssignmentRow::default()
                });
        }
        arn
    }
}

#[test]
fn what_nothing_has_and_nobody_is_in() {
    let mut world = World::in_organization();
    world.source(None, DataKind::PermissionSets);
    world.user("ann");
    world.policy("unattached", &[&[BOTH]]);
    // Somewhere that was not collected, by AWS's count.
    world.policy("safe-counted", &[&[READ]]);
    world.data.managed_policies[1].attachment_count = Some(2);
    world.policy("safe-boundary", &[&[ALL]]);
    world.data.users[0].permissions_boundary_arn = Some(policy_arn("safe-boundary"));
    world.policy("safe-of-permission-set", &[&[WRITE]]);
    let set = world.permission_set("safe-assigned", true);
    world
        .data
        .permission_set_policies
        .push(PermissionSetPolicyRow {
            permission_set_arn: set,
            policy_name: "safe-of-permission-set".to_owned(),
            policy_path: Some("/".to_owned()),
            ..PermissionSetPolicyRow::default()
        });
    world.permission_set("never-assigned", false);
    world.group("safe-with-a-member", &["ann"]);
    let empty = world.group("empty", &[]);
    world.inline(&empty, "read", READ);
    insta::assert_snapshot!(world.judge(RULES), @r#"
    empty: empty-group low high: none of the account's 1 user is in it; it has 0 managed policies and 1 inline policy
    never-assigned: permission-set-unused low high: `never-assigned` is assigned in no account
    unattached: unattached-policy low high: no user, group, role or permission set has it, and it is nobody's permissions boundary
    "#);
}

#[test]
fn policies_that_say_the_same_however_they_are_written() {
    let mut world = World::in_organization();
    let ann = world.user("ann");
    for (name, statements) in [
        ("kept", &[READ, WRITE][..]),
        ("same-in-one-statement", &[BOTH]),
        ("same-in-another-order", &[WRITE, READ]),
        ("less", &[READ]),
        ("same-as-less-by-a-deny", &[READ, WRITE, NO_WRITE]),
        ("same-as-less-by-another-deny", &[BOTH, NO_WRITE]),
        ("safe-other", &[WRITE]),
    ] {
        world.policy(name, &[statements]);
    }
    world.attach(&ann, "kept");
    insta::assert_snapshot!(world.judge(&["duplicate-policy"]), @r#"
    same-as-less-by-another-deny: duplicate-policy low high: it allows and denies exactly what `arn:aws:iam::111122223333:policy/same-as-less-by-a-deny` allows and denies
    same-in-another-order: duplicate-policy low high: it allows and denies exactly what `arn:aws:iam::111122223333:policy/kept` allows and denies
    same-in-one-statement: duplicate-policy low high: it allows and denies exactly what `arn:aws:iam::111122223333:policy/kept` allows and denies
    "#);
}

#[test]
fn stored_versions_that_grant_more_can_be_brought_back() {
    let mut world = World::in_organization();
    let ann = world.user("ann");
    let bob = world.user("bob");
    world.inline(
        &bob,
        "switch",
        r#"{"Effect":"Allow","Action":"iam:Set*","Resource":"arn:aws:iam::*:policy/more*"}"#,
    );
    for (name, versions) in [
        ("more", &[&[READ, WRITE][..], &[READ]][..]),
        ("more-all", &[&[ALL], &[READ]]),
        ("nobody-can-switch", &[&[READ, WRITE], &[READ]]),
        ("safe-less", &[&[READ], &[READ, WRITE]]),
        ("safe-denied", &[&[BOTH, NO_WRITE], &[READ]]),
        ("lacks-todays-deny", &[&[READ], &[READ, NO_WRITE]]),
        ("safe-one-version", &[&[WRITE]]),
    ] {
        world.policy(name, versions);
        world.attach(&ann, name);
    }
    world.policy("safe-unattached", &[&[ALL], &[READ]]);
    world.policy("not-collected", &[&[ALL], &[READ]]);
    world.attach(&ann, "not-collected");
    for version in &mut world.data.policy_versions {
        if version.policy_arn.ends_with("not-collected") && version.version_id == "v1" {
            version.document = None;
        }
    }
    insta::assert_snapshot!(world.judge(&["stale-policy-version"]), @r#"
    lacks-todays-deny: stale-policy-version low high: `v1` grants more than `v2`, which is in force; nobody of the account can set the default version, beside the root user
    more-all: stale-policy-version high high: `v1` grants more than `v2`, which is in force; 1 principal of the account can or may be able to set the default version, such as `arn:aws:iam::111122223333:user/bob`
    more: stale-policy-version medium high: `v1` grants more than `v2`, which is in force; 1 principal of the account can or may be able to set the default version, such as `arn:aws:iam::111122223333:user/bob`
    nobody-can-switch: stale-policy-version low high: `v1` grants more than `v2`, which is in force; nobody of the account can set the default version, beside the root user
    not checked: stale-policy-version: not all versions were collected, or can be read, of `not-collected`
    "#);
}

#[test]
fn users_have_policies_by_groups() {
    let mut world = World::in_organization();
    let ann = world.user("ann");
    world.user("safe-in-a-group");
    world.user("safe-bounded");
    world.user("unknown");
    // What denies only is a user's own for a reason.
    let denied = world.user("safe-denied-only");
    world.policy("denies", &[&[NO_WRITE]]);
    world.attach(&denied, "denies");
    world.inline(&denied, "own", NO_WRITE);
    world.attach(&denied, "quarantine");
    if let Some(own) = world.data.policy_attachments.last_mut() {
        own.policy_arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3".to_owned();
    }
    world.data.users[2].permissions_boundary_arn = Some(policy_arn("p"));
    world.data.users[3].details_known = false;
    world.policy("p", &[&[READ]]);
    world.attach(&ann, "p");
    world.inline(&ann, "own", READ);
    let group = world.group("readers", &["safe-in-a-group"]);
    world.attach(&group, "p");
    world.group("empty-or-not", &[]);
    insta::assert_snapshot!(world.judge(&["direct-user-policy", "empty-group"]), @r#"
    ann: direct-user-policy low high: it has `arn:aws:iam::111122223333:policy/p`, inline policy `own`
    not checked: direct-user-policy: the policies were not collected of `unknown`
    not checked: empty-group: the groups were not collected of `unknown`
    "#);
}

#[test]
fn roles_that_outsiders_assume_lead_on() {
    let mut world = World::in_organization();
    let trust = |principal: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"{action}"}}]}}"#
        )
    };
    let provider = r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/ci.example.com"}"#;
    let web = "sts:AssumeRoleWithWebIdentity";
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let on = |name: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"{}"}}"#,
            role(name)
        )
    };
    world.role("entry", Some(&trust(provider, web)));
    world.inline(&role("entry"), "on", &on("target"));
    world.role("named", Some(&trust(provider, web)));
    world.role("safe-denied", Some(&trust(provider, web)));
    let denied = r#"{"Effect":"Deny","Action":"sts:*","Resource":"*"}"#;
    world.inline(
        &role("safe-denied"),
        "on",
        &format!("{},{denied}", on("target")),
    );
    world.role(
        "safe-other-action",
        Some(&trust(provider, "sts:AssumeRoleWithSAML")),
    );
    world.inline(&role("safe-other-action"), "on", &on("target"));
    world.role("safe-without-right", Some(&trust(provider, web)));
    // Of a service of one's own account nobody comes in from outside.
    world.role(
        "safe-service",
        Some(&trust(
            r#"{"Service":"lambda.amazonaws.com"}"#,
            "sts:AssumeRole",
        )),
    );
    world.inline(&role("safe-service"), "on", &on("target"));
    world.role(
        "target",
        Some(&trust(
            r#"{"AWS":"arn:aws:iam::111122223333:root"}"#,
            "sts:AssumeRole",
        )),
    );
    world.role(
        "target-of-named",
        Some(&trust(
            r#"{"AWS":"arn:aws:iam::111122223333:role/named"}"#,
            "sts:AssumeRole",
        )),
    );
    insta::assert_snapshot!(world.judge(&["role-chain"]), @r#"
    entry: role-chain low high: users of `arn:aws:iam::111122223333:oidc-provider/ci.example.com` can assume it, and it can assume `arn:aws:iam::111122223333:role/target`
    named: role-chain low high: users of `arn:aws:iam::111122223333:oidc-provider/ci.example.com` can assume it, and it can assume `arn:aws:iam::111122223333:role/target-of-named`
    "#);
}

#[test]
fn without_data_nothing_is_said_to_be_unused() {
    let mut world = World::new();
    world.sources.clear();
    world.policy("p", &[&[READ]]);
    world.permission_set("never-assigned", false);
    world.data.permission_sets[0].accounts_known = false;
    insta::assert_snapshot!(world.judge(RULES), @r#"
    not checked: direct-user-policy: no list of users was collected (credential report, authorization details)
    not checked: duplicate-policy: no managed policies were collected (authorization details)
    not checked: empty-group: no groups were collected (authorization details)
    not checked: permission-set-unused: in which accounts they are provisioned was not collected of permission sets, so it cannot be told whether they are assigned, of `never-assigned`
    not checked: role-chain: no roles were collected (authorization details)
    not checked: stale-policy-version: no managed policies were collected (authorization details)
    not checked: unattached-policy: no managed policies were collected (authorization details)
    "#);
}

#[test]
fn of_duplicates_the_one_in_use_is_kept() {
    let mut world = World::in_organization();
    let ann = world.user("ann");
    for name in ["a-older", "b-in-use", "c-boundary"] {
        world.policy(name, &[&[READ, NO_WRITE]]);
    }
    world.attach(&ann, "b-in-use");
    world.data.users[0].permissions_boundary_arn = Some(policy_arn("c-boundary"));
    // Nothing but what they deny tells these apart.
    world.policy("denies-writing", &[&[NO_WRITE]]);
    world.policy(
        "denies-all",
        &[&[r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#]],
    );
    let outcome = world.audit(&["duplicate-policy"]);
    let mut lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| format!("{}: {}", finding.detail, finding.remediation))
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    it allows and denies exactly what `arn:aws:iam::111122223333:policy/b-in-use` allows and denies: Attach `arn:aws:iam::111122223333:policy/b-in-use` in its place wherever it is attached, set it as boundary wherever this one is the permissions boundary, then delete this one.
    it allows and denies exactly what `arn:aws:iam::111122223333:policy/b-in-use` allows and denies: Attach `arn:aws:iam::111122223333:policy/b-in-use` in its place wherever it is attached, then delete it.
    "#);
}

#[test]
fn what_was_not_asked_of_permission_sets_is_not_claimed() {
    let mut world = World::in_organization();
    world.user("ann");
    world.source(None, DataKind::PermissionSets);
    world.policy("unattached", &[&[READ]]);
    world.permission_set("assigned", true);
    world.permission_set("safe-asked-and-assigned", true);
    world.permission_set("never-assigned", false);
    world.permission_set("not-asked", false);
    let not_asked = world.data.permission_sets.last_mut().unwrap();
    not_asked.accounts_known = false;
    not_asked.references_known = false;
    insta::assert_snapshot!(world.judge(&["unattached-policy", "permission-set-unused"]), @r#"
    never-assigned: permission-set-unused low high: `never-assigned` is assigned in no account
    unattached: unattached-policy low medium: no user, group or role has it, and it is nobody's permissions boundary; whether a permission set refers to it was not collected of all permission sets
    not checked: permission-set-unused: in which accounts they are provisioned was not collected of permission sets, so it cannot be told whether they are assigned, of `not-asked`
    "#);
}

#[test]
fn the_commands_that_remove_stored_versions_name_them() {
    let mut world = World::in_organization();
    let ann = world.user("ann");
    world.policy("p", &[&[ALL], &[READ, WRITE], &[READ]]);
    world.attach(&ann, "p");
    let outcome = world.audit(&["stale-policy-version"]);
    let remedies: Vec<&str> = outcome
        .findings
        .iter()
        .map(|own| own.remediation.as_str())
        .collect();
    assert_eq!(
        remedies,
        [
            "Delete the versions that are not needed: `aws iam delete-policy-version --policy-arn arn:aws:iam::111122223333:policy/p --version-id v1`, `aws iam delete-policy-version --policy-arn arn:aws:iam::111122223333:policy/p --version-id v2`. Keep their documents elsewhere."
        ]
    );
}

#[test]
fn chains_begin_with_whoever_is_let_in() {
    let mut world = World::in_organization();
    let statement = |principal: &str, action: &str, condition: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"{action}"{condition}}}}}"#
        )
    };
    let other = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-other000000"}}"#;
    let own = other.replace("o-other", "o-ours");
    let here = r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#;
    // `*` lets the account's own roles in without an Allow of theirs.
    world.role("target", Some(&statement(r#""*""#, "sts:AssumeRole", here)));
    for (name, trust) in [
        (
            "of-another-organization",
            statement(r#""*""#, "sts:AssumeRole", other),
        ),
        (
            "by-tokens-of-anybody",
            statement(r#""*""#, "sts:AssumeRoleWithWebIdentity", ""),
        ),
        (
            "safe-of-the-own-organization",
            statement(r#""*""#, "sts:AssumeRole", &own),
        ),
    ] {
        world.role(name, Some(&trust));
    }
    insta::assert_snapshot!(world.judge(&["role-chain"]), @r#"
    by-tokens-of-anybody: role-chain low high: users of any application of Google can assume it, and it can assume `arn:aws:iam::111122223333:role/safe-of-the-own-organization`, `arn:aws:iam::111122223333:role/target`
    of-another-organization: role-chain low high: the organization `o-other000000` can assume it, and it can assume `arn:aws:iam::111122223333:role/safe-of-the-own-organization`, `arn:aws:iam::111122223333:role/target`
    "#);
}
