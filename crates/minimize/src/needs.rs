//! What one principal needs of what it is granted, action by action, with why.

use std::collections::BTreeMap;

use leastgrant_catalog::{AccessLevel, ActionId, ActionInfo, ActionSet, Catalog};
use leastgrant_evidence::{Evidence, Reason, Verdict, WholeEvidence, Window};
use leastgrant_inventory::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::companions;
use crate::last_accessed::LastAccessed;
use crate::settings::{Keep, Settings};
use crate::usage::{ActionUse, Uses};

/// Why an action stays though no call in the window shows that it is needed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kept {
    /// It was used before the window, as far as last-accessed data reach.
    Seldom {
        at: Timestamp,
        /// Whether that is known of the action itself, or of its service only.
        is_of_action: bool,
    },
    /// It was used after the logs end.
    Later {
        at: Timestamp,
        /// Whether that is known of the action itself, or of its service only, which no log shows used.
        is_of_action: bool,
    },
    /// The settings say so.
    Listed(String),
    /// Another right that stays needs it.
    Beside { action: ActionId, why: &'static str },
    /// It is needed seldom and then at once.
    Rare(&'static str),
}

/// Everything that the minimiser asks of the inventory.
pub(crate) struct Sources<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) last_accessed: &'a LastAccessed,
    pub(crate) settings: &'a Settings,
    pub(crate) as_of: Timestamp,
    /// The chance, of 1, that a seldom-used right is needed within 30 days and that is put up with.
    pub(crate) max_risk: f64,
}

/// What one principal needs.
#[derive(Debug)]
pub(crate) struct Needs<'a> {
    pub(crate) principal_arn: &'a str,
    pub(crate) window: Option<Window>,
    /// What its policies grant, of what the catalogue knows, whatever denies it.
    pub(crate) granted: ActionSet,
    pub(crate) used: ActionSet,
    /// Of it, what stays: used, kept or unknown.
    pub(crate) stays: ActionSet,
    /// Of it, what could have been used without being seen.
    pub(crate) unknown: ActionSet,
    /// What goes on the word of last-accessed data, if nothing that stays needs it.
    pub(crate) never_accessed: ActionSet,
    pub(crate) kept: FxHashMap<ActionId, Kept>,
    /// Actions of which every use would have been seen.
    pub(crate) complete: ActionSet,
    pub(crate) uses: Option<&'a Uses>,
    /// Entries of the settings that hold for it, with what they match.
    pub(crate) listed: Vec<(ActionSet, &'a Keep)>,
    /// The chance that a right is needed on a resource on which it was not seen, and whether that is put up with.
    pub(crate) chance_unseen: Option<f64>,
    pub(crate) spares_unseen: bool,
    /// What statements keep of it though it needs none of it there, with why.
    pub(crate) held: Vec<(ActionSet, String)>,
    /// Services in which it made something: what it makes next is not known.
    pub(crate) makes_in: FxHashSet<&'static str>,
    /// Why all that it has stays.
    pub(crate) untouchable: Option<String>,
}

/// Beginnings of the names of calls that make something.
const MAKING: &[&str] = &[
    "allocate", "copy", "create", "import", "launch", "publish", "register", "request", "restore",
    "run",
];
/// The same of calls that make something where what they are about changes: `PutObject` does, and `PutItem` of one table does not.
const WRITING: &[&str] = &["put", "upload"];

impl<'a> Needs<'a> {
    pub(crate) fn of(
        principal_arn: &'a str,
        granted: ActionSet,
        uses: Option<&'a Uses>,
        sources: &Sources<'a>,
    ) -> Self {
        let whole = sources.evidence.whole(principal_arn);
        let catalog = Catalog::get();
        let mut used = ActionSet::new();
        let called = uses.into_iter().flat_map(|uses| uses.keys());
        for action in called.filter_map(|action| catalog.action(action)) {
            used.insert(action.id());
        }
        let makes_in = catalog
            .actions_of(&used)
            .filter(|action| {
                let begins = |verbs: &[&str]| {
                    verbs
                        .iter()
                        .any(|verb| action.lower_name().starts_with(verb))
                };
                let name = format!("{}:{}", action.service().prefix(), action.lower_name());
                let own = uses.and_then(|uses| uses.get(&name));
                let is_open = || {
                    let both = own.zip(whole.window);
                    both.is_none_or(|(own, window)| own.is_open(window.to))
                };
                begins(MAKING) || begins(WRITING) && is_open()
            })
            .map(|action| action.service().prefix())
            .collect();
        let listed = sources
            .settings
            .keep
            .iter()
            .filter(|keep| keep.holds(principal_arn, sources.as_of))
            .map(|keep| {
                let mut set = ActionSet::new();
                catalog.expand_all_into(&keep.actions, &mut set);
                (set, keep)
            })
            .collect();
        let chance_unseen = whole.window.map(crate::confidence::chance_unseen);
        let mut needs = Self {
            principal_arn,
            window: whole.window,
            chance_unseen,
            spares_unseen: chance_unseen.is_some_and(|chance| chance <= sources.max_risk),
            stays: ActionSet::new(),
            unknown: ActionSet::new(),
            never_accessed: ActionSet::new(),
            kept: FxHashMap::default(),
            complete: whole.complete.clone(),
            granted,
            used,
            uses,
            listed,
            held: Vec::new(),
            makes_in,
            untouchable: None,
        };
        needs.sort_out(&whole, sources);
        needs
    }

