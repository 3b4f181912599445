//! Whether one request can meet several conditions, told key by key where a condition leaves a key a few values.
//!
//! Never "no" of what is possible: patterns, numbers, dates and addresses are taken to leave room for each other. The comparison of
//! policies decides these too, and takes longer.

use super::{Comparison, ConditionEntry, Context, SetQualifier, Truth};

/// Whether some request can meet all of the conditions, and of each of the lists `missed` not all.
pub(crate) fn can_hold(
    held: &[&ConditionEntry],
    missed: &[Vec<&ConditionEntry>],
    context: &Context,
) -> bool {
    can_hold_more(held, held, context)
        && missed.iter().all(|list| {
            let mut list = list.iter();
            list.any(|own| has_value(held, own, Some(own), context))
        })
}

/// Whether some request can meet all of the conditions, of which it is known for all but some.
pub(crate) fn can_hold_more(
    held: &[&ConditionEntry],
    more: &[&ConditionEntry],
    context: &Context,
) -> bool {
    more.iter().all(|own| has_value(held, own, None, context))
}

/// Whether the key of `own`, or its absence, meets all of the conditions on it that are held and does not meet the one that is missed.
fn has_value(
    held: &[&ConditionEntry],
    own: &ConditionEntry,
    missed: Option<&ConditionEntry>,
    context: &Context,
) -> bool {
    let held = || {
        let all = held.iter().copied();
        all.filter(|other| *other.lower_key == *own.lower_key)
    };
    if held().all(is_met_without_key) && missed.is_none_or(|own| !is_met_without_key(own)) {
        return true;
    }
    let met = |own: &ConditionEntry, value: &str| match own.operator.comparison {
        Comparison::Null => own.values.iter().any(|own| own.is_null(false)).into(),
        _ => own.is_met_by(value, context),
    };
    let needs_no_key = |own: &ConditionEntry| {
        own.operator.comparison == Comparison::Null
            && !own.values.iter().any(|own| own.is_null(false))
    };
    if held().any(needs_no_key) {
        return false;
    }
    match held().find_map(few_values) {
        Some(mut values) => values.any(|value| {
            held().all(|own| met(own, value) != Truth::No)
                && missed.is_none_or(|own| met(own, value) != Truth::Yes)
        }),
        None => missed.is_none_or(|own| !held().any(|held| held == own)),
    }
}

fn is_met_without_key(own: &ConditionEntry) -> bool {
    match own.operator.comparison {
        Comparison::Null => own.values.iter().any(|own| own.is_null(true)),
        _ => own.operator.is_met_without_key(),
    }
}

/// The only values that a key can have, as they are written, where the condition is met and the key is there; none if they are not few.
fn few_values(own: &ConditionEntry) -> Option<impl Iterator<Item = &str>> {
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
        can_hold(&held, &missed, &Context::open())
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
