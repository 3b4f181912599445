//! Whether one request can meet several conditions, told key by key where a condition leaves a key a few values.
//!
//! Never "no" of what is possible: patterns, numbers, dates and addresses are taken to leave room for each other. The comparison of
//! policies decides these too, and takes longer.

use std::collections::BTreeMap;

use super::{Comparison, ConditionEntry, Context, SetQualifier, Truth};

/// Whether some request can meet all of the conditions.
pub(crate) fn can_hold(held: &[&ConditionEntry], context: &Context) -> bool {
    can_hold_more(held, held, context)
}

/// The same where it is known of all but some of them.
pub(crate) fn can_hold_more(
    held: &[&ConditionEntry],
    more: &[&ConditionEntry],
    context: &Context,
) -> bool {
    let mut more = more.iter();
    more.all(|own| Left::of(held, &own.lower_key, context).is_something())
}

/// Whether a request that meets all of the conditions can do so without meeting all conditions of any of the lists.
pub(crate) fn can_miss(
    held: &[&ConditionEntry],
    lists: &[Vec<&ConditionEntry>],
    context: &Context,
) -> bool {
    let mut all: BTreeMap<&str, Left<'_>> = BTreeMap::new();
    lists.iter().all(|list| {
        list.iter().any(|own| {
            let left = all
                .entry(&own.lower_key)
                .or_insert_with(|| Left::of(held, &own.lower_key, context));
            left.can_miss(own, context)
        })
    })
}

/// What the conditions that are held leave of a key.
struct Left<'a> {
    /// Whether a request may be without it.
    may_be_missing: bool,
    /// Whether a request may have it.
    may_be_there: bool,
    /// Its only values, where they are few.
    values: Option<Vec<&'a str>>,
    /// The conditions on it.
    held: Vec<&'a ConditionEntry>,
}

