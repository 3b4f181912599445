//! Asking about what there is, item by item, with policies reduced to what bears on one action.

use std::sync::Arc;

use leastgrant_policy::evaluate::{Outcome, Policies, Request, RequestParts, Untold, outcome};
use leastgrant_policy::{Action, Context, Effect, Resource};

use super::actions::{ACTIONS, ActionId};
use super::ask::{Among, Asker};
use super::node::Node;
use super::reduced::Reduced;
use super::requests::{self, Extra};
use super::sets::SetId;
use super::universe::{Alike, Item, Universe};
use crate::{Subject, World};

/// What is asked about all items of which the same is told.
struct Sort {
    context: Context,
    /// The policies with what conditions say in this context.
    reduced: Reduced,
}

impl Asker<'_> {
    /// Asks about the items of a universe, one by one.
    pub(super) fn asked(
        &self,
        node: &Node<'_>,
        among: Among,
        action: ActionId,
        extra: Extra,
        universe: &Universe,
        reduced: &Reduced,
    ) -> SetId {
        let is_assuming = matches!(
            among,
            Among::Delegating | Among::Conditional | Among::Particular
        );
        if reduced.is_everything && !is_assuming {
            return universe.all;
        }
        let Some(action) = ACTIONS.action(action) else {
            return self.sets.of(Vec::new());
        };
        // Reduced statements match any action; with this one no trust policy is asked for.
        let asked_action = match among {
            Among::RolesIfTrusted => Action::parse("iam:AssumeRole").unwrap_or(action.clone()),
            _ => action.clone(),
        };
        let Some(first) = universe.items().first() else {
            return universe.all;
        };
        let context = self.context(node.subject, extra);
        let request = self
            .access
            .request(node.subject, &asked_action, &first.resource, &context);
        let tell = |item: &Item, context: &mut Context| match reduced.is_of_target {
            true => {
                let (subject, resource) = (node.subject, &item.resource);
                requests::tell_target(&self.told, self.access, subject, action, resource, context);
            }
            // Trust policies can ask for it too.
            false if is_assuming => self.told.tell_account(self.access, &item.resource, context),
            false => {}
        };
        let is_told_apart = reduced.is_of_target || is_assuming;
        let found = |universe: &Universe, places: Vec<usize>| {
            let alike = is_told_apart.then(|| self.alike(universe));
            let sort_of = |place| alike.map_or(Some(0), |alike| alike.sort_of(place));
            let mut sorts: Vec<Option<Sort>> = Vec::new();
            sorts.resize_with(alike.map_or(1, |alike| alike.count), || None);
            let items: Vec<(usize, &Item)> = places
                .into_iter()
                .filter_map(|place| Some((sort_of(place)?, universe.items().get(place)?)))
                .collect();
            for (sort, item) in &items {
                if let Some(made @ None) = sorts.get_mut(*sort) {
                    let mut context = request.context.clone();
                    tell(item, &mut context);
                    *made = Some(Sort {
                        reduced: reduced.within(&context),
                        context,
                    });
                }
            }
            let mut policies: Vec<Option<(&Context, Policies<'_>)>> = sorts
                .iter()
                .map(|sort| {
                    let sort = sort.as_ref()?;
                    Some((&sort.context, sort.reduced.policies()))
                })
                .collect();
            let mut found = Vec::new();
            for (sort, item) in items {
                let Some(Some((context, policies))) = policies.get_mut(sort) else {
                    continue;
                };
                let owner = item.owner.as_ref().unwrap_or(&node.subject.account_id);
                let parts = RequestParts {
                    resource: &item.resource,
                    resource_account: Some(owner),
                    context,
                    ..RequestParts::from(&request)
                };
                let may = match is_assuming {
                    true => self.may_assume(node.subject, parts, policies),
                    false => outcome(parts, policies, Untold::Grant) == Outcome::Allowed,
                };
                if may {
                    found.push(item.number);
                }
            }
            found
        };
        let letting_in = (among == Among::Conditional).then(|| self.letting_in(node, universe));
        let may_let_in = |place: &usize| {
            let number = universe.items().get(*place).map(|item| item.number);
            let list = letting_in.as_deref();
            list.is_none_or(|list| number.is_some_and(|own| list.binary_search(&own).is_ok()))
        };
        let candidates = universe.candidates(reduced.identity.statements.iter());
        let mut all = found(universe, candidates.filter(may_let_in).collect());
        let account_id = &node.subject.account_id;
        let open = match among {
            Among::Particular => Some(universe),
            Among::Conditional => self.trusts.open_on_conditions.get(account_id),
            Among::Delegating => self.trusts.open.get(account_id),
            _ => None,
        };
        if let Some(open) = open {
            all.extend(found(open, (0..open.items().len()).collect()));
        }
        self.sets.of(all)
    }

    /// Which items of a universe the same can be told of.
    fn alike<'u>(&self, universe: &'u Universe) -> &'u Alike {
        universe.alike(|item| requests::all_of_target(&self.told, self.access, &item.resource))
    }

    /// The roles of which some statement of the trust policy allows something under conditions on the caller alone that the node meets.
    fn letting_in(&self, node: &Node<'_>, universe: &Universe) -> Arc<[u32]> {
        let key = (node.subject.account_id.clone(), self.met(node));
        let list = self.letting_in.get(key, || {
            let lets_in = |item: &&Item| {
                let trust = self.access.resource_policy(item.resource.as_str());
                let document = trust.and_then(|id| self.access.document_number(id));
                let assume = ACTIONS.id("sts", "assumerole");
                document.zip(assume).is_some_and(|(document, assume)| {
                    let mut lines = self.statements.on(document, assume);
                    lines.any(|line| line.effect == Effect::Allow && self.speaks_of(node, line))
                })
            };
            let own = universe.items().iter().filter(lets_in);
            self.sets.of(own.map(|item| item.number).collect())
        });
        self.sets.list(list)
    }

    /// Whether a role may be assumed, its trust policy and what its organisation has to say included.
    fn may_assume<'p>(
        &'p self,
        subject: &Subject,
        request: RequestParts<'_>,
        own: &mut Policies<'p>,
    ) -> bool {
        let role = request.resource.as_str();
        let trust = self.access.resource_policy(role);
        let owner = request.resource_account;
        let account = owner.and_then(|owner| self.access.account(owner));
        if account.is_some_and(|account| !account.resource_control.is_empty()) {
            return self.may_assume_by_name(subject, request.resource);
        }
        own.resource = trust.and_then(|id| self.access.document(id));
        outcome(request, own, Untold::Grant) == Outcome::Allowed
    }

    /// Whether a principal, or a session of it that the trust policy names, may assume a role.
    pub(super) fn may_assume_by_name(&self, subject: &Subject, role: &Resource) -> bool {
        let Some(assume) = self.assume else {
            return false;
        };
        let mut context = self.context(subject, Extra::Nothing);
        requests::tell_target(&self.told, self.access, subject, assume, role, &mut context);
        let mut request = self.access.request(subject, assume, role, &context);
        let assembled = self.access.policies_for(subject, &request, World::Known);
        let may = |request: &Request| {
            outcome(request, &assembled.policies, Untold::Grant) == Outcome::Allowed
        };
        if may(&request) {
            return true;
        }
        let sessions = assembled.named_sessions(&request);
        sessions.into_iter().any(|session| {
            request.principal = session.clone();
            may(&request)
        })
    }
}
