//! Small made-up accounts for tests, put together principal by principal.

use leastgrant_inventory::tables::{
    AccessKeyRow, AccountRow, GroupMembershipRow, GroupRow, InlinePolicyRow, InstanceProfileRow,
    ManagedPolicyRow, OrganizationAccountRow, OrganizationPolicyRow, OrganizationPolicyTargetRow,
    OrganizationRow, OrganizationalUnitRow, PolicyAttachmentRow, PolicyVersionRow, RoleRow, TagRow,
    UserRow,
};
use leastgrant_inventory::{
    DataKind, Dataset, DatedBy, Inventory, MANIFEST_SCHEMA, Manifest, Source,
};
use leastgrant_policy::Context;
use leastgrant_policy::scalar::Instant;

use crate::Access;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

/// A statement that allows these actions, separated by spaces, on a resource.
pub(crate) fn allow(actions: &str, resource: &str) -> String {
    statement("Allow", actions, resource)
}

pub(crate) fn deny(actions: &str, resource: &str) -> String {
    statement("Deny", actions, resource)
}

fn statement(effect: &str, actions: &str, resource: &str) -> String {
    let actions: Vec<&str> = actions.split(' ').collect();
    format!(
        r#"{{"Effect":"{effect}","Action":{},"Resource":"{resource}"}}"#,
        serde_json::to_string(&actions).unwrap()
    )
}