impl<'a> Left<'a> {
    fn of(held: &[&'a ConditionEntry], key: &str, context: &Context) -> Self {
        let all = held.iter().copied();
        let held: Vec<&ConditionEntry> = all.filter(|own| *own.lower_key == *key).collect();
        let needs_no_key = |own: &&ConditionEntry| {
            own.operator.comparison == Comparison::Null
                && !own.values.iter().any(|own| own.is_null(false))
        };
        let few = held.iter().copied().filter_map(few_values);
        let fewest = few.min_by_key(ExactSizeIterator::len);
        let values = fewest.map(|values| {
            let is_left =
                |value: &&str| held.iter().all(|own| met(own, value, context) != Truth::No);
            values.filter(is_left).collect::<Vec<&str>>()
        });
        Self {
            may_be_missing: held.iter().all(|own| is_met_without_key(own)),
            may_be_there: !held.iter().any(needs_no_key)
                && values.as_ref().is_none_or(|values| !values.is_empty()),
            values,
            held,
        }
    }

    fn is_something(&self) -> bool {
        self.may_be_missing || self.may_be_there
    }

    /// Whether a request need not meet another condition on the key.
    fn can_miss(&self, own: &ConditionEntry, context: &Context) -> bool {
        if self.may_be_missing && !is_met_without_key(own) {
            return true;
        }
        self.may_be_there
            && match &self.values {
                Some(values) => {
                    let mut values = values.iter();
                    values.any(|value| met(own, value, context) != Truth::Yes)
                }
                None => !self.held.contains(&own),
            }
    }
}

/// Whether a value of the key meets a condition.
fn met(own: &ConditionEntry, value: &str, context: &Context) -> Truth {
    match own.operator.comparison {
        Comparison::Null => own.values.iter().any(|own| own.is_null(false)).into(),
        _ => own.is_met_by(value, context),
    }
}

fn is_met_without_key(own: &ConditionEntry) -> bool {
    match own.operator.comparison {
        Comparison::Null => own.values.iter().any(|own| own.is_null(true)),
        _ => own.operator.is_met_without_key(),
    }
}

/// The only values that a key can have, as they are written, where the condition is met and the key is there; none if they are not few.
fn few_values(own: &ConditionEntry) -> Option<impl ExactSizeIterator<Item = &str>> {
    let is_literal = match own.operator.comparison {
        Comparison::StringEquals => !own.values.iter().any(|value| value.as_str().contains("${")),
        Comparison::StringLike | Comparison::ArnEquals | Comparison::ArnLike => {
            let mut values = own.values.iter();
            !values.any(|value| value.as_str().contains(['*', '?', '$']))
        }
        _ => false,
    };
    // A key with several values is told apart by set operators only. Of all values of a key none may be left.
    let is_single = own.operator.set != Some(SetQualifier::ForAnyValue)
        && own.operator.set != Some(SetQualifier::ForAllValues);
    (is_literal && is_single && !own.has_variables())
        .then(|| own.values.iter().map(|value| value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    fn entries(conditions: &str) -> Vec<ConditionEntry> {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{conditions}}}}}}}"#
        );
        let policy = Policy::parse(&text).unwrap();
        policy.statements[0].conditions.clone()
    }

    fn can(held: &str, missed: &[&str]) -> bool {
        let held = entries(held);
        let missed: Vec<Vec<ConditionEntry>> = missed.iter().map(|own| entries(own)).collect();
        let held: Vec<&ConditionEntry> = held.iter().collect();
        let missed: Vec<Vec<&ConditionEntry>> =
            missed.iter().map(|own| own.iter().collect()).collect();
        can_hold(&held, &Context::open()) && can_miss(&held, &missed, &Context::open())
    }

    #[test]
    fn conditions_exclude_each_other_where_a_key_has_no_value_for_all() {
        let eu = r#""StringEquals":{"r":"eu"}"#;
        for (other, expected) in [
            (r#""StringLike":{"r":"us"}"#, false),
            (r#""StringLike":{"r":"e*"}"#, true),
            (r#""StringLike":{"r":"u*"}"#, false),
            (r#""StringNotEquals":{"r":["us","eu"]}"#, false),
            (r#""StringNotEquals":{"r":"us"}"#, true),
            (r#""StringEqualsIgnoreCase":{"r":"EU"}"#, true),
            (r#""StringEqualsIfExists":{"r":"us"}"#, false),
            (r#""StringLike":{"s":"us"}"#, true),
            (r#""StringLike":{"R":"${aws:username}"}"#, true),
            (r#""Null":{"r":"true"}"#, false),
            (r#""Null":{"r":"false"}"#, true),
            // A text with a star.
            (r#""StringEqualsIgnoreCase":{"r":"x${*}"}"#, false),
            (r#""ForAnyValue:StringEquals":{"r":"us"}"#, false),
            (r#""ForAllValues:StringEquals":{"r":["us","eu"]}"#, true),
        ] {
            assert_eq!(can(&format!("{eu},{other}"), &[]), expected, "{other}");
        }
        assert!(can(r#""StringEquals":{"r":"x${*}"}"#, &[]));
        assert!(can(
            r#""StringEquals":{"r":"x${$}"},"StringLike":{"r":"x$"}"#,
            &[]
        ));
        let several =
            r#""ForAnyValue:StringEquals":{"r":"eu"},"ForAnyValue:StringLike":{"r":"us"}"#;
        assert!(can(several, &[]));
        assert!(can(
            r#""StringEqualsIfExists":{"r":"eu"},"Null":{"r":"true"}"#,
            &[]
        ));
        assert!(!can(r#""StringLike":{"r":"e*"},"Null":{"r":"true"}"#, &[]));
    }

    #[test]
    fn what_must_be_missed_is_missed_by_one_of_its_conditions() {
        let eu = r#""StringEquals":{"r":"eu"}"#;
        for (held, missed, expected) in [
            (eu, eu, false),
            (eu, r#""StringLike":{"r":"e?"}"#, false),
            (eu, r#""StringEquals":{"r":"us"}"#, true),
            (eu, r#""StringEquals":{"r":"eu","s":"x"}"#, true),
            (eu, r#""StringNotEquals":{"r":"us"}"#, false),
            (
                r#""StringLike":{"r":"e*"}"#,
                r#""StringLike":{"r":"e*"}"#,
                false,
            ),
            (
                r#""StringLike":{"r":"e*"}"#,
                r#""StringLike":{"r":"*"}"#,
                true,
            ),
            (r#""StringEqualsIfExists":{"r":"eu"}"#, eu, true),
            ("", eu, true),
            ("", r#""Null":{"r":"true"}"#, true),
        ] {
            assert_eq!(can(held, &[missed]), expected, "{held} / {missed}");
        }
    }
}
