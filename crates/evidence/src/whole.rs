//! All actions of a principal at once, whatever it is granted.

use leastgrant_catalog::{ActionSet, Catalog};

use crate::evidence::account_of;
use crate::seen::Seen;
use crate::{Evidence, Window};

/// What is known of a principal's use of every action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeEvidence {
    /// The time that the logs of its account cover; none without logs.
    pub window: Option<Window>,
    /// The actions of the catalogue of which every use would have been seen, used or not.
    pub complete: ActionSet,
    /// Those of them that were not used.
    pub unused: ActionSet,
    /// Whether no time of the logs tells what it is for, whatever was not used: it, its credentials or one of its keys is younger than what
    /// proves something, or somebody signs in as it and no call of its is in the logs.
    pub is_unsettled: bool,
}

impl Evidence {
    /// What [`Self::verdict`] says of all actions of the catalogue. Costs little more than one of them.
    #[must_use]
    pub fn whole(&self, principal_arn: &str) -> WholeEvidence {
        let nothing = Seen::default();
        let seen = self.seen.principals.get(principal_arn).unwrap_or(&nothing);
        let account = self.accounts.get(account_of(principal_arn));
        let complete = match account {
            Some(account) => self.complete(account, principal_arn, seen),
            None => ActionSet::new(),
        };
        let mut unused = complete.clone();
        for action in seen
            .used
            .keys()
            .filter_map(|action| Catalog::get().action(action))
        {
            unused.remove(action.id());
        }
        let is_unsettled = |window: Window| self.telling_part(principal_arn, window).is_err();
        WholeEvidence {
            is_unsettled: account.is_some_and(|account| is_unsettled(account.covered.window)),
            window: account.map(|account| account.covered.window),
            complete,
            unused,
        }
    }
}
