//! What is minimised as one: a document with all the principals that have it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_access::{Access, PolicyId, PolicyKind, SubjectId, SubjectKind};
use leastgrant_policy::size::PolicyUse;
use leastgrant_policy::{Policy, Quota};

use crate::fit::Room;
use crate::tables::{PermissionSet, Tables};

/// What a policy is part of, or is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// Inside a user, role, group or permission set.
    Inline,
    /// A customer-managed policy.
    CustomerManaged,
    /// One of AWS's, as one owner has it: a policy of one's own takes its place.
    AwsManaged,
}

/// Where a policy stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// Twelve digits; empty for a permission set's.
    pub account_id: String,
    /// The ARN of what it is part of or attached to; of a customer-managed policy its own.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The policy's ARN; of an inline policy the owner's.
    pub arn: String,
}

/// A document with its users.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) source: Source,
    pub(crate) document: &'a Policy,
    /// Principals that have it.
    pub(crate) members: BTreeSet<SubjectId>,
    /// Users, roles, groups and permission sets that it is attached to, or that it is inside of.
    pub(crate) attached_to: BTreeSet<String>,
    /// Why it stays as it is, whoever needs what.
    pub(crate) untouchable: Option<String>,
}

/// All units, and for each principal which unit its policies are.
#[derive(Debug, Default)]
pub(crate) struct Units<'a> {
    pub(crate) all: Vec<Unit<'a>>,
    /// In the order of the principal's policies that are known.
    pub(crate) of_principal: HashMap<SubjectId, Vec<usize>>,
}

impl<'a> Units<'a> {
    /// These principals and all with whom they share policies, directly or through others: what becomes of a policy depends on all
    /// who have it.
    pub(crate) fn related(&self, of: impl Iterator<Item = SubjectId>) -> BTreeSet<SubjectId> {
        let mut related: BTreeSet<SubjectId> = of.collect();
        let mut open: Vec<SubjectId> = related.iter().copied().collect();
        let mut seen = vec![false; self.all.len()];
        while let Some(id) = open.pop() {
            for number in self.of_principal.get(&id).into_iter().flatten() {
                let (Some(seen), Some(unit)) = (seen.get_mut(*number), self.all.get(*number))
                else {
                    continue;
                };
                if !std::mem::replace(seen, true) {
                    let new = unit
                        .members
                        .iter()
                        .filter(|member| related.insert(**member));
                    open.extend(new);
                }
            }
        }
        related
    }

    pub(crate) fn of(access: &'a Access, tables: &'a Tables) -> Self {
        let mut found: BTreeMap<Source, Unit<'a>> = BTreeMap::new();
        let mut sources: HashMap<SubjectId, Vec<Source>> = HashMap::new();
        let boundaries: BTreeSet<PolicyId> = access
            .principals()
            .filter_map(|(_, subject)| subject.boundary)
            .collect();
        for (id, subject) in access.principals() {
            if subject.kind == SubjectKind::Root {
                continue;
            }
            let set = tables.permission_set_of(&subject.arn);
            for attachment in &subject.identity {
                let (Some(policy), Some(document)) = (
                    access.policy(attachment.policy),
                    access.document(attachment.policy),
                ) else {
                    continue;
                };
                let group = attachment.group.as_deref().map(|name| {
                    let arn = tables.group_arn(&subject.account_id, name);
                    arn.unwrap_or(name).to_owned()
                });
                let is_of_group = group.is_some();
                let owner = match (set, group) {
                    (Some(set), None) => set.arn.clone(),
                    (_, Some(group)) => group,
                    (None, None) => subject.arn.to_string(),
                };
                let source = source(&subject.account_id, owner.clone(), policy, set.is_some());
                let unit = found.entry(source.clone()).or_insert_with(|| Unit {
                    untouchable: untouchable(access, tables, &source, set, is_of_group),
                    document,
                    members: BTreeSet::new(),
                    attached_to: BTreeSet::new(),
                    source: source.clone(),
                });
                if unit.document != document {
                    unit.untouchable = Some(
                        "the accounts' roles of the permission set have different documents"
                            .to_owned(),
                    );
                }
                if boundaries.contains(&attachment.policy) {
                    unit.untouchable = Some("it is a permissions boundary too".to_owned());
                }
                unit.members.insert(id);
                unit.attached_to.insert(owner);
                sources.entry(id).or_default().push(source);
            }
        }
        let numbers: HashMap<Source, usize> = found
            .keys()
            .cloned()
            .enumerate()
            .map(|(number, source)| (source, number))
            .collect();
        Self {
            of_principal: sources
                .into_iter()
                .map(|(id, sources)| {
                    let numbers = sources.iter().filter_map(|source| numbers.get(source));
                    (id, numbers.copied().collect())
                })
                .collect(),
            all: found.into_values().collect(),
        }
    }
}

