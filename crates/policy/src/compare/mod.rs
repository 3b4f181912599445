//! Is everything that one policy allows allowed by another?
//!
//! Exact over action × resource × caller with wildcards, Allow and Deny, and the negated elements, on automata; conditions
//! by the classes of values that they can tell apart. What cannot be told is unknown, never a guess: a claim of "subset"
//! holds for every request, and "not subset" comes with a request that the evaluator has confirmed.
//!
//! How it works: a request tells old and new apart if some Allow of new matches it, no Deny of new does, and old has no
//! matching Allow or a matching Deny. Which statements match depends on the sets of patterns that the request's action,
//! resource and caller match; each such set that can occur is found once. What remains is which conditions hold.
//!
//! Taken as given: a key of those that every service has, and that AWS documents as single-valued, has one value unless a
//! statement reads it through ForAllValues or ForAnyValue. Keys that a caller's ARN implies may have any value, as in
//! `simulate`.

mod automaton;
mod axis;
mod bits;
mod callers;
mod free;
mod keys;
mod pin;
mod refine;
mod rules;
mod search;
mod solve;
mod tracks;
mod values;
mod witness;
mod work;

use std::fmt;
use std::ops::ControlFlow;

use crate::Policy;
use crate::condition::ContextValue;
use callers::Who;
use keys::{Lists, Multivalued, Pinned};
use rules::Rules;
use search::Prepared;
use tracks::Reading;
use witness::Bystanders;
pub use witness::Witness;
use work::{Exhausted, Work};

/// The account of callers where nothing else is known.
const OWN_ACCOUNT: &str = "111122223333";
/// An account that is not the caller's.
const OTHER_ACCOUNT: &str = "444455556666";

/// Steps that a comparison may take by default: about a tenth of a second.
pub const DEFAULT_WORK: u64 = 20_000_000;

/// Of which kind the compared policies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Policies of a user, group or role: several are taken together, and they decide alone.
    Identity,
    /// The policy of a resource: callers are of another account and may do everything by their own policies.
    Resource,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every request that new allows is allowed by old.
    Subset,
    /// New allows this request, and old does not.
    NotSubset(Box<Witness>),
    /// It could not be told.
    Unknown(Reason),
}

/// Why an answer could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The search passed its bound.
    TooMuchWork {
        /// The bound, in steps.
        steps: u64,
    },
    /// The two readings of `*` across `:` give two answers.
    Readings {
        /// Whether new is within old where a wildcard stays in its field.
        is_subset_by_field: bool,
    },
    /// Only with certain values of policy variables might new allow more.
    Variables {
        /// The variables.
        names: Vec<String>,
    },
    /// Only callers whom a request cannot name might be allowed more.
    Caller {
        /// The entry of the policy.
        entry: String,
    },
    /// A request seemed to show it, and the evaluator did not confirm it.
    NotConfirmed,
    /// Only a request with several values of these keys might be allowed more, and nobody knows if they are multivalued.
    Multivalued {
        /// The keys, in lower case.
        keys: Vec<String>,
    },
    /// Identity policies have no Principal.
    PrincipalInIdentityPolicy,
    /// Statements of resource policies have a Principal.
    NoPrincipalInResourcePolicy,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuchWork { steps } => write!(
                formatter,
                "the search was ended after {steps} steps without an answer"
            ),
            Self::Readings { is_subset_by_field } => write!(
                formatter,
                "the readings of `*` disagree: new is {} old where a wildcard stays in its field of an ARN, and {} old where it crosses `:`",
                if *is_subset_by_field { "within" } else { "not within" },
                if *is_subset_by_field { "not within" } else { "within" },
            ),
            Self::Variables { names } => write!(
                formatter,
                "it depends on the values of the policy variables `{}`",
                names.join("`, `")
            ),
            Self::Caller { entry } => write!(
                formatter,
                "only the principal `{entry}` might be allowed more, and no request can name it"
            ),
            Self::NotConfirmed => formatter.write_str(
                "a request that seemed to show a difference was not confirmed by evaluation; conditions of several types on one key are compared apart",
            ),
            Self::Multivalued { keys } => write!(
                formatter,
                "new is within old if `{}` has one value in every request, and not if it can have several; whether it is multivalued is not known",
                keys.join("`, `")
            ),
            Self::PrincipalInIdentityPolicy => formatter.write_str(
                "an identity policy has no Principal; compare it as kind `resource`",
            ),
            Self::NoPrincipalInResourcePolicy => formatter.write_str(
                "each statement of a resource policy has a Principal; compare policies without one as kind `identity`",
            ),
        }
    }
}

