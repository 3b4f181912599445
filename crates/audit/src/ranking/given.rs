//! What a group, a managed policy or a permission set gives to whoever has it.

use leastgrant_access::{Access, Group};
use leastgrant_catalog::Catalog;
use leastgrant_policy::Policy;

use super::privilege::{Privilege, QUESTIONS};
use crate::attachment_facts::{AttachmentFacts, ManagedPolicyFacts};
use crate::granted::{allowed_by, allows_everything};
use crate::{Finding, ResourceType};

/// What things give, beside principals.
pub(crate) trait Gifts {
    /// The worst that whoever has what the finding is about can do by it.
    fn of(&self, finding: &Finding) -> Privilege;
}

/// What the documents of an inventory give.
pub(crate) struct DocumentGifts<'a> {
    pub access: &'a Access,
    /// Where a finding is about a policy or a permission set.
    pub attachments: Option<&'a AttachmentFacts>,
}

impl Gifts for DocumentGifts<'_> {
    fn of(&self, finding: &Finding) -> Privilege {
        let given = match finding.resource_type {
            ResourceType::Group => self.of_group(&finding.resource_arn),
            ResourceType::Policy => self.of_policy(&finding.account_id, &finding.resource_arn),
            ResourceType::PermissionSet => {
                self.of_permission_set(&finding.account_id, &finding.resource_arn)
            }
            ResourceType::User | ResourceType::Role | ResourceType::Root => None,
        };
        given.unwrap_or(Privilege::Unknown)
    }
}

impl DocumentGifts<'_> {
    fn of_group(&self, arn: &str) -> Option<Privilege> {
        let mut groups = self.access.groups().iter();
        let group: &Group = groups.find(|group| &*group.arn == arn)?;
        let documents = group.policies.iter().map(|id| self.access.document(*id));
        Some(by_documents(&documents.collect::<Vec<_>>()))
    }

    fn of_policy(&self, account_id: &str, arn: &str) -> Option<Privilege> {
        let document = in_force(self.attachments?.policy(account_id, arn)?);
        Some(by_documents(&[document.as_ref()]))
    }

    /// Policies that each account has under the same name are not known here.
    fn of_permission_set(&self, account_id: &str, arn: &str) -> Option<Privilege> {
        let facts = self.attachments?;
        let set = facts.permission_set(arn)?;
        let inline = set.row.inline_policy.as_ref();
        let mut documents: Vec<Option<Policy>> = inline
            .map(|text| Policy::parse(text).ok())
            .into_iter()
            .collect();
        documents.extend(set.policies.iter().map(|row| {
            let policy_arn = row.policy_arn.as_deref()?;
            in_force(facts.policy(account_id, policy_arn)?)
        }));
        let documents: Vec<Option<&Policy>> = documents.iter().map(Option::as_ref).collect();
        Some(by_documents(&documents))
    }
}

fn in_force(policy: &ManagedPolicyFacts) -> Option<Policy> {
    Policy::parse(policy.default_version()?.document.as_ref()?).ok()
}

/// The worst that documents give together; one that is missing may give anything.
fn by_documents(documents: &[Option<&Policy>]) -> Privilege {
    let known: Vec<&Policy> = documents.iter().copied().flatten().collect();
    if allows_everything(&known) {
        return Privilege::Everything;
    }
    let allowed = allowed_by(&known);
    let is_allowed = |name: &&&str| {
        let action = Catalog::get().action(name);
        action.is_some_and(|action| allowed.contains(action.id()))
    };
    let told = QUESTIONS
        .iter()
        .find(|(_, actions)| actions.iter().any(|name| is_allowed(&name)))
        .map_or(Privilege::Little, |(privilege, _)| *privilege);
    match known.len() == documents.len() {
        true => told,
        false => told.max(Privilege::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(documents: &[Option<&str>]) -> Privilege {
        let parsed: Vec<Option<Policy>> = documents
            .iter()
            .map(|text| {
                let statement = text.as_ref()?;
                let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
                Some(Policy::parse(&text).unwrap())
            })
            .collect();
        by_documents(&parsed.iter().map(Option::as_ref).collect::<Vec<_>>())
    }

    #[test]
    fn documents_give_the_worst_of_what_they_allow_together() {
        let allow =
            |action: &str| format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
        let deny = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
        let (read, write, grant, all) = (
            allow("sqs:Get*"),
            allow("s3:Put*"),
            allow("iam:Attach*"),
            allow("*"),
        );
        let secrets = allow("secretsmanager:*");
        for (documents, expected) in [
            (vec![], Privilege::Little),
            (vec![Some(&*read)], Privilege::Little),
            (vec![Some(&*write)], Privilege::WritesData),
            (
                vec![Some(&*write), Some(&*secrets)],
                Privilege::ReadsSecrets,
            ),
            (
                vec![Some(&*grant), Some(&*secrets)],
                Privilege::GrantsRights,
            ),
            (vec![Some(&*grant), Some(deny)], Privilege::Little),
            (vec![Some(&*all)], Privilege::Everything),
            (vec![None], Privilege::Unknown),
            (vec![None, Some(&*write)], Privilege::Unknown),
            (vec![None, Some(&*secrets)], Privilege::ReadsSecrets),
        ] {
            assert_eq!(given(&documents), expected, "{documents:?}");
        }
    }
}
