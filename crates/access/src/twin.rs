//! `who_can` against its obvious twin, which asks every principal, on seeded small worlds.

use crate::{Access, Answer, Question, SubjectId, WhoCan};
use leastgrant_inventory::tables::{
    AccountRow, GroupMembershipRow, GroupRow, InlinePolicyRow, ManagedPolicyRow,
    OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow, OrganizationRow,
    OrganizationalUnitRow, PolicyAttachmentRow, PolicyVersionRow, ResourcePolicyRow, RoleRow,
    UserRow,
};
use leastgrant_inventory::{Dataset, Inventory, MANIFEST_SCHEMA, Manifest};
use leastgrant_policy::{Action, Context, Resource};

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const RESOURCES: [&str; 7] = [
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/x",
    "arn:aws:s3:::a/y",
    "arn:aws:s3:::b/x",
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "arn:aws:iam::111122223333:role/r0",
    "*",
];
const ACTIONS: [&str; 4] = [
    "s3:GetObject",
    "s3:PutObject",
    "sqs:SendMessage",
    "sts:AssumeRole",
];
const ACTION_PATTERNS: [&str; 6] = ["*", "s3:*", "s3:Get*", "sqs:*", "sts:AssumeRole", "ec2:*"];
const RESOURCE_PATTERNS: [&str; 9] = [
    "*",
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::a*",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::*/x",
    "arn:aws:s3:::${aws:username}/x",
    "arn:aws:sqs:*:*:*",
    "arn:aws:iam::111122223333:role/*",
];

struct Maker(fastrand::Rng);

impl Maker {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.0.usize(..of.len())]
    }

    fn document(&mut self, principal: bool, mostly_everything: bool) -> String {
        if mostly_everything && self.0.u8(..4) > 0 {
            return r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.to_owned();
        }
        let statements: Vec<String> = (0..self.0.usize(1..4))
            .map(|_| self.statement(principal))
            .collect();
        match self.0.u8(..20) {
            0 => "{}".to_owned(),
            _ => format!(
                r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
                statements.join(",")
            ),
        }
    }

    fn statement(&mut self, principal: bool) -> String {
        let not = |is: bool| if is { "Not" } else { "" };
        let effect = if self.0.u8(..4) == 0 { "Deny" } else { "Allow" };
        let not_action = not(self.0.u8(..10) == 0);
        let not_resource = not(self.0.u8(..8) == 0);
        let (action, resource) = (self.one(&ACTION_PATTERNS), self.one(&RESOURCE_PATTERNS));
        let who = match principal {
            true => {
                let who = self.one(&[
                    "*",
                    "111122223333",
                    "arn:aws:iam::111122223333:user/u1",
                    "arn:aws:iam::444455556666:role/r1",
                ]);
                format!(r#""Principal":{{"AWS":"{who}"}},"#)
            }
            false => String::new(),
        };
        let condition = match self.0.u8(..6) {
            0 => r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#,
            _ => "",
        };
        format!(
            r#"{{{who}"Effect":"{effect}","{not_action}Action":"{action}","{not_resource}Resource":"{resource}"{condition}}}"#
        )
    }

    fn world(&mut self) -> Dataset {
        let mut data = Dataset::default();
        let scp = "SERVICE_CONTROL_POLICY";
        data.organizations.push(OrganizationRow {
            organization_id: "o-1".to_owned(),
            // Without it, any account may be the one that no organisation policy binds.
            management_account_id: self.0.bool().then(|| "999988887777".to_owned()),
            ..Default::default()
        });
        data.organizational_units.push(OrganizationalUnitRow {
            id: "r-1".to_owned(),
            ..Default::default()
        });
        for (number, account) in ACCOUNTS.iter().enumerate() {
            let account_id = (*account).to_owned();
            data.accounts.push(AccountRow {
                account_id: account_id.clone(),
                partition: "aws".to_owned(),
                ..Default::default()
            });
            data.organization_accounts.push(OrganizationAccountRow {
                account_id: account_id.clone(),
                parent_id: Some("r-1".to_owned()),
                ..Default::default()
            });
            for target in ["r-1", account] {
                let id = format!("p-{number}-{target}");
                data.organization_policies.push(OrganizationPolicyRow {
                    policy_id: id.clone(),
                    policy_type: Some(scp.to_owned()),
                    document: Some(self.document(false, true).into()),
                    ..Default::default()
                });
                // What a policy is attached to may not have been collected.
                if self.0.u8(..12) == 0 {
                    continue;
                }
                data.organization_policy_targets
                    .push(OrganizationPolicyTargetRow {
                        policy_id: id,
                        target_id: target.to_owned(),
                        ..Default::default()
                    });
            }
            let boundary = format!("arn:aws:iam::{account}:policy/b");
            data.managed_policies.push(ManagedPolicyRow {
                account_id: account_id.clone(),
                arn: boundary.clone(),
                default_version_id: Some("v1".to_owned()),
                ..Default::default()
            });
            data.policy_versions.push(PolicyVersionRow {
                account_id: account_id.clone(),
                policy_arn: boundary.clone(),
                version_id: "v1".to_owned(),
                is_default: true,
                document: Some(self.document(false, false).into()),
                ..Default::default()
            });
            let group = format!("arn:aws:iam::{account}:group/g");
            data.groups.push(GroupRow {
                account_id: account_id.clone(),
                arn: group.clone(),
                group_name: "g".to_owned(),
                ..Default::default()
            });
            data.inline_policies.push(InlinePolicyRow {
                account_id: account_id.clone(),
                principal_arn: group.clone(),
                policy_name: "i".to_owned(),
                document: self.document(false, false).into(),
            });
            for person in 0..4 {
                let limit = (self.0.u8(..3) == 0).then(|| boundary.clone());
                let user = format!("arn:aws:iam::{account}:user/u{person}");
                data.users.push(UserRow {
                    account_id: account_id.clone(),
                    arn: user.clone(),
                    user_name: format!("u{person}"),
                    details_known: self.0.u8(..10) > 0,
                    permissions_boundary_arn: limit.clone(),
                    ..Default::default()
                });
                if self.0.bool() {
                    data.group_memberships.push(GroupMembershipRow {
                        account_id: account_id.clone(),
                        user_arn: user.clone(),
                        group_name: "g".to_owned(),
                        group_arn: Some(group.clone()),
                    });
                }
                let role = format!("arn:aws:iam::{account}:role/r{person}");
                data.roles.push(RoleRow {
                    account_id: account_id.clone(),
                    arn: role.clone(),
                    role_name: format!("r{person}"),
                    permissions_boundary_arn: limit,
                    trust_policy: Some(self.document(true, false).into()),
                    ..Default::default()
                });
                for arn in [user, role] {
                    if self.0.u8(..4) > 0 {
                        data.inline_policies.push(InlinePolicyRow {
                            account_id: account_id.clone(),
                            principal_arn: arn.clone(),
                            policy_name: "i".to_owned(),
                            document: self.document(false, false).into(),
                        });
                    }
                    if self.0.u8(..8) == 0 {
                        data.policy_attachments.push(PolicyAttachmentRow {
                            account_id: account_id.clone(),
                            principal_arn: arn,
                            policy_arn: "arn:aws:iam::aws:policy/gone".to_owned(),
                            policy_name: "gone".to_owned(),
                        });
                    }
                }
            }
        }
        for arn in ["arn:aws:s3:::a", "arn:aws:sqs:eu-west-1:111122223333:q"] {
            if self.0.bool() {
                data.resource_policies.push(ResourcePolicyRow {
                    account_id: ACCOUNTS[0].to_owned(),
                    resource_arn: arn.to_owned(),
                    call: String::new(),
                    document: self.document(true, false).into(),
                });
            }
        }
        data.sort();
        data
    }
}