/// Compares two policies, or two sets of identity policies that are in force together.
///
/// `steps` bounds the work; [`DEFAULT_WORK`] is a good bound. Of resource policies there is one on each side.
#[must_use]
pub fn compare(old: &[&Policy], new: &[&Policy], kind: Kind, steps: u64) -> Verdict {
    compare_knowing(old, new, kind, steps, &|_| None)
}

/// Compares as [`compare`] does, with a catalogue's word on which context keys are multivalued.
///
/// `is_multivalued` is asked for keys in lower case that are not one of AWS's global ones; it answers `None` where it does not
/// know.
#[must_use]
pub fn compare_knowing(
    old: &[&Policy],
    new: &[&Policy],
    kind: Kind,
    steps: u64,
    is_multivalued: &dyn Fn(&str) -> Option<bool>,
) -> Verdict {
    let compared = Compared {
        old,
        new,
        kind,
        bystanders: Bystanders::get(),
        multivalued: &|key| keys::is_multivalued(key).or_else(|| is_multivalued(key)),
    };
    let mut work = Work::new(steps);
    compared
        .verdict(&mut work)
        .unwrap_or(Verdict::Unknown(Reason::TooMuchWork { steps }))
}

/// What a search under one reading came to.
enum Look {
    /// No request tells old and new apart.
    Nothing,
    /// One does.
    Found(Box<Witness>),
    /// One might.
    Unsure(Reason),
}

struct Compared<'a> {
    old: &'a [&'a Policy],
    new: &'a [&'a Policy],
    kind: Kind,
    bystanders: &'static Bystanders,
    multivalued: Multivalued<'a>,
}