    /// All that it has stays.
    pub(crate) fn put_untouchable(&mut self, reason: String) {
        self.stays = self.granted.clone();
        self.untouchable = Some(reason);
    }

    /// Why a statement keeps an action that is neither used nor needed.
    pub(crate) fn held(&self, action: ActionId) -> Option<&str> {
        let mut held = self.held.iter();
        let found = held.find(|(set, _)| set.contains(action))?;
        (!self.stays.contains(action)).then_some(&found.1)
    }

    pub(crate) fn use_of(&self, action: ActionInfo) -> Option<&'a ActionUse> {
        let name = format!("{}:{}", action.service().prefix(), action.lower_name());
        self.uses?.get(&name)
    }

    fn keep(&mut self, action: ActionId, why: impl FnOnce() -> Kept) -> bool {
        let is_new = self.granted.contains(action) && self.stays.insert(action);
        if is_new {
            self.kept.insert(action, why());
        }
        is_new
    }

    fn sort_out(&mut self, whole: &WholeEvidence, sources: &Sources<'_>) {
        let mut used = self.granted.clone();
        used.intersect_with(&self.used);
        self.stays = used;
        let listed = std::mem::take(&mut self.listed);
        // What stays on some resources only is each statement's own matter.
        for (set, keep) in listed.iter().filter(|(_, keep)| keep.resources.is_empty()) {
            for action in set.iter() {
                self.keep(action, || Kept::Listed(keep.reason.clone()));
            }
        }
        self.listed = listed;
        let mut open = self.granted.clone();
        open.subtract(&self.stays);
        // Rights of which only their own kind speaks against "unused": they follow what they are needed for.
        let mut following = Vec::new();
        let mut on_its_word = ActionSet::new();
        for service in services(&open) {
            // What a young key is for is yet to come.
            let is_never = !whole.is_unsettled && self.is_never(service, sources);
            let was_called = self.was_called(service);
            for action in actions_in(&open, service) {
                let id = action.id();
                if whole.unused.contains(id) {
                    self.keep_seldom(action, was_called, sources);
                } else if companions::is_pass_role(action) {
                    following.push(action);
                } else if is_never {
                    on_its_word.insert(id);
                } else if self.is_only_tagging(action, sources) {
                    following.push(action);
                } else {
                    self.unknown.insert(id);
                    self.stays.insert(id);
                }
            }
        }
        if sources.settings.keep_counterparts {
            self.keep_counterparts();
        }
        self.follow(&following, &on_its_word, whole);
        self.never_accessed = on_its_word;
    }

    /// Whether last-accessed data of the whole window and before say that the service was never accessed, and no log says else.
    fn is_never(&self, service: &str, sources: &Sources<'_>) -> bool {
        let since = self.window.map_or(sources.as_of, |window| window.to);
        !self.was_called(service)
            && sources
                .last_accessed
                .never(self.principal_arn, service, since)
    }

    fn was_called(&self, service: &str) -> bool {
        let mut called = self.uses.into_iter().flat_map(|uses| uses.keys());
        called.any(|action| action.split(':').next() == Some(service))
    }

    fn is_only_tagging(&self, action: ActionInfo, sources: &Sources<'_>) -> bool {
        if !action.levels().contains(AccessLevel::Tagging) {
            return false;
        }
        let name = format!("{}:{}", action.service().prefix(), action.name());
        matches!(
            sources.evidence.verdict(self.principal_arn, &name),
            Verdict::Unknown(reasons) if reasons == [Reason::NeededWithinOtherCalls]
        )
    }

    /// What last-accessed data saw outside of the window stays, unless it is so long ago that the risk is put up with.
    fn keep_seldom(&mut self, action: ActionInfo, was_called: bool, sources: &Sources<'_>) {
        let Some(window) = self.window else {
            return;
        };
        let (service, name) = (action.service().prefix(), action.lower_name());
        let last = sources
            .last_accessed
            .last(self.principal_arn, service, name);
        let Some((at, is_of_action)) = last else {
            return;
        };
        if at > window.to {
            // A service that the logs show used is used after them too, and by the same calls.
            if is_of_action || !was_called {
                self.keep(action.id(), || Kept::Later { at, is_of_action });
            }
        } else if at < window.from
            && crate::confidence::chance_of_need(at, window.to) > sources.max_risk
        {
            self.keep(action.id(), || Kept::Seldom { at, is_of_action });
        }
    }

    fn keep_counterparts(&mut self) {
        let used = self.used.clone();
        for action in Catalog::get().actions_of(&used) {
            for other in companions::counterparts(action) {
                self.keep(other.id(), || Kept::Beside {
                    action: action.id(),
                    why: "undoes it, or is asked before it",
                });
            }
        }
        for (action, why) in companions::rare(&used) {
            self.keep(action, || Kept::Rare(why));
        }
    }

    /// Adds what staying rights need, until nothing is added.
    fn follow(&mut self, following: &[ActionInfo], on_its_word: &ActionSet, whole: &WholeEvidence) {
        let catalog = Catalog::get();
        // What entries of the settings keep on some resources counts as staying here.
        let mut listed = ActionSet::new();
        for (set, _) in &self.listed {
            listed.union_with(set);
        }
        listed.intersect_with(&self.granted);
        let mut changing: BTreeMap<&'static str, ActionId> = BTreeMap::new();
        let mut done = ActionSet::new();
        loop {
            let mut fresh = self.stays.clone();
            fresh.union_with(&listed);
            fresh.subtract(&done);
            if fresh.is_empty() {
                return;
            }
            done.union_with(&fresh);
            for parent in catalog.actions_of(&fresh) {
                if companions::changes(parent) {
                    let service = parent.service().prefix();
                    changing.entry(service).or_insert(parent.id());
                }
                self.keep_dependents(parent, whole);
            }
            for action in following {
                let parent = match companions::is_pass_role(*action) {
                    true => passes_roles(&changing),
                    false => changing.get(action.service().prefix()).copied(),
                };
                if let Some(parent) = parent {
                    self.keep(action.id(), || Kept::Beside {
                        action: parent,
                        why: "may need it, and no event would show that",
                    });
                }
            }
            // Last-accessed data do not say whether they count what a service asks of KMS for its caller.
            let mut parents = catalog.actions_of(&fresh);
            if let Some(parent) = parents.find(|own| own.service().prefix() != "kms") {
                let kms = actions_in(on_its_word, "kms");
                for action in kms.into_iter().filter(|own| companions::is_key_use(*own)) {
                    self.keep(action.id(), || Kept::Beside {
                        action: parent.id(),
                        why: "may use keys through its service",
                    });
                }
            }
        }
    }

    fn keep_dependents(&mut self, parent: ActionInfo, whole: &WholeEvidence) {
        let catalog = Catalog::get();
        // Of a call that was seen it was seen too what it needs, where that is logged.
        let is_seen = self.used.contains(parent.id()) && self.complete.contains(parent.id());
        for name in &parent.details().dependent_actions {
            if let Some(action) = catalog.action(name)
                && !companions::is_pass_role(action)
                && !(is_seen && whole.unused.contains(action.id()))
            {
                self.keep(action.id(), || Kept::Beside {
                    action: parent.id(),
                    why: "needs it for some of its uses",
                });
            }
        }
        if companions::is_object_read(parent)
            && let Some(list) = catalog.action("s3:ListBucket")
        {
            self.keep(list.id(), || Kept::Beside {
                action: parent.id(),
                why: "tells a missing object from a denied one only with it",
            });
        }
    }
}

fn passes_roles(changing: &BTreeMap<&'static str, ActionId>) -> Option<ActionId> {
    let mut parents = changing
        .iter()
        .filter(|(service, _)| companions::service_passes_roles(service));
    parents.next().map(|(_, parent)| *parent)
}

/// The prefixes of the services that a set has actions of, in order.
pub(crate) fn services(set: &ActionSet) -> Vec<&'static str> {
    let actions = Catalog::get().actions_of(set);
    let mut services: Vec<&'static str> = actions.map(|own| own.service().prefix()).collect();
    services.dedup();
    services
}

/// The actions of one service in a set.
pub(crate) fn actions_in(set: &ActionSet, service: &str) -> Vec<ActionInfo> {
    let service = Catalog::get().service(service);
    let actions = service.into_iter().flat_map(|own| own.actions());
    actions.filter(|own| set.contains(own.id())).collect()
}
