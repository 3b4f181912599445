//! Users, roles and root users with their own and their groups' policies.

use std::collections::HashMap;

use leastgrant_inventory::tables::{
    GroupMembershipRow, GroupRow, InlinePolicyRow, ManagedPolicyRow, PolicyAttachmentRow,
    PolicyVersionRow, RoleRow, UserRow,
};
use leastgrant_inventory::{DataKind, Error, Inventory, Text};
use leastgrant_policy::Principal;
use leastgrant_policy::evaluate::Member;

use super::Policies;
use crate::subject::{Attachment, Group, Subject, SubjectKind};
use crate::who_can::FRESH;
use crate::{PolicyId, PolicyKind, Unknown};

const NO_DOCUMENT: &str = "has no document of its default version in the inventory; collect authorization details or iam:GetPolicyVersion";

pub(super) fn load(
    inventory: &Inventory,
    policies: &mut Policies,
    resource_policies: &mut HashMap<Box<str>, PolicyId>,
) -> Result<(Vec<Subject>, Vec<Group>), Error> {
    let mut managed = Managed::load(inventory)?;
    let mut attached: HashMap<String, Vec<PolicyId>> = HashMap::new();
    for row in inventory.read::<InlinePolicyRow>()? {
        let id = policies.add(
            PolicyKind::Inline,
            &row.policy_name,
            &row.principal_arn,
            Ok(row.document),
        );
        attached.entry(row.principal_arn).or_default().push(id);
    }
    for row in inventory.read::<PolicyAttachmentRow>()? {
        let id = managed.policy(&row.account_id, &row.policy_arn, policies);
        attached.entry(row.principal_arn).or_default().push(id);
    }
    let groups: HashMap<String, GroupRow> = inventory
        .read::<GroupRow>()?
        .into_iter()
        .map(|group| (group.arn.clone(), group))
        .collect();
    let mut memberships: HashMap<String, Vec<GroupMembershipRow>> = HashMap::new();
    for row in inventory.read::<GroupMembershipRow>()? {
        memberships
            .entry(row.user_arn.clone())
            .or_default()
            .push(row);
    }
    let mut subjects = Vec::new();
    for row in inventory.read::<UserRow>()? {
        let kind = match row.is_root {
            true => SubjectKind::Root,
            false => SubjectKind::User,
        };
        let Some(mut subject) = subject(row.account_id, row.arn, row.user_name, kind, &attached)
        else {
            continue;
        };
        if kind == SubjectKind::User {
            if !row.details_known {
                subject.put_not_collected("policies and groups");
            }
            subject.boundary = row
                .permissions_boundary_arn
                .map(|arn| managed.policy(&subject.account_id, &arn, policies));
            for membership in memberships.get(&*subject.arn).into_iter().flatten() {
                join(&mut subject, membership, &groups, &attached);
            }
        }
        subjects.push(subject);
    }
    let all_details = inventory
        .manifest()
        .sources_of(DataKind::AuthorizationDetails);
    for row in inventory.read::<RoleRow>()? {
        let Some(mut subject) = subject(
            row.account_id,
            row.arn,
            row.role_name,
            SubjectKind::Role,
            &attached,
        ) else {
            continue;
        };
        let details = all_details.get(&*subject.account_id);
        // Lists of roles have neither inline nor attached policies; a role without any was perhaps only listed.
        if details.is_none_or(|details| !details.complete) && subject.identity.is_empty() {
            subject.put_not_collected("policies");
        }
        subject.boundary = row
            .permissions_boundary_arn
            .map(|arn| managed.policy(&subject.account_id, &arn, policies));
        let trust = row
            .trust_policy
            .ok_or_else(|| "was not collected".to_owned());
        let id = policies.add(PolicyKind::Trust, &subject.name, &subject.arn, trust);
        resource_policies.insert(subject.arn.clone(), id);
        subjects.push(subject);
    }
    Ok((subjects, all_groups(groups, memberships, &attached)))
}

/// The groups with their policies and members.
fn all_groups(
    groups: HashMap<String, GroupRow>,
    memberships: HashMap<String, Vec<GroupMembershipRow>>,
    attached: &HashMap<String, Vec<PolicyId>>,
) -> Vec<Group> {
    let mut members: HashMap<String, Vec<Box<str>>> = HashMap::new();
    for membership in memberships.into_values().flatten() {
        if let Some(group_arn) = membership.group_arn {
            let user_arn = membership.user_arn.into_boxed_str();
            members.entry(group_arn).or_default().push(user_arn);
        }
    }
    let groups = groups.into_values().filter_map(|group| {
        let policies = attached.get(&group.arn).cloned().unwrap_or_default();
        let mut members = members.remove(&group.arn).unwrap_or_default();
        members.sort_unstable();
        Some(Group {
            joiner: joiner(&group, &policies)?,
            policies,
            members,
            account_id: group.account_id.into(),
            arn: group.arn.into(),
            name: group.group_name.into(),
        })
    });
    let mut all: Vec<Group> = groups.collect();
    all.sort_by(|one, other| one.arn.cmp(&other.arn));
    all
}

