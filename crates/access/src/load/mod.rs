//! An inventory's tables to principals with their policies.

mod coverage;
mod documents;
mod organization;
mod principals;

use std::collections::HashMap;

use leastgrant_inventory::tables::{AccountRow, ResourcePolicyRow};
use leastgrant_inventory::{DataKind, Error, Inventory, Text, is_account};

use leastgrant_policy::Policy;
use leastgrant_policy::evaluate::Member;

use crate::policy::Document;
use crate::subject::Account;
use crate::{Access, NamedPolicy, PolicyGap, PolicyId, PolicyKind, Unknown};
use documents::Documents;

/// Policies as they are met; documents are read when all are known.
#[derive(Debug, Default)]
struct Policies {
    named: Vec<NamedPolicy>,
    documents: Documents,
}

impl Policies {
    fn add(
        &mut self,
        kind: PolicyKind,
        name: &str,
        arn: &str,
        document: Result<Text, String>,
    ) -> PolicyId {
        let id = PolicyId(self.named.len());
        self.named.push(NamedPolicy {
            kind,
            name: name.into(),
            arn: arn.into(),
            document: match document {
                Ok(text) => Document::Known(self.documents.add(text)),
                Err(reason) => Document::NotKnown(reason.into()),
            },
        });
        id
    }
}

impl Access {
    /// Reads the policies of all principals of an inventory, each distinct document once.
    ///
    /// # Errors
    /// A table that is missing or damaged. A document that cannot be read is no error but an [`crate::Unknown`].
    pub fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut policies = Policies::default();
        let mut accounts = organization::load(inventory, &mut policies)?;
        let mut resource_policies = HashMap::new();
        let resource_rows: Vec<ResourcePolicyRow> = inventory.read()?;
        let has_resource_policies = !resource_rows.is_empty()
            || inventory
                .manifest()
                .sources
                .iter()
                .any(|source| source.kind == DataKind::ResourcePolicies);
        let mut resource_owners = HashMap::new();
        for row in resource_rows {
            if !row.account_id.is_empty() {
                resource_owners.insert(
                    row.resource_arn.as_str().into(),
                    row.account_id.into_boxed_str(),
                );
            }
            let id = policies.add(
                PolicyKind::Resource,
                &row.resource_arn,
                &row.resource_arn,
                Ok(row.document),
            );
            resource_policies
                .entry(row.resource_arn.into_boxed_str())
                .or_insert(id);
        }
        let (mut subjects, groups) =
            principals::load(inventory, &mut policies, &mut resource_policies)?;
        let account_rows: Vec<AccountRow> = inventory.read()?;
        let coverage = coverage::complete(inventory, &account_rows, &accounts.by_id, &mut subjects);
        subjects.sort_by(|one, other| one.arn.cmp(&other.arn));
        subjects.dedup_by(|one, other| one.arn == other.arn);
        let organization_collected = accounts.organization_collected;
        for row in &account_rows {
            accounts
                .by_id
                .entry(row.account_id.as_str().into())
                .or_insert_with(|| Account {
                    membership: accounts.membership_of_strangers,
                    ..Account::default()
                });
        }
        for gap in inventory.manifest().gaps.iter().filter(|gap| {
            gap.unknowable.contains(&DataKind::Organization)
                // Without it a document or the management account is missing, which is said where it matters.
                && !["organizations:DescribePolicy", "organizations:DescribeOrganization"]
                    .iter()
                    .any(|call| gap.reason.contains(call) || gap.source.contains(call))
        }) {
            for account in accounts.by_id.values_mut().filter(|account| {
                organization_collected && account.membership != crate::Membership::Management
            }) {
                account.unknowns.push(Unknown::new(
                    Member::ServiceControl,
                    format!("`{}` {}", gap.source, gap.reason),
                ));
            }
        }
        let mut notes = Vec::new();
        if !organization_collected {
            notes.push("no organisation was collected: service and resource control policies, if there are any, were not taken into account".to_owned());
        }
        if organization_collected && !accounts.policies_collected {
            notes.push("no service control policies were collected of the organisation: if there are any, they were not taken into account".to_owned());
        }
        for (account_id, account) in &accounts.by_id {
            if account.membership == crate::Membership::Outside {
                notes.push(format!("the account {account_id} is not in the organisation that was collected: no service or resource control policy was taken into account for it"));
            }
        }
        notes.extend(coverage.notes);
        let sources = inventory.manifest().sources_of(DataKind::ResourcePolicies);
        let account_ids = account_rows.iter().map(|row| &*row.account_id);
        let lacking: Vec<&str> = account_ids
            .filter(|account_id| !sources.contains_key(account_id))
            .collect();
        if has_resource_policies && !lacking.is_empty() {
            notes.push(format!(
                "no resource policies were collected of {}: what those of its resources grant or deny was not taken into account",
                lacking.join(", ")
            ));
        }
        if !has_resource_policies {
            notes.push("no resource policies were collected beside trust policies: what a resource's own policy grants or denies was not taken into account".to_owned());
        }
        let (documents, named) = policies.documents.read(policies.named);
        let subject_by_arn = subjects
            .iter()
            .enumerate()
            .map(|(index, subject)| (subject.arn.clone(), crate::SubjectId(index)))
            .collect();
        let delegates = accounts
            .by_id
            .keys()
            .filter_map(|account_id| {
                let text = format!(
                    r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account_id}"}},"Action":"*","Resource":"*"}}}}"#
                );
                // An account's id that is no id makes no policy; nothing is delegated to it then.
                Some((account_id.clone(), Policy::parse(&text).ok()?))
            })
            .collect();
        let mut access = Self {
            documents,
            policies: named,
            subjects,
            subject_by_arn,
            groups,
            accounts: accounts.by_id,
            resource_policies,
            resource_owners,
            delegates,
            gaps: gaps(inventory),
            notes,
            accounts_with_roles: coverage.with_roles,
            absent_accounts: coverage.absent,
            missing_principals: coverage.missing,
            hiding: coverage.hiding,
            strays: accounts.strays,
            sessions: HashMap::new(),
        };
        access.put_sessions();
        Ok(access)
    }
}

