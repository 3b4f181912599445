//! Which roles a role can go on to assume.

use std::collections::{BTreeSet, HashMap};

use leastgrant_access::{Access, Answer, Subject, SubjectId, SubjectKind};
use leastgrant_policy::principal::{PrincipalKind, is_account_id};
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, Context, Effect, Resource};

use super::accounts::ASSUME_ROLE;
use super::values::missing;
use crate::granted::may_be_allowed;

/// More roles than these are not asked about for one role.
pub(crate) const MOST_ASKED: usize = 1_000;

/// Roles by whom their trust policies name, so that few have to be asked about.
#[derive(Debug, Default)]
pub(crate) struct AssumableRoles {
    by_arn: HashMap<Box<str>, Vec<SubjectId>>,
    by_account: HashMap<Box<str>, Vec<SubjectId>>,
    of_everybody: Vec<SubjectId>,
}

/// The roles that a role can assume.
#[derive(Debug, Default)]
pub(crate) struct Onward {
    /// ARNs, sorted.
    pub roles: Vec<String>,
    /// What is missing to tell it of others, in words.
    pub unknowns: BTreeSet<String>,
    pub is_cut: bool,
}

impl AssumableRoles {
    pub(crate) fn new(access: &Access) -> Self {
        let mut index = Self::default();
        for (id, subject) in access.principals() {
            if subject.kind != SubjectKind::Role {
                continue;
            }
            let trust = access.resource_policy(&subject.arn);
            let statements = trust.and_then(|trust| access.document(trust)).into_iter();
            let allows = statements
                .flat_map(|policy| &policy.statements)
                .filter(|statement| statement.effect == Effect::Allow);
            for element in allows.filter_map(|statement| statement.principal.as_ref()) {
                if element.is_negated {
                    index.of_everybody.push(id);
                    continue;
                }
                for entry in &element.entries {
                    index.add(id, entry.kind, &entry.text);
                }
            }
        }
        index
    }

    fn add(&mut self, id: SubjectId, kind: PrincipalKind, text: &str) {
        if text == "*" && matches!(kind, PrincipalKind::Everyone | PrincipalKind::Aws) {
            self.of_everybody.push(id);
            return;
        }
        if kind != PrincipalKind::Aws {
            return;
        }
        let account = match arn_fields(text) {
            Some([.., account, "root"]) => Some(account),
            Some(_) => None,
            None => Some(text).filter(|text| is_account_id(text)),
        };
        match account {
            Some(account) => self.by_account.entry(account.into()).or_default().push(id),
            None => self.by_arn.entry(text.into()).or_default().push(id),
        }
    }

    /// The roles that a role can assume by its policies and theirs.
    pub(crate) fn from(&self, access: &Access, role: &Subject) -> Onward {
        let mut onward = Onward::default();
        let Some(action) = Action::parse(ASSUME_ROLE) else {
            return onward;
        };
        let named = self.by_arn.get(&role.arn).into_iter().flatten();
        let mut candidates: BTreeSet<SubjectId> = named.copied().collect();
        // `*` means the callers of the account themselves; those who are only trusted with their account need an Allow of their own.
        candidates.extend(&self.of_everybody);
        if may_be_allowed(access, role, &action) {
            candidates.extend(self.by_account.get(&role.account_id).into_iter().flatten());
        }
        onward.is_cut = candidates.len() > MOST_ASKED;
        // What AssumeRole gives says nothing of MFA (IAM User Guide, "Configuring MFA-protected API access").
        let mut context = Context::open();
        for key in ["aws:multifactorauthpresent", "aws:multifactorauthage"] {
            context.insert(key, missing());
        }
        for id in candidates.into_iter().take(MOST_ASKED) {
            let Some(target) = access.subject(id).filter(|target| target.arn != role.arn) else {
                continue;
            };
            let resource = Resource::parse(&target.arn);
            let verdict = access.decide(role, &action, &resource, &context);
            match verdict.answer {
                Answer::No => {}
                Answer::Yes | Answer::Depends => onward.roles.push(target.arn.to_string()),
                Answer::Unknown => onward.unknowns.extend(
                    verdict
                        .unknowns
                        .iter()
                        .map(|unknown| unknown.reason.to_string()),
                ),
            }
        }
        onward.roles.sort();
        onward
    }
}