fn source(
    account_id: &str,
    owner: String,
    policy: &leastgrant_access::NamedPolicy,
    is_of_set: bool,
) -> Source {
    let name = policy.name.to_string();
    let account_id = account_id.to_owned();
    match policy.kind {
        PolicyKind::Managed if is_of_aws(&policy.arn) => Source {
            kind: SourceKind::AwsManaged,
            account_id: if is_of_set { String::new() } else { account_id },
            owner,
            name,
            arn: policy.arn.to_string(),
        },
        PolicyKind::Managed => Source {
            kind: SourceKind::CustomerManaged,
            account_id,
            owner: policy.arn.to_string(),
            name,
            arn: policy.arn.to_string(),
        },
        _ => Source {
            kind: SourceKind::Inline,
            account_id: if is_of_set { String::new() } else { account_id },
            arn: owner.clone(),
            owner,
            name,
        },
    }
}

/// `arn:aws:iam::aws:policy/…`, in any partition.
pub(crate) fn is_of_aws(arn: &str) -> bool {
    arn.split(':').nth(4) == Some("aws")
}

fn untouchable(
    access: &Access,
    tables: &Tables,
    source: &Source,
    set: Option<&PermissionSet>,
    is_of_group: bool,
) -> Option<String> {
    if let Some(set) = set
        && source.owner == set.arn
    {
        return tables.why_not_known(set);
    }
    if is_of_group || source.kind == SourceKind::CustomerManaged {
        let hidden = access.hiding_principals(&source.account_id);
        if let Some(first) = hidden.first() {
            return Some(format!("other principals may have it: {first}"));
        }
    }
    if source.kind == SourceKind::CustomerManaged {
        let (known, all) = tables.attachments(&source.account_id, &source.arn);
        if all.is_some_and(|all| all != known) {
            return Some(format!(
                "it is attached to {} principals, and the inventory has {known}",
                all.unwrap_or_default()
            ));
        }
    }
    None
}

impl Unit<'_> {
    /// What its documents may take: of inline policies what the owner's others leave.
    pub(crate) fn room(&self, others: usize, most_attached: usize) -> Room {
        let of_use = |policy_use| Quota::of(policy_use).map_or(0, |quota| quota.limit);
        let kind = self.source.owner.rsplit(':').next().unwrap_or_default();
        match self.source.kind {
            SourceKind::Inline => Room {
                characters: of_use(match kind.split('/').next() {
                    Some("user") => PolicyUse::UserInline,
                    Some("group") => PolicyUse::GroupInline,
                    // Also permission sets, whose own policy becomes a role's.
                    _ => PolicyUse::RoleInline,
                })
                .saturating_sub(others),
                documents: 1,
            },
            SourceKind::CustomerManaged | SourceKind::AwsManaged => Room {
                characters: of_use(PolicyUse::Managed),
                // Each of an owner's policies may become several, so that they share what is left of its quota.
                documents: 1 + MANAGED_POLICIES.saturating_sub(most_attached)
                    / most_attached.max(1),
            },
        }
    }
}

/// Managed policies of one user, group or role (IAM User Guide, "IAM and AWS STS quotas"): 10 without an increase.
pub(crate) const MANAGED_POLICIES: usize = 10;