fn joiner(group: &GroupRow, policies: &[PolicyId]) -> Option<Subject> {
    let partition = group.arn.split(':').nth(1)?;
    let arn = format!("arn:{partition}:iam::{}:user/{FRESH}", group.account_id);
    let policies = policies.iter().map(|policy| Attachment {
        policy: *policy,
        group: Some(group.group_name.as_str().into()),
    });
    Some(Subject {
        account_id: group.account_id.as_str().into(),
        kind: SubjectKind::User,
        identity: policies.collect(),
        ..Subject::without_policies(Principal::parse(&arn)?)
    })
}

fn subject(
    account_id: String,
    arn: String,
    name: String,
    kind: SubjectKind,
    attached: &HashMap<String, Vec<PolicyId>>,
) -> Option<Subject> {
    // What has no ARN of a caller cannot call; `collect` keeps only rows with one.
    let caller = Principal::parse(&arn)?;
    let own = attached.get(&arn).into_iter().flatten();
    Some(Subject {
        identity: own
            .map(|policy| Attachment {
                policy: *policy,
                group: None,
            })
            .collect(),
        account_id: account_id.into(),
        arn: arn.into(),
        name: name.into(),
        kind,
        caller,
        boundary: None,
        unknowns: Vec::new(),
    })
}

impl Subject {
    fn put_not_collected(&mut self, what: &str) {
        self.unknowns.push(Unknown::new(
            Member::Identity,
            format!(
                "{what} of `{}` were not collected; collect authorization details",
                self.arn
            ),
        ));
    }
}

fn join(
    subject: &mut Subject,
    membership: &GroupMembershipRow,
    groups: &HashMap<String, GroupRow>,
    attached: &HashMap<String, Vec<PolicyId>>,
) {
    let arn = membership.group_arn.as_deref();
    let Some(group) = arn.and_then(|arn| groups.get(arn)) else {
        subject.unknowns.push(Unknown::new(
            Member::Identity,
            format!(
                "the group `{}` of the account {} was not collected",
                membership.group_name, membership.account_id
            ),
        ));
        return;
    };
    let policies = attached.get(&group.arn).into_iter().flatten();
    subject.identity.extend(policies.map(|policy| Attachment {
        policy: *policy,
        group: Some(group.group_name.as_str().into()),
    }));
}

/// Managed policies by account and ARN: two accounts may have seen two versions of one of AWS's.
struct Managed {
    names: HashMap<String, String>,
    documents: HashMap<(String, String), Text>,
    /// The same by ARN alone, for policies of AWS.
    of_any_account: HashMap<String, Text>,
    known: HashMap<(String, String), PolicyId>,
}

impl Managed {
    fn load(inventory: &Inventory) -> Result<Self, Error> {
        let mut names = HashMap::new();
        let mut defaults: HashMap<(String, String), String> = HashMap::new();
        for row in inventory.read::<ManagedPolicyRow>()? {
            names.insert(row.arn.clone(), row.policy_name);
            if let Some(version) = row.default_version_id {
                defaults.insert((row.account_id, row.arn), version);
            }
        }
        let mut documents = HashMap::new();
        let mut of_any_account = HashMap::new();
        for row in inventory.read::<PolicyVersionRow>()? {
            let key = (row.account_id, row.policy_arn);
            let is_default = match defaults.get(&key) {
                Some(version) => *version == row.version_id,
                None => row.is_default,
            };
            if let Some(document) = row.document.filter(|_| is_default) {
                of_any_account.insert(key.1.clone(), document.clone());
                documents.insert(key, document);
            }
        }
        Ok(Self {
            names,
            documents,
            of_any_account,
            known: HashMap::new(),
        })
    }

    fn policy(&mut self, account_id: &str, arn: &str, policies: &mut Policies) -> PolicyId {
        let key = (account_id.to_owned(), arn.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let document = self
            .documents
            .get(&key)
            .or_else(|| self.of_any_account.get(arn))
            .cloned()
            .ok_or_else(|| NO_DOCUMENT.to_owned());
        let name = match self.names.get(arn) {
            Some(name) => name,
            None => arn.rsplit('/').next().unwrap_or(arn),
        };
        let id = policies.add(PolicyKind::Managed, name, arn, document);
        self.known.insert(key, id);
        id
    }
}
