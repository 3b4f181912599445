//! What rules on policies ask: decisions over all policies of a principal.

use std::collections::HashMap;
use std::sync::OnceLock;

use leastgrant_access::{Access, Subject, SubjectId};
use leastgrant_catalog::ActionSet;
use leastgrant_inventory::{Error, Inventory, Timestamp};

use crate::granted::GrantedActions;
use crate::reach::AllReach;
use crate::trust::chains::AssumableRoles;

/// The policies of all accounts.
#[derive(Debug)]
pub(crate) struct PolicyFacts {
    pub access: Access,
    principals_by_account: HashMap<Box<str>, Vec<SubjectId>>,
    reach: OnceLock<AllReach>,
    assumable_roles: OnceLock<AssumableRoles>,
    granted: GrantedActions,
}

impl PolicyFacts {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        let access = Access::load(inventory)?;
        let mut principals_by_account: HashMap<Box<str>, Vec<SubjectId>> = HashMap::new();
        for (id, subject) in access.principals() {
            match principals_by_account.get_mut(&subject.account_id) {
                Some(own) => own.push(id),
                None => {
                    principals_by_account.insert(subject.account_id.clone(), vec![id]);
                }
            }
        }
        Ok(Self {
            access,
            principals_by_account,
            reach: OnceLock::new(),
            assumable_roles: OnceLock::new(),
            granted: GrantedActions::default(),
        })
    }

    /// What each user and role can do on any resource, put together when the first rule asks.
    pub(crate) fn reach(&self, as_of: Timestamp) -> &AllReach {
        self.reach.get_or_init(|| AllReach::of(&self.access, as_of))
    }

    /// Which roles lead to which, put together when the first rule asks.
    pub(crate) fn assumable_roles(&self) -> &AssumableRoles {
        self.assumable_roles
            .get_or_init(|| AssumableRoles::new(&self.access))
    }

    /// The actions that a principal is granted on something.
    pub(crate) fn granted_actions(&self, subject: &Subject) -> ActionSet {
        self.granted.of(&self.access, subject)
    }

    /// The same by ARN; none where some policy of the principal is not known and may grant anything.
    pub(crate) fn all_granted(&self, principal_arn: &str) -> Option<ActionSet> {
        let access = &self.access;
        let subject = access.subject(access.principal_of(principal_arn)?)?;
        let mut own = subject.identity.iter();
        let is_known = subject.unknowns.is_empty()
            && own.all(|attachment| access.document(attachment.policy).is_some());
        is_known.then(|| self.granted_actions(subject))
    }

    /// The users, roles and root user of an account, sorted by ARN.
    pub(crate) fn principals_of(
        &self,
        account_id: &str,
    ) -> impl Iterator<Item = (SubjectId, &Subject)> {
        let own = self.principals_by_account.get(account_id);
        own.into_iter().flatten().filter_map(|id| {
            let subject = self.access.subject(*id)?;
            Some((*id, subject))
        })
    }
}
