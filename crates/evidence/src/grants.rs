//! The verdicts on many actions at once: what a principal is granted, as used, unused and unknown.

use std::collections::HashMap;

use leastgrant_catalog::{ActionId, ActionSet, Catalog};

use crate::evidence::{Account, account_of};
use crate::seen::Seen;
use crate::{Evidence, Reason, Window};

/// Which actions' calls would have been seen in the logs of an account, by the times in which.
pub(crate) struct Shown(HashMap<Window, ActionSet>);

/// What is known of a principal's use of the actions that it is granted. Each action is in one of the sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantedUse {
    /// Allowed calls needed them.
    pub used: ActionSet,
    /// A use would have been seen, and there was none.
    pub unused: ActionSet,
    /// A use could have gone unseen.
    pub unknown: ActionSet,
}

impl Evidence {
    /// The verdicts on all actions that a principal is granted: those of [`Self::verdict`], without their evidence.
    #[must_use]
    pub fn use_of(&self, principal_arn: &str, granted: &ActionSet) -> GrantedUse {
        let nothing = Seen::default();
        let seen = self.seen.principals.get(principal_arn).unwrap_or(&nothing);
        let mut use_of = GrantedUse::default();
        for id in seen.used.keys().filter_map(|action| id_of(action)) {
            if granted.contains(id) {
                use_of.used.insert(id);
            }
        }
        use_of.unknown = granted.clone();
        use_of.unknown.subtract(&use_of.used);
        let account_id = account_of(principal_arn);
        let Some(account) = self.accounts.get(account_id) else {
            return use_of;
        };
        use_of.unused = use_of.unknown.clone();
        use_of
            .unused
            .intersect_with(&self.complete(account, principal_arn, seen));
        use_of.unknown.subtract(&use_of.unused);
        use_of
    }

    /// The actions of the catalogue of which every use by a principal would have been seen.
    pub(crate) fn complete(
        &self,
        account: &Account,
        principal_arn: &str,
        seen: &Seen,
    ) -> ActionSet {
        let catalog = Catalog::get();
        let shown = account.shown.get_or_init(|| {
            let mut shown: HashMap<Window, ActionSet> = HashMap::new();
            for action in catalog.actions() {
                let (window, reasons) = account.shown(action, self.options());
                if reasons.is_empty() {
                    let actions = shown.entry(window).or_default();
                    actions.insert(action.id());
                }
            }
            Shown(shown)
        });
        let mut complete = ActionSet::new();
        for (window, actions) in &shown.0 {
            if self.telling_part(principal_arn, *window).is_ok() {
                complete.union_with(actions);
            }
        }
        let account_id = account_of(principal_arn);
        let by_nobody = self.seen.by_nobody.get(account_id);
        let by_renamed = self.by_renamed_users(account_id, principal_arn);
        let mut services: Vec<&str> = Vec::new();
        for action in by_nobody.into_iter().chain(by_renamed).flatten() {
            match (action.strip_suffix(":*"), id_of(action)) {
                (Some(service), _) => services.push(service),
                (None, Some(id)) => {
                    complete.remove(id);
                }
                (None, None) => {}
            }
        }
        let accessed = self.last_accessed.get(principal_arn);
        let contradicted = accessed.into_iter().flat_map(|services| services.keys());
        let contradicted = contradicted.filter(|service| {
            let reason = self.contradiction(account, principal_arn, service, seen);
            matches!(reason, Some(Reason::LastAccessedNotInLogs { .. }))
        });
        let contradicted = seen.unmapped.keys().chain(contradicted);
        for service in contradicted.map(|service| &**service).chain(services) {
            for action in catalog
                .service(service)
                .into_iter()
                .flat_map(|known| known.actions())
            {
                complete.remove(action.id());
            }
        }
        complete
    }
}

/// The number of an action, which is given in lower case.
fn id_of(text: &str) -> Option<ActionId> {
    let (service, name) = text.split_once(':')?;
    Some(Catalog::get().action_of_lower(service, name)?.id())
}