fn load(data: Dataset) -> Access {
    let folder = tempfile::tempdir().unwrap();
    let manifest = Manifest {
        schema: MANIFEST_SCHEMA.to_owned(),
        tool_version: String::new(),
        catalogue_version: None,
        accounts: ACCOUNTS.map(str::to_owned).to_vec(),
        collected_at: None,
        arguments: Vec::new(),
        sources: Vec::new(),
        gaps: Vec::new(),
        usage: Vec::new(),
        tables: Vec::new(),
    };
    leastgrant_inventory::write(folder.path(), data, manifest).unwrap();
    Access::load(&Inventory::open(folder.path()).unwrap()).unwrap()
}

fn answers(access: &Access, found: &WhoCan) -> Vec<(String, Answer)> {
    let rows = found.rows.iter();
    rows.map(|row| {
        (
            access.subject(row.subject).unwrap().arn.to_string(),
            row.answer,
        )
    })
    .collect()
}

#[test]
fn the_index_rejects_nobody_who_can() {
    let mut found = [0_usize; 2];
    for seed in 0..12 {
        let access = load(Maker(fastrand::Rng::with_seed(seed)).world());
        for action in ACTIONS {
            let question = |resource: Option<&str>| Question {
                action: Action::parse(action).unwrap(),
                resource: resource.map(Resource::parse),
                context: Context::open(),
            };
            let all = access.who_can(&question(None));
            let somewhere = answers(&access, &all);
            let is_asked = |id: SubjectId| id.0.is_multiple_of(2);
            let some = access.who_can_among(&question(None), is_asked).rows;
            let some: Vec<_> = some.iter().map(|row| (row.subject, row.answer)).collect();
            let asked = all.rows.iter().filter(|row| is_asked(row.subject));
            let expected: Vec<_> = asked.map(|row| (row.subject, row.answer)).collect();
            assert_eq!(some, expected, "seed {seed} {action}");
            for resource in RESOURCES {
                let question = question(Some(resource));
                let fast = answers(&access, &access.who_can(&question));
                assert_eq!(
                    fast,
                    answers(&access, &access.who_can_slowly(&question)),
                    "seed {seed} {action} {resource}"
                );
                // Who can on this resource can on some resource; a request without one is of no role or key.
                let has_resources = action != "sts:AssumeRole" || resource.contains(":role/");
                for (arn, answer) in fast.iter().filter(|_| has_resources) {
                    let known = somewhere.iter().find(|(own, _)| own == arn);
                    // What is not known of a role in an account that is not collected cannot be listed.
                    assert!(
                        known.is_some(),
                        "seed {seed}: {arn} can {answer:?} {action} on {resource}, and not on some resource"
                    );
                    found[usize::from(*answer == Answer::Yes)] += 1;
                }
            }
        }
    }
    assert!(found.iter().all(|count| *count > 100), "{found:?}");
}