/// A trust policy for one principal: an ARN, an account, `*` or a service's host.
pub(crate) fn trust(principal: &str) -> String {
    let kind = match principal.ends_with(".amazonaws.com") {
        true => "Service",
        false => "AWS",
    };
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"{kind}":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

pub(crate) fn document(statements: &[&str]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

pub(crate) fn arn(kind_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}")
}

/// An open context at the instant that all tests take for now.
pub(crate) fn context() -> Context {
    Context::open().at_or_after(Instant::parse("2026-01-31T00:00:00Z").unwrap())
}

/// An account that is being put together.
#[derive(Default)]
pub(crate) struct Small {
    pub data: Dataset,
}

impl Small {
    pub(crate) fn new() -> Self {
        let mut small = Self::default();
        small.data.accounts.push(AccountRow {
            account_id: ACCOUNT.to_owned(),
            partition: "aws".to_owned(),
            ..Default::default()
        });
        small
    }

    /// A user with one inline policy of these statements, if there are any, and with no key and no password.
    pub(crate) fn user(&mut self, name: &str, statements: &[&str]) -> &mut Self {
        self.data.users.push(UserRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn(&format!("user/{name}")),
            user_name: name.to_owned(),
            details_known: true,
            access_keys_known: true,
            password_enabled: Some(false),
            ..Default::default()
        });
        self.inline(&format!("user/{name}"), statements)
    }

    pub(crate) fn role(&mut self, name: &str, trust: &str, statements: &[&str]) -> &mut Self {
        self.data.roles.push(RoleRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn(&format!("role/{name}")),
            role_name: name.rsplit('/').next().unwrap().to_owned(),
            trust_policy: Some(trust.into()),
            ..Default::default()
        });
        self.inline(&format!("role/{name}"), statements)
    }

    pub(crate) fn group(&mut self, name: &str, statements: &[&str], members: &[&str]) -> &mut Self {
        let group_arn = arn(&format!("group/{name}"));
        self.data.groups.push(GroupRow {
            account_id: ACCOUNT.to_owned(),
            arn: group_arn.clone(),
            group_name: name.to_owned(),
            ..Default::default()
        });
        for member in members {
            self.data.group_memberships.push(GroupMembershipRow {
                account_id: ACCOUNT.to_owned(),
                user_arn: arn(&format!("user/{member}")),
                group_name: name.to_owned(),
                group_arn: Some(group_arn.clone()),
            });
        }
        self.inline(&format!("group/{name}"), statements)
    }

    fn inline(&mut self, whose: &str, statements: &[&str]) -> &mut Self {
        if !statements.is_empty() {
            self.data.inline_policies.push(InlinePolicyRow {
                account_id: ACCOUNT.to_owned(),
                principal_arn: arn(whose),
                policy_name: "inline".to_owned(),
                document: document(statements).into(),
            });
        }
        self
    }

    /// A customer-managed policy, whose later versions are not in force.
    pub(crate) fn managed(&mut self, name: &str, versions: &[&str]) -> &mut Self {
        let policy_arn = arn(&format!("policy/{name}"));
        self.data.managed_policies.push(ManagedPolicyRow {
            account_id: ACCOUNT.to_owned(),
            arn: policy_arn.clone(),
            policy_name: name.to_owned(),
            default_version_id: Some("v1".to_owned()),
            ..Default::default()
        });
        for (index, version) in versions.iter().enumerate() {
            self.data.policy_versions.push(PolicyVersionRow {
                account_id: ACCOUNT.to_owned(),
                policy_arn: policy_arn.clone(),
                version_id: format!("v{}", index + 1),
                is_default: index == 0,
                document: Some(document(&[version]).into()),
                ..Default::default()
            });
        }
        self
    }

    pub(crate) fn attach(&mut self, whose: &str, policy_arn: &str) -> &mut Self {
        self.data.policy_attachments.push(PolicyAttachmentRow {
            account_id: ACCOUNT.to_owned(),
            principal_arn: arn(whose),
            policy_arn: policy_arn.to_owned(),
            policy_name: "attached".to_owned(),
        });
        self
    }

    /// Makes a managed policy the boundary of the user that was added last.
    pub(crate) fn user_boundary(&mut self, policy: &str) -> &mut Self {
        let user = self.data.users.last_mut().unwrap();
        user.permissions_boundary_arn = Some(arn(&format!("policy/{policy}")));
        self
    }

    /// The keys of the user that was added last.
    /// Tags a user or role.
    pub(crate) fn tag(&mut self, whose: &str, key: &str, value: &str) -> &mut Self {
        self.data.tags.push(TagRow {
            account_id: ACCOUNT.to_owned(),
            resource_arn: arn(whose),
            key: key.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    pub(crate) fn keys(&mut self, count: usize) -> &mut Self {
        let user_arn = self.data.users.last().unwrap().arn.clone();
        for number in 0..count {
            self.data.access_keys.push(AccessKeyRow {
                account_id: ACCOUNT.to_owned(),
                user_arn: user_arn.clone(),
                access_key_id: Some(format!("AKIA{number}")),
                ..Default::default()
            });
        }
        self
    }

    pub(crate) fn profile(&mut self, role: &str) -> &mut Self {
        self.data.instance_profiles.push(InstanceProfileRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn(&format!("instance-profile/{role}")),
            name: role.to_owned(),
            role_arn: Some(arn(&format!("role/{role}"))),
            ..Default::default()
        });
        self
    }

    /// Puts the account below a root with this service control policy.
    pub(crate) fn organization(&mut self, statements: &[&str]) -> &mut Self {
        self.data.organizations.push(OrganizationRow {
            organization_id: "o-1".to_owned(),
            management_account_id: Some("999988887777".to_owned()),
            ..Default::default()
        });
        self.data.organizational_units.push(OrganizationalUnitRow {
            id: "r-1".to_owned(),
            ..Default::default()
        });
        self.data
            .organization_accounts
            .push(OrganizationAccountRow {
                account_id: ACCOUNT.to_owned(),
                parent_id: Some("r-1".to_owned()),
                ..Default::default()
            });
        self.data.organization_policies.push(OrganizationPolicyRow {
            policy_id: "p-1".to_owned(),
            policy_type: Some("SERVICE_CONTROL_POLICY".to_owned()),
            document: Some(document(statements).into()),
            ..Default::default()
        });
        for target in ["r-1", ACCOUNT] {
            self.data
                .organization_policy_targets
                .push(OrganizationPolicyTargetRow {
                    policy_id: "p-1".to_owned(),
                    target_id: target.to_owned(),
                    ..Default::default()
                });
        }
        self
    }

    pub(crate) fn inventory(&self) -> (tempfile::TempDir, Inventory) {
        let mut data = self.data.clone();
        data.sort();
        let at = "2026-01-31T00:00:00Z".parse().unwrap();
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            tool_version: String::new(),
            catalogue_version: None,
            accounts: vec![ACCOUNT.to_owned()],
            collected_at: None,
            arguments: Vec::new(),
            sources: vec![Source {
                account_id: Some(ACCOUNT.to_owned()),
                kind: DataKind::AuthorizationDetails,
                answers: 1,
                collected_at: at,
                earliest: at,
                dated_by: DatedBy::Source,
                complete: true,
            }],
            gaps: Vec::new(),
            usage: Vec::new(),
            tables: Vec::new(),
        };
        let folder = tempfile::tempdir().unwrap();
        leastgrant_inventory::write(folder.path(), data, manifest).unwrap();
        let inventory = Inventory::open(folder.path()).unwrap();
        (folder, inventory)
    }

    pub(crate) fn load(&self) -> Access {
        let (_folder, inventory) = self.inventory();
        Access::load(&inventory).unwrap()
    }
}
