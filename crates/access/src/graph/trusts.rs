//! Whom roles let assume them: the account as a whole, everybody, or principals by name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_policy::principal::{PrincipalKind, is_account_id};
use leastgrant_policy::resource::arn_fields;
use leastgrant_policy::{Action, Effect, Policy};

use super::actions::ACTIONS;
use super::sets::Sets;
use super::statements::{ConditionsId, Statements};
use super::universe::{Item, Universe};
use crate::subject::role_name_of_session;
use crate::who_can::matches_action;
use crate::{Access, Subject, SubjectKind};

/// Roles by whom their trust policies let in.
#[derive(Debug, Default)]
pub(super) struct Trusts {
    /// By account: roles, of whichever account, that hand the decision to its identity policies, everybody's roles included.
    pub delegating: BTreeMap<Box<str>, Universe>,
    /// The same, where a condition of the trust policy tells the account's principals apart.
    pub conditional: BTreeMap<Box<str>, Universe>,
    /// By account: these conditions.
    pub conditions: BTreeMap<Box<str>, BTreeSet<ConditionsId>>,
    /// The same, where the trust policy tells the account's principals apart otherwise than by name or by conditions on them alone.
    pub particular: BTreeMap<Box<str>, Universe>,
    /// By account: its own roles whose trust policies let everybody in.
    pub open: BTreeMap<Box<str>, Universe>,
    /// The same, where a condition tells callers apart.
    pub open_on_conditions: BTreeMap<Box<str>, Universe>,
    /// By the number of a principal: roles whose trust policies name it.
    pub naming: HashMap<u32, Vec<u32>>,
}

#[derive(Default)]
struct Met {
    delegating: Vec<Item>,
    conditional: Vec<Item>,
    conditions: BTreeSet<ConditionsId>,
    particular: Vec<Item>,
    open: Vec<Item>,
    open_on_conditions: Vec<Item>,
}

/// Whom one trust policy lets in.
#[derive(Default)]
struct Named<'a> {
    everyone: bool,
    is_particular: bool,
    conditions: BTreeSet<ConditionsId>,
    accounts: Vec<&'a str>,
    principals: Vec<&'a str>,
}

pub(super) fn of(access: &Access, statements: &Statements, assume: &Action, sets: &Sets) -> Trusts {
    let mut met: BTreeMap<Box<str>, Met> = BTreeMap::new();
    for subject in &access.subjects {
        met.entry(subject.account_id.clone()).or_default();
    }
    let names = names(access);
    let mut naming: HashMap<u32, Vec<u32>> = HashMap::new();
    for (number, role) in (0_u32..).zip(&access.subjects) {
        let trust = access.resource_policy(&role.arn);
        let Some(policy) = trust.and_then(|id| access.document(id)) else {
            continue;
        };
        if role.kind != SubjectKind::Role || role.caller.is_service_linked_role() {
            continue;
        }
        let mut named = named(policy, assume);
        named.ask_for(statements, access, role);
        let item = Item::new(access, number, &role.arn);
        let accounts: Vec<Box<str>> = match named.everyone {
            true => met.keys().cloned().collect(),
            false => named.accounts.iter().map(|own| (*own).into()).collect(),
        };
        for account_id in accounts {
            let Some(own) = met.get_mut(&account_id) else {
                continue;
            };
            let list = match (named.is_particular, named.conditions.is_empty()) {
                (true, _) => &mut own.particular,
                (false, false) => {
                    own.conditions.extend(&named.conditions);
                    &mut own.conditional
                }
                (false, true) => &mut own.delegating,
            };
            if list.last().is_none_or(|last| last.number != number) {
                list.push(item.clone());
            }
            if named.everyone && !named.is_particular && account_id == role.account_id {
                match named.conditions.is_empty() {
                    true => own.open.push(item.clone()),
                    false => own.open_on_conditions.push(item.clone()),
                }
            }
        }
        for name in named.principals {
            let session = role_name_of_session(name);
            let actor = match session {
                Some(key) => names.get(&key).copied(),
                None => access
                    .subject_by_arn
                    .get(name)
                    .and_then(|id| u32::try_from(id.0).ok()),
            };
            if let Some(actor) = actor.filter(|actor| *actor != number) {
                naming.entry(actor).or_default().push(number);
            }
        }
    }
    let mut trusts = Trusts {
        naming,
        ..Trusts::default()
    };
    for (account_id, own) in met {
        let particular = Universe::new(own.particular, sets);
        let conditional = Universe::new(own.conditional, sets);
        trusts.conditional.insert(account_id.clone(), conditional);
        trusts.conditions.insert(account_id.clone(), own.conditions);
        let delegating = Universe::new(own.delegating, sets);
        trusts.particular.insert(account_id.clone(), particular);
        trusts.delegating.insert(account_id.clone(), delegating);
        let open = Universe::new(own.open, sets);
        trusts.open.insert(account_id.clone(), open);
        let open = Universe::new(own.open_on_conditions, sets);
        trusts.open_on_conditions.insert(account_id, open);
    }
    trusts
}

impl Named<'_> {
    /// Adds how the conditions of a role's trust policy, and of what its organisation says of resources, tell callers apart.
    fn ask_for(&mut self, statements: &Statements, access: &Access, role: &Subject) {
        let Some(assume) = ACTIONS.id("sts", "assumerole") else {
            return;
        };
        let levels = access.account(&role.account_id).into_iter();
        let levels = levels.flat_map(|account| &account.resource_control);
        let of_organization = levels.flat_map(|level| &level.policies).copied();
        let policies = access.resource_policy(&role.arn).into_iter();
        let policies = policies.chain(of_organization);
        let documents = policies.filter_map(|id| access.document_number(id));
        for line in documents.flat_map(|document| statements.on(document, assume)) {
            self.conditions.extend(line.conditions);
            let rest = statements.known(line.statement);
            self.is_particular |= rest.is_some_and(|rest| !rest.keys_of_caller.is_empty());
        }
    }
}

/// Roles by account and name: a session's ARN has no path.
fn names(access: &Access) -> HashMap<(&str, &str), u32> {
    let roles = (0_u32..).zip(&access.subjects);
    roles
        .filter(|(_, own)| own.kind == SubjectKind::Role)
        .map(|(number, own)| {
            let name = own.arn.rsplit('/').next().unwrap_or_default();
            ((&*own.account_id, name), number)
        })
        .collect()
}

fn named<'a>(policy: &'a Policy, assume: &Action) -> Named<'a> {
    let mut named = Named::default();
    for statement in &policy.statements {
        let Some(principal) = &statement.principal else {
            continue;
        };
        if !matches_action(statement, assume) {
            continue;
        }
        let is_deny = statement.effect == Effect::Deny;
        named.is_particular |= principal.is_negated;
        if principal.is_negated {
            named.everyone |= !is_deny;
            continue;
        }
        for entry in &principal.entries {
            let text = &*entry.text;
            if !matches!(entry.kind, PrincipalKind::Everyone | PrincipalKind::Aws) {
                continue;
            }
            let account_id = match arn_fields(text) {
                Some([.., account_id, "root"]) => Some(account_id),
                _ => Some(text).filter(|text| is_account_id(text)),
            };
            match account_id {
                _ if text == "*" => named.everyone |= !is_deny,
                _ if is_deny => named.is_particular = true,
                Some(account_id) => named.accounts.push(account_id),
                None => named.principals.push(text),
            }
        }
    }
    named
}
