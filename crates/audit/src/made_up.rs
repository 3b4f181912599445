//! Small made-up inventories for the tests of rules.

use leastgrant_inventory::tables::{
    AccountRow, OrganizationAccountRow, OrganizationRow, RoleRow, UserRow,
};
use leastgrant_inventory::{
    DataKind, Dataset, DatedBy, Gap, Inventory, MANIFEST_SCHEMA, Manifest, Source, Timestamp,
};

use crate::{AuditOutcome, RuleSelection, Settings, audit};

pub(crate) const ACCOUNT: &str = "111122223333";
/// A neighbour in the organisation, of which nothing was collected.
pub(crate) const NEIGHBOUR: &str = "444455556666";
/// An account that nobody knows.
pub(crate) const STRANGER: &str = "555566667777";
/// A vendor that the settings know.
pub(crate) const VENDOR: &str = "999988887777";
pub(crate) const ORGANIZATION: &str = "o-ours000000";

pub(crate) fn now() -> Timestamp {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

/// An inventory in the making: one account, whose authorization details were read whole.
pub(crate) struct World {
    pub data: Dataset,
    pub sources: Vec<Source>,
    pub gaps: Vec<Gap>,
    pub settings: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            data: Dataset::default(),
            sources: Vec::new(),
            gaps: Vec::new(),
            settings: String::new(),
        };
        world.data.accounts.push(AccountRow {
            account_id: ACCOUNT.to_owned(),
            partition: "aws".to_owned(),
            ..AccountRow::default()
        });
        world.source(Some(ACCOUNT), DataKind::AuthorizationDetails);
        world
    }

    /// The same in an organisation with a neighbour.
    pub(crate) fn in_organization() -> Self {
        let mut world = Self::new();
        world.data.organizations.push(OrganizationRow {
            organization_id: ORGANIZATION.to_owned(),
            arn: format!("arn:aws:organizations::{ACCOUNT}:organization/{ORGANIZATION}"),
            management_account_id: Some(ACCOUNT.to_owned()),
            ..OrganizationRow::default()
        });
        for account_id in [ACCOUNT, NEIGHBOUR] {
            world
                .data
                .organization_accounts
                .push(OrganizationAccountRow {
                    account_id: account_id.to_owned(),
                    ..OrganizationAccountRow::default()
                });
        }
        world.source(None, DataKind::Organization);
        world
    }

    pub(crate) fn source(&mut self, account_id: Option<&str>, kind: DataKind) {
        self.sources.push(Source {
            account_id: account_id.map(str::to_owned),
            kind,
            answers: 1,
            collected_at: now(),
            earliest: now(),
            dated_by: DatedBy::Source,
            complete: true,
        });
    }

    pub(crate) fn role(&mut self, name: &str, trust_policy: Option<&str>) {
        self.data.roles.push(RoleRow {
            account_id: ACCOUNT.to_owned(),
            arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            role_name: name.to_owned(),
            trust_policy: trust_policy.map(Into::into),
            created_at: Some(now()),
            ..RoleRow::default()
        });
    }

    pub(crate) fn user(&mut self, name: &str) -> String {
        let arn = user_arn(name);
        self.data.users.push(UserRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn.clone(),
            user_name: name.to_owned(),
            details_known: true,
            ..UserRow::default()
        });
        arn
    }

    /// What the rules say: a line a finding, `NAME RULE SEVERITY CONFIDENCE: DETAIL`, and what they could not judge.
    pub(crate) fn judge(self, rules: &[&str]) -> String {
        let outcome = self.audit(rules);
        let mut lines: Vec<String> = outcome
            .findings
            .iter()
            .map(|finding| {
                let name = finding.resource_arn.rsplit('/').next().unwrap();
                let (rule, detail) = (finding.rule, &finding.detail);
                let (severity, confidence) = (finding.severity.name(), finding.confidence.name());
                format!("{name}: {rule} {severity} {confidence}: {detail}")
            })
            .collect();
        lines.sort();
        let not_checked = outcome.not_checked.iter();
        lines.extend(not_checked.map(|own| format!("not checked: {}: {}", own.rule, own.reason)));
        lines.join("\n")
    }

    pub(crate) fn audit(self, rules: &[&str]) -> AuditOutcome {
        self.audit_by(&self.settings, rules)
    }

    pub(crate) fn audit_by(&self, settings: &str, rules: &[&str]) -> AuditOutcome {
        let (_folder, inventory) = self.inventory();
        let settings = Settings::from_toml(settings).unwrap();
        let selection = RuleSelection {
            only: rules.iter().map(|id| (*id).to_owned()).collect(),
        };
        audit(&inventory, &settings, &selection, now()).unwrap()
    }

    /// The inventory, in a folder that must stay until it is read.
    pub(crate) fn inventory(&self) -> (tempfile::TempDir, Inventory) {
        let folder = tempfile::tempdir().unwrap();
        let mut data = self.data.clone();
        data.sort();
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            tool_version: String::new(),
            catalogue_version: None,
            accounts: vec![ACCOUNT.to_owned()],
            collected_at: Some(now()),
            arguments: Vec::new(),
            sources: self.sources.clone(),
            gaps: self.gaps.clone(),
            usage: Vec::new(),
            tables: Vec::new(),
        };
        leastgrant_inventory::write(folder.path(), data, manifest).unwrap();
        let inventory = Inventory::open(folder.path()).unwrap();
        (folder, inventory)
    }
}

pub(crate) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}
