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

/// The contexts of requests of one caller on the items of a universe, one for all of which the same is told.
struct Contexts<'a> {
    of_caller: &'a Context,
    alike: &'a Alike,
    made: Vec<Option<Context>>,
}

impl<'a> Contexts<'a> {
    fn new(asker: &Asker<'_>, universe: &'a Universe, of_caller: &'a Context) -> Self {
        let alike = universe
            .alike(|item| requests::all_of_target(&asker.told, asker.access, &item.resource));
        Self {
            of_caller,
            alike,
            made: vec![None; alike.count],
        }
    }

    /// `tell`: tells what is to be told of an item.
    fn of(
        &mut self,
        place: usize,
        item: &Item,
        tell: &mut dyn FnMut(&Item, &mut Context),
    ) -> &Context {
        let sort = self.alike.sort_of(place);
        match sort.and_then(|sort| self.made.get_mut(sort)) {
            Some(made) => made.get_or_insert_with(|| {
                let mut context = self.of_caller.clone();
                tell(item, &mut context);
                context
            }),
            None => self.of_caller,
        }
    }
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
        let policies = reduced.policies();
        let found = |universe: &Universe, places: &mut dyn Iterator<Item = usize>| {
            let mut contexts = Contexts::new(self, universe, &request.context);
            let mut tell = |item: &Item, context: &mut Context| match reduced.is_of_target {
                true => {
                    let (subject, resource) = (node.subject, &item.resource);
                    requests::tell_target(
                        &self.told,
                        self.access,
                        subject,
                        action,
                        resource,
                        context,
                    );
                }
                // Trust policies can ask for it too.
                false if is_assuming => {
                    self.told.tell_account(self.access, &item.resource, context)
                }
                false => {}
            };
            let mut found = Vec::new();
            for (place, item) in
                places.filter_map(|place| Some((place, universe.items().get(place)?)))
            {
                let owner = item.owner.as_ref().unwrap_or(&node.subject.account_id);
                let parts = RequestParts {
                    resource: &item.resource,
                    resource_account: Some(owner),
                    context: contexts.of(place, item, &mut tell),
                    ..RequestParts::from(&request)
                };
                let may = match is_assuming {
                    true => self.may_assume(node.subject, parts, &policies),
                    false => outcome(parts, &policies, Untold::Grant) == Outcome::Allowed,
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
        let mut all = found(universe, &mut candidates.filter(may_let_in));
        let account_id = &node.subject.account_id;
        let open = match among {
            Among::Particular => Some(universe),
            Among::Conditional => self.trusts.open_on_conditions.get(account_id),
            Among::Delegating => self.trusts.open.get(account_id),
            _ => None,
        };
        if let Some(open) = open {
            all.extend(found(open, &mut (0..open.items().len())));
        }
        self.sets.of(all)
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
    fn may_assume(&self, subject: &Subject, request: RequestParts<'_>, own: &Policies<'_>) -> bool {
        let role = request.resource.as_str();
        let trust = self.access.resource_policy(role);
        let owner = request.resource_account;
        let account = owner.and_then(|owner| self.access.account(owner));
        if account.is_some_and(|account| !account.resource_control.is_empty()) {
            return self.may_assume_by_name(subject, request.resource);
        }
        let policies = Policies {
            resource: trust.and_then(|id| self.access.document(id)),
            ..own.clone()
        };
        outcome(request, &policies, Untold::Grant) == Outcome::Allowed
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
