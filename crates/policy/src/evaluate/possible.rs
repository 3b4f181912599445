//! Whether what a grant rests on can all be so in one request, where conditions on what was not told count as met.
//!
//! Each level that has to allow has statements to choose from, and Denies must be missed: it is possible if some choice can hold
//! together.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::Judge;
use super::{Member, statement};
use crate::condition::{can_hold_more, can_miss};
use crate::principal::{CallerKind, Naming};
use crate::{ConditionEntry, Context, Effect, Policy, Truth};

/// More choices than these are not tried, and it counts as possible.
const MOST_CHOICES: usize = 16;

/// For a level that has to allow the open conditions of each statement that may; none if one needs no conditions.
type Level<'a> = Option<Vec<Vec<&'a ConditionEntry>>>;

/// What must hold and must not.
#[derive(Default)]
struct Needed<'a> {
    levels: Vec<Vec<Vec<&'a ConditionEntry>>>,
    denies: Vec<Vec<&'a ConditionEntry>>,
}

impl<'a> Judge<'a> {
    /// Whether a grant by this member is possible at all.
    pub(super) fn is_possible(&self, granted_by: Member) -> bool {
        let mut denies = Vec::new();
        let mut open = |member| self.open_levels(member, false, &mut denies);
        let mut all: Vec<Level<'a>> = Vec::new();
        for member in [
            Member::ServiceControl,
            Member::ResourceControl,
            Member::VpcEndpoint,
        ] {
            all.extend(open(member));
        }
        let own = [Member::Identity, Member::Boundary, Member::Session];
        let mut by_identity: Vec<Level<'a>> = Vec::new();
        for member in own {
            let levels = open(member);
            // They do not limit the root user, but what they deny is denied.
            if !matches!(self.request.principal.kind(), CallerKind::Root { .. }) {
                by_identity.extend(levels);
            }
        }
        let by_resource = open(Member::Resource);
        let levels = all.iter().chain(&by_identity).chain(&by_resource).flatten();
        if !has_twice(levels.flatten().chain(&denies).flatten()) {
            return true;
        }
        // Its Denies are counted by now.
        let direct = self.open_levels(Member::Resource, true, &mut Vec::new());
        let request = self.request;
        let asks_both = request.is_cross_account() || request.is_decided_by_resource();
        let may = |levels: Vec<Level<'a>>| {
            let levels = all.iter().cloned().chain(levels).flatten();
            Needed::new(levels.collect(), denies.clone()).can_be(request.context)
        };
        // What a resource's policy allows the caller itself needs no policy of the caller's.
        let is_alone = granted_by == Member::Resource
            || !request.is_cross_account()
                && direct
                    .iter()
                    .any(|own| own.as_ref().is_none_or(|own| !own.is_empty()));
        if is_alone && may(direct) {
            return true;
        }
        if granted_by == Member::Resource {
            return may(by_resource);
        }
        if asks_both {
            by_identity.extend(by_resource);
        }
        may(by_identity)
    }

    /// The levels of a member that there are.
    fn open_levels(
        &self,
        member: Member,
        only_direct: bool,
        denies: &mut Vec<Vec<&'a ConditionEntry>>,
    ) -> Vec<Level<'a>> {
        let levels = self.levels(member).into_iter();
        levels
            .filter(|level| !level.is_empty())
            .map(|level| self.open(level, member, only_direct, denies))
            .collect()
    }

    /// The open conditions of each statement of a level that may allow. Those of Denies are added. `only_direct`: of statements that
    /// name more than the caller's account.
    fn open(
        &self,
        policies: &[&'a Policy],
        member: Member,
        only_direct: bool,
        denies: &mut Vec<Vec<&'a ConditionEntry>>,
    ) -> Level<'a> {
        let mut own = Some(Vec::new());
        for statement in policies.iter().flat_map(|policy| &policy.statements) {
            let (truth, naming) = statement::matches(statement, self.request, member);
            if truth == Truth::No {
                continue;
            }
            let conditions: Vec<&ConditionEntry> = statement
                .conditions
                .iter()
                .filter(|own| own.evaluate(self.request.context) == Truth::Unknown)
                .collect();
            match statement.effect {
                Effect::Allow if only_direct && naming == Some(Naming::Account) => {}
                Effect::Allow if conditions.is_empty() => own = None,
                Effect::Allow => own.iter_mut().for_each(|own| own.push(conditions.clone())),
                // One that depends on its resource can be missed by that.
                Effect::Deny if statement::is_about(statement, self.request, member) => {
                    denies.push(conditions);
                }
                Effect::Deny => {}
            }
        }
        own
    }
}

/// Whether two conditions are on one key; others do not exclude each other.
fn has_twice<'c, 'a: 'c>(conditions: impl Iterator<Item = &'c &'a ConditionEntry>) -> bool {
    let mut keys: Vec<&str> = conditions.map(|own| &*own.lower_key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair.first() == pair.last())
}

