//! Whether what a grant rests on can all be so in one request, where conditions on what was not told count as met.
//!
//! Each level that has to allow has statements to choose from, and Denies must be missed: it is possible if some choice can hold
//! together.

use super::decide::Judge;
use super::{Member, statement};
use crate::condition::can_hold;
use crate::{ConditionEntry, Effect, Truth};

/// More choices than these are not tried, and it counts as possible.
const MOST_CHOICES: usize = 256;

/// What must hold and must not.
#[derive(Default)]
struct Needed<'a> {
    /// For each level that has to allow the conditions of each statement that may; those that need none are left out.
    levels: Vec<Vec<Vec<&'a ConditionEntry>>>,
    denies: Vec<Vec<&'a ConditionEntry>>,
}

impl<'a> Judge<'a> {
    /// Whether a grant by this member is possible at all.
    pub(super) fn is_possible(&self, granted_by: Member) -> bool {
        let by_resource = granted_by == Member::Resource;
        let request = self.request;
        let asks_both = request.is_cross_account() || request.is_decided_by_resource();
        let mut needed = Needed::default();
        let mut has_other_way = false;
        for member in Member::ALL {
            let must_allow = match member {
                Member::Resource => by_resource || asks_both,
                Member::Identity | Member::Boundary | Member::Session => !by_resource,
                _ => true,
            };
            for level in self.levels(member) {
                let own = self.open(level.iter().copied(), member, &mut needed.denies);
                match own {
                    Some(own) if must_allow => needed.levels.push(own),
                    // What a resource's policy allows by itself may do without the rest.
                    Some(own) if member == Member::Resource => has_other_way = !own.is_empty(),
                    None if member == Member::Resource && !must_allow => has_other_way = true,
                    _ => {}
                }
            }
        }
        needed.levels.retain(|level| !level.is_empty());
        if has_other_way || !needed.shares_a_key() {
            return true;
        }
        let mut tries = 0;
        self.choose(&needed, &mut Vec::new(), 0, &mut tries)
    }

    /// The open conditions of each statement that may allow; none if one needs no conditions. Those of Denies are added.
    fn open(
        &self,
        policies: impl Iterator<Item = &'a crate::Policy>,
        member: Member,
        denies: &mut Vec<Vec<&'a ConditionEntry>>,
    ) -> Option<Vec<Vec<&'a ConditionEntry>>> {
        let mut own = Some(Vec::new());
        for statement in policies.flat_map(|policy| &policy.statements) {
            let (truth, _) = statement::matches(statement, self.request, member);
            if truth == Truth::No {
                continue;
            }
            let conditions: Vec<&ConditionEntry> = statement
                .conditions
                .iter()
                .filter(|own| own.evaluate(self.request.context) == Truth::Unknown)
                .collect();
            match statement.effect {
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

    fn choose(
        &self,
        needed: &Needed<'a>,
        held: &mut Vec<&'a ConditionEntry>,
        level: usize,
        tries: &mut usize,
    ) -> bool {
        let context = self.request.context;
        let Some(choices) = needed.levels.get(level) else {
            return can_hold(held, &needed.denies, context);
        };
        for choice in choices {
            *tries += 1;
            if *tries > MOST_CHOICES {
                return true;
            }
            let before = held.len();
            held.extend(choice);
            if can_hold(held, &[], context) && self.choose(needed, held, level + 1, tries) {
                return true;
            }
            held.truncate(before);
        }
        false
    }
}

impl Needed<'_> {
    /// Conditions on different keys do not exclude each other.
    fn shares_a_key(&self) -> bool {
        let of_levels = self.levels.iter().flatten().flatten();
        let of_denies = self.denies.iter().flatten();
        let mut keys: Vec<&str> = of_levels
            .chain(of_denies)
            .map(|own| &*own.lower_key)
            .collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        keys.len() < count
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
}
