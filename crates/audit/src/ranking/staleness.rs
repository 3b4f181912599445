//! How long the principal or key that a finding is about has not been used.

use std::collections::HashMap;

use leastgrant_inventory::Timestamp;

use crate::facts::{Facts, UserFacts};
use crate::{Finding, age};

/// For how long something was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staleness {
    /// For this many whole days; its age where there was no use.
    Days(i64),
    /// It is not known.
    Unknown,
    /// The finding is about nothing that is used by itself.
    NotUsed,
}

impl Staleness {
    /// 1 within the usual 90 days; the longer, the less anybody will miss it, and the less anybody looks.
    pub(super) fn factor(self) -> u32 {
        match self {
            Self::Days(..=90) | Self::NotUsed => 1,
            // The middle: it may be of yesterday, and it may be years ago.
            Self::Days(91..=180) | Self::Unknown => 2,
            Self::Days(181..=365) => 3,
            Self::Days(366..) => 4,
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Days(days) => format!("not used for {days} days"),
            Self::Unknown => "its last use is not known".to_owned(),
            Self::NotUsed => "nothing that is used".to_owned(),
        }
    }
}

/// The last use of each principal and key, as far as credentials, reports and logs tell; the creation of what was never used.
#[derive(Debug, Default)]
pub(crate) struct LastUses {
    by_principal: HashMap<String, Timestamp>,
    by_key: HashMap<String, Timestamp>,
    as_of: Timestamp,
}

impl LastUses {
    pub(crate) fn of_facts(facts: &Facts, as_of: Timestamp) -> Self {
        let mut uses = Self {
            as_of,
            ..Self::default()
        };
        for account in &facts.accounts {
            for user in account.root.iter().chain(&account.users) {
                uses.add_user(user, facts);
            }
            for role in account.roles.iter().filter(|role| role.last_used_known) {
                let logged_at = facts.logged_use.of_principal(&role.arn);
                let accessed_at = facts.last_accessed.get(&role.arn).copied();
                let last = role
                    .last_used_at
                    .max(logged_at)
                    .max(accessed_at)
                    .or(role.created_at);
                if let Some(last) = last {
                    uses.by_principal.insert(role.arn.clone(), last);
                }
            }
        }
        uses
    }

    fn add_user(&mut self, facts: &UserFacts, all: &Facts) {
        let user = &facts.user;
        let is_known =
            user.password_last_used_known && facts.keys.iter().all(|key| key.last_used_known);
        let mut last = user
            .password_last_used_at
            .max(all.logged_use.of_principal(&user.arn))
            .max(all.last_accessed.get(&user.arn).copied());
        for key in &facts.keys {
            let logged_at = all.logged_use.of_key(key.access_key_id.as_deref());
            let of_key = key.last_used_at.max(logged_at);
            last = last.max(of_key);
            let known = of_key.or(key.created_at).filter(|_| key.last_used_known);
            if let (Some(id), Some(at)) = (&key.access_key_id, known) {
                self.by_key.insert(id.clone(), at);
            }
        }
        if let Some(last) = last.or(user.created_at).filter(|_| is_known) {
            self.by_principal.insert(user.arn.clone(), last);
        }
    }

    /// Of the key that a finding is about, else of its principal.
    pub(super) fn of(&self, finding: &Finding) -> Staleness {
        let last = match &finding.access_key_id {
            Some(key) => self.by_key.get(key),
            None if !super::is_about_principal(finding) => return Staleness::NotUsed,
            None => self.by_principal.get(&finding.resource_arn),
        };
        last.map_or(Staleness::Unknown, |last| {
            Staleness::Days(age::age(*last, self.as_of).as_hours() / 24)
        })
    }
}