impl Compared<'_> {
    fn verdict(&self, work: &mut Work) -> Result<Verdict, Exhausted> {
        let both: Vec<&Policy> = self.old.iter().chain(self.new).copied().collect();
        let mut statements = both.iter().flat_map(|policy| &policy.statements);
        let is_misplaced = statements
            .any(|statement| statement.principal.is_some() != (self.kind == Kind::Resource));
        if is_misplaced {
            return Ok(Verdict::Unknown(match self.kind {
                Kind::Identity => Reason::PrincipalInIdentityPolicy,
                Kind::Resource => Reason::NoPrincipalInResourcePolicy,
            }));
        }
        let rules = Rules::new(self.old, self.new, work)?;
        let plain = Prepared::new(rules, self.kind, Pinned::new(), self.multivalued, work)?;
        let verdict = self.verdict_with(&plain, Lists::Known, work)?;
        if verdict != Verdict::Subset || !plain.keys.has_unknown_lists() {
            return Ok(verdict);
        }
        Ok(match self.verdict_with(&plain, Lists::Possible, work)? {
            Verdict::NotSubset(witness) => Verdict::Unknown(Reason::Multivalued {
                keys: witness.lists().map(str::to_owned).collect(),
            }),
            other => other,
        })
    }

    /// The verdict under both readings of `*`.
    fn verdict_with(
        &self,
        plain: &Prepared<'_>,
        lists: Lists,
        work: &mut Work,
    ) -> Result<Verdict, Exhausted> {
        let both: Vec<&Policy> = self.old.iter().chain(self.new).copied().collect();
        let has_variables = pin::variables(&both).next().is_some();
        let by_field = match self.look(plain, Reading::ByField, lists, work)? {
            Look::Unsure(_) if has_variables => self.look_with_values(work)?,
            other => other,
        };
        let free = if plain.has_two_readings() {
            match &by_field {
                // One request may show it under both readings.
                Look::Found(witness) if self.is_shown_freely(witness) => None,
                _ => Some(self.look(plain, Reading::Free, lists, work)?),
            }
        } else {
            None
        };
        Ok(match (by_field, free) {
            (Look::Nothing, None | Some(Look::Nothing)) => Verdict::Subset,
            (Look::Found(witness), None | Some(Look::Found(_) | Look::Unsure(_))) => {
                Verdict::NotSubset(witness)
            }
            (Look::Unsure(reason), _) | (Look::Nothing, Some(Look::Unsure(reason))) => {
                Verdict::Unknown(reason)
            }
            (Look::Nothing, Some(Look::Found(_))) => Verdict::Unknown(Reason::Readings {
                is_subset_by_field: true,
            }),
            (Look::Found(_), Some(Look::Nothing)) => Verdict::Unknown(Reason::Readings {
                is_subset_by_field: false,
            }),
        })
    }

    fn look(
        &self,
        prepared: &Prepared<'_>,
        reading: Reading,
        lists: Lists,
        work: &mut Work,
    ) -> Result<Look, Exhausted> {
        let mut unsure = None;
        let mut found = None;
        prepared.search(reading, lists, work, |candidate| {
            if let Who::OnlyByPolicy(entry) = &candidate.caller.who {
                unsure.get_or_insert(Reason::Caller {
                    entry: entry.clone(),
                });
                return ControlFlow::Continue(());
            }
            let Some(witness) = Witness::new(candidate, &prepared.keys) else {
                unsure.get_or_insert_with(|| self.depends_on_variables());
                return ControlFlow::Continue(());
            };
            // The evaluator reads field by field, so it cannot confirm what the other reading shows.
            let is_shown = match reading {
                Reading::ByField => {
                    witness.is_confirmed(self.old, self.new, self.kind, self.bystanders)
                }
                Reading::Free => self.is_shown_freely(&witness),
            };
            if is_shown {
                found = Some(Box::new(witness));
                return ControlFlow::Break(());
            }
            unsure.get_or_insert(Reason::NotConfirmed);
            ControlFlow::Continue(())
        })?;
        Ok(match (found, unsure) {
            (Some(witness), _) => Look::Found(witness),
            (None, Some(reason)) => Look::Unsure(reason),
            (None, None) => Look::Nothing,
        })
    }

    /// Looks again with a fixed value for each policy variable: what is found then is a request like any other.
    fn look_with_values(&self, work: &mut Work) -> Result<Look, Exhausted> {
        let both: Vec<&Policy> = self.old.iter().chain(self.new).copied().collect();
        let Some(user) = callers::user() else {
            return Ok(Look::Unsure(self.depends_on_variables()));
        };
        let pinned = pin::pin(&both, &user);
        let resolved = |policies: &[&Policy]| -> Vec<Policy> {
            policies
                .iter()
                .map(|policy| pin::resolved(policy, &pinned))
                .collect()
        };
        let (old, new) = (resolved(self.old), resolved(self.new));
        let (old, new): (Vec<&Policy>, Vec<&Policy>) = (old.iter().collect(), new.iter().collect());
        let prepared = Prepared::new(
            Rules::new(&old, &new, work)?,
            self.kind,
            pinned.clone(),
            self.multivalued,
            work,
        )?;
        let mut found = None;
        prepared.search(Reading::ByField, Lists::Known, work, |candidate| {
            let Some(mut witness) = Witness::new(candidate, &prepared.keys) else {
                return ControlFlow::Continue(());
            };
            for (key, value) in &pinned {
                witness
                    .context
                    .insert(key, ContextValue::One(value.clone()));
            }
            if witness.is_confirmed(self.old, self.new, self.kind, self.bystanders) {
                found = Some(Box::new(witness));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(match found {
            Some(witness) => Look::Found(witness),
            None => Look::Unsure(self.depends_on_variables()),
        })
    }

    fn depends_on_variables(&self) -> Reason {
        let both: Vec<&Policy> = self.old.iter().chain(self.new).copied().collect();
        let mut names: Vec<String> = pin::variables(&both)
            .map(|variable| format!("${{{}}}", variable.key))
            .collect();
        names.sort();
        names.dedup();
        Reason::Variables { names }
    }

    /// Whether the request tells old and new apart where a wildcard crosses colons, too.
    fn is_shown_freely(&self, witness: &Witness) -> bool {
        let request = witness.request(self.kind);
        free::allows(self.new, &request, self.kind) && !free::allows(self.old, &request, self.kind)
    }
}

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod doubts;
#[cfg(test)]
mod tests;