impl<'a> Needed<'a> {
    /// Without what is possible whatever the rest is: conditions on keys that nothing else asks for.
    fn new(
        levels: Vec<Vec<Vec<&'a ConditionEntry>>>,
        denies: Vec<Vec<&'a ConditionEntry>>,
    ) -> Self {
        let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
        let of_levels = levels.iter().map(|level| level.iter().flatten());
        for conditions in of_levels {
            let keys: BTreeSet<&str> = conditions.map(|own| &*own.lower_key).collect();
            for key in keys {
                *asked.entry(key).or_default() += 1;
            }
        }
        let is_missable = |list: &Vec<&ConditionEntry>| {
            list.iter().any(|own| !asked.contains_key(&*own.lower_key))
        };
        let mut denies = denies;
        denies.retain(|list| !is_missable(list));
        let denied: BTreeSet<&str> = denies.iter().flatten().map(|own| &*own.lower_key).collect();
        let is_alone = |choice: &Vec<&ConditionEntry>| {
            let mut own = choice.iter().map(|own| &*own.lower_key);
            let keys: BTreeSet<&str> = own.clone().collect();
            // Two conditions of one statement can exclude each other.
            keys.len() == choice.len()
                && own.all(|key| asked.get(key) == Some(&1) && !denied.contains(key))
        };
        let mut levels = levels;
        levels.retain(|level| !level.iter().any(is_alone));
        // The fewer there are to choose from the sooner it is seen that none will do.
        levels.sort_by_key(Vec::len);
        Self { levels, denies }
    }

    fn can_be(&self, context: &Context) -> bool {
        self.choose(&mut Vec::new(), 0, &mut 0, context)
    }

    fn choose(
        &self,
        held: &mut Vec<&'a ConditionEntry>,
        level: usize,
        tries: &mut usize,
        context: &Context,
    ) -> bool {
        let Some(choices) = self.levels.get(level) else {
            return can_miss(held, &self.denies, context);
        };
        for choice in choices {
            *tries += 1;
            if *tries > MOST_CHOICES {
                return true;
            }
            let before = held.len();
            held.extend(choice);
            if can_hold_more(held, choice, context) && self.choose(held, level + 1, tries, context)
            {
                return true;
            }
            held.truncate(before);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::evaluate::{Outcome, Policies, Request, Untold, outcome};
    use crate::{Action, Context, Policy, Principal, Resource};

    fn policy(statements: &[[&str; 2]]) -> Policy {
        let statements: Vec<String> = statements
            .iter()
            .map(|[effect, condition]| {
                format!(
                    r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#
                )
            })
            .collect();
        let statements = statements.join(",");
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_excludes_each_other_allows_nothing() {
        let request = Request::new(
            Principal::parse("arn:aws:iam::111122223333:user/u").unwrap(),
            Action::parse("s3:GetObject").unwrap(),
            Resource::parse("arn:aws:s3:::b/k"),
            None,
            Context::open(),
        );
        let allowed = |identity: &[[&str; 2]], boundary: &[[&str; 2]], control: &[[&str; 2]]| {
            let [identity, boundary, control] = [identity, boundary, control].map(policy);
            let policies = Policies {
                identity: vec![&identity],
                boundary: vec![&boundary],
                service_control: vec![vec![&control]],
                ..Policies::default()
            };
            outcome(&request, &policies, Untold::Grant) == Outcome::Allowed
        };
        let [eu, us, tagged] = [
            r#""StringEquals":{"aws:RequestedRegion":"eu"}"#,
            r#""StringEquals":{"aws:RequestedRegion":"us"}"#,
            r#""StringEquals":{"aws:RequestTag/t":"x"}"#,
        ];
        let all: &[[&str; 2]] = &[["Allow", ""]];
        let in_eu: &[[&str; 2]] = &[["Allow", eu]];
        let in_us: &[[&str; 2]] = &[["Allow", us]];
        assert!(allowed(in_eu, all, in_eu));
        assert!(!allowed(in_eu, in_us, all));
        assert!(!allowed(in_eu, all, in_us));
        assert!(!allowed(all, in_eu, in_us));
        assert!(!allowed(&[["Allow", eu], ["Deny", eu]], all, all));
        assert!(!allowed(in_eu, &[["Allow", ""], ["Deny", eu]], all));
        assert!(allowed(&[["Allow", eu], ["Allow", us]], in_us, all));
        assert!(allowed(&[["Allow", eu], ["Allow", tagged]], in_us, all));
        assert!(!allowed(
            &[["Allow", eu], ["Allow", tagged], ["Deny", tagged]],
            in_us,
            all
        ));
        assert!(!allowed(
            &[["Allow", &format!("{eu},{}", us.replace("Equals", "Like"))]],
            all,
            all
        ));
    }

    #[test]
    fn a_trust_policy_that_names_the_caller_needs_nothing_else() {
        let user = "arn:aws:iam::111122223333:user/u";
        let request = Request::new(
            Principal::parse(user).unwrap(),
            Action::parse("sts:AssumeRole").unwrap(),
            Resource::parse("arn:aws:iam::111122223333:role/r"),
            None,
            Context::open(),
        );
        let eu = r#""StringEquals":{"aws:RequestedRegion":"eu"}"#;
        let us = r#""StringEquals":{"aws:RequestedRegion":"us"}"#;
        let identity = policy(&[["Allow", eu]]);
        for (principal, condition, expected) in [
            (user, us, true),
            ("*", us, true),
            ("*", "", true),
            ("arn:aws:iam::111122223333:root", us, false),
            ("arn:aws:iam::111122223333:root", eu, true),
        ] {
            let trust = Policy::parse(&format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole","Condition":{{{condition}}}}}}}"#
            ))
            .unwrap();
            let policies = Policies {
                identity: vec![&identity],
                resource: Some(&trust),
                ..Policies::default()
            };
            let allowed = outcome(&request, &policies, Untold::Grant) == Outcome::Allowed;
            assert_eq!(allowed, expected, "{principal} {condition}");
        }
    }
}
