//! Whose organisation's trails log an account, and since when.

use std::collections::HashMap;

use leastgrant_inventory::tables::{OrganizationAccountRow, OrganizationRow};
use leastgrant_inventory::{Error, Inventory, Timestamp};

/// The member accounts of the organisations that were collected.
#[derive(Debug, Default)]
pub(crate) struct Members {
    members: HashMap<String, Member>,
}

#[derive(Debug)]
struct Member {
    management_account_id: Option<String>,
    joined_at: Option<Timestamp>,
}

impl Members {
    pub(crate) fn load(inventory: &Inventory) -> Result<Self, Error> {
        Ok(Self::of(
            &inventory.read::<OrganizationRow>()?,
            inventory.read()?,
        ))
    }

    fn of(organizations: &[OrganizationRow], accounts: Vec<OrganizationAccountRow>) -> Self {
        // A listing that names no organisation is of the only one there is.
        let only = match organizations {
            [organization] => organization.management_account_id.clone(),
            _ => None,
        };
        let members = accounts.into_iter().map(|row| {
            // `arn:aws:organizations::MANAGEMENT:account/o-…/ACCOUNT`
            let in_arn = row.arn.as_deref().and_then(|arn| arn.split(':').nth(4));
            let member = Member {
                management_account_id: in_arn.map(str::to_owned).or_else(|| only.clone()),
                joined_at: row.joined_at,
            };
            (row.account_id, member)
        });
        Self {
            members: members.collect(),
        }
    }

    /// Whether an account is known to be of the organisation of a management account.
    pub(crate) fn has(&self, account: &str, management: &str) -> bool {
        account == management
            || self
                .members
                .get(account)
                .is_some_and(|member| member.management_account_id.as_deref() == Some(management))
    }

    /// When the account came into its organisation, where that is known.
    pub(crate) fn joined_at(&self, account: &str) -> Option<Timestamp> {
        self.members.get(account)?.joined_at
    }
}