/// Gaps of the inventory in which policies, groups or the organisation may have been.
fn gaps(inventory: &Inventory) -> Vec<PolicyGap> {
    let member = |kind: DataKind| match kind {
        DataKind::Anything
        | DataKind::AuthorizationDetails
        | DataKind::Groups
        | DataKind::Policies => Some(Member::Identity),
        DataKind::Organization => Some(Member::ServiceControl),
        DataKind::ResourcePolicies => Some(Member::Resource),
        _ => None,
    };
    let gaps = inventory.manifest().gaps.iter();
    gaps.filter_map(|gap| {
        let member = gap.unknowable.iter().find_map(|kind| member(*kind))?;
        Some(PolicyGap {
            account_id: gap.account_id.as_deref().map(Into::into),
            unknown: Unknown::new(member, format!("`{}` {}", gap.source, gap.reason)),
            service: (member == Member::Resource)
                .then(|| service_of(&gap.source))
                .flatten()
                .map(Into::into),
        })
    })
    .collect()
}

/// The service whose resources a call is about that failed, where a collection from AWS names it: `ACCOUNT/CALL` or
/// `ACCOUNT/CALL(PARAMETERS)`. Of a file it is not known.
fn service_of(source: &str) -> Option<&str> {
    const CALLS: [&str; 15] = [
        "s3:ListBuckets",
        "s3:GetBucketPolicy",
        "kms:ListKeys",
        "kms:GetKeyPolicy",
        "sns:ListTopics",
        "sns:GetTopicAttributes",
        "sqs:ListQueues",
        "sqs:GetQueueAttributes",
        "lambda:ListFunctions",
        "lambda:ListAliases",
        "lambda:GetPolicy",
        "secretsmanager:ListSecrets",
        "secretsmanager:GetResourcePolicy",
        "ecr:DescribeRepositories",
        "ecr:GetRepositoryPolicy",
    ];
    let (account_id, call) = source.split_once('/')?;
    let call = call.split('(').next().unwrap_or_default();
    let (service, _) = call.split_once(':')?;
    (is_account(account_id) && CALLS.contains(&call)).then_some(service)
}
