//! Conditions on the time of a request of which only the earliest is known: some can no longer be met, some always are.

use super::{Comparison, ConditionEntry, Context, Family, Truth};
use crate::scalar::Instant;

/// The longest that temporary credentials live: 36 hours, of sts:GetSessionToken and sts:GetFederationToken (STS API Reference).
const LONGEST_SESSION: i128 = 36 * 3600 * 1_000_000_000;

/// Whether a condition on a key that was not told is met at the context's earliest instant and at all later ones.
pub(super) fn evaluate(entry: &ConditionEntry, context: &Context) -> Truth {
    let Some(now) = context.not_before() else {
        return Truth::Unknown;
    };
    let is_time = matches!(
        entry.operator.comparison.family(),
        Family::Date | Family::Number
    );
    match &*entry.lower_key {
        "aws:currenttime" | "aws:epochtime" if is_time => from(entry, now),
        // Requests with long-term credentials do not have it.
        "aws:tokenissuetime" if is_time => {
            let with_key = from(entry, Instant(now.0 - LONGEST_SESSION));
            let without_key = Truth::from(entry.operator.is_met_without_key());
            match with_key == without_key {
                true => with_key,
                false => Truth::Unknown,
            }
        }
        _ => Truth::Unknown,
    }
}

/// Whether it is met by every instant from this one on, by some, or by none.
fn from(entry: &ConditionEntry, earliest: Instant) -> Truth {
    let comparison = entry.operator.comparison;
    // A number is seconds since 1970.
    let instant = |value: &super::ConditionValue| {
        let of_number = || value.number().map(|seconds| Instant(seconds.0));
        value.instant().or_else(of_number)
    };
    let truths = entry.values.iter().map(|value| match instant(value) {
        Some(own) => compared(comparison, own, earliest),
        None => Truth::No,
    });
    let matched = truths.max().unwrap_or(Truth::No);
    match comparison.is_negated() {
        true => matched.negated(),
        false => matched,
    }
}

fn compared(comparison: Comparison, own: Instant, earliest: Instant) -> Truth {
    use Comparison::{
        DateGreaterThan, DateGreaterThanEquals, DateLessThan, NumericGreaterThan,
        NumericGreaterThanEquals, NumericLessThan,
    };
    let is_over = match comparison {
        DateLessThan | NumericLessThan => own <= earliest,
        DateGreaterThan | NumericGreaterThan => own < earliest,
        DateGreaterThanEquals | NumericGreaterThanEquals => own <= earliest,
        // Not after it, or at it.
        _ => own < earliest,
    };
    match comparison {
        DateGreaterThan | DateGreaterThanEquals | NumericGreaterThan | NumericGreaterThanEquals
            if is_over =>
        {
            Truth::Yes
        }
        _ if is_over => Truth::No,
        _ => Truth::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    const NOW: &str = "2026-01-31T00:00:00Z";

    fn truth(condition: &str) -> Truth {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}}}"#
        );
        let policy = Policy::parse(&text).unwrap();
        let now = Instant::parse(NOW).unwrap();
        let context = Context::open().at_or_after(now);
        let conditions = policy.statements[0].conditions.iter();
        conditions
            .map(|entry| entry.evaluate(&context))
            .min()
            .unwrap()
    }

    #[test]
    fn what_is_over_is_never_met_again_and_what_has_begun_always_is() {
        let cases = [
            (
                r#""DateLessThan":{"aws:CurrentTime":"2020-01-01"}"#,
                Truth::No,
            ),
            (
                r#""DateLessThan":{"aws:CurrentTime":"2026-01-31"}"#,
                Truth::No,
            ),
            (
                r#""DateLessThanEquals":{"aws:CurrentTime":"2026-01-31"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateLessThan":{"aws:CurrentTime":"2027-01-01"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateLessThan":{"aws:CurrentTime":["2020-01-01","2027-01-01"]}"#,
                Truth::Unknown,
            ),
            (
                r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}"#,
                Truth::Yes,
            ),
            (
                r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-31"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateGreaterThanEquals":{"aws:CurrentTime":"2026-01-31"}"#,
                Truth::Yes,
            ),
            (
                r#""DateGreaterThan":{"aws:CurrentTime":"2027-01-01"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateEquals":{"aws:CurrentTime":"2020-01-01"}"#,
                Truth::No,
            ),
            (
                r#""DateNotEquals":{"aws:CurrentTime":"2020-01-01"}"#,
                Truth::Yes,
            ),
            (
                r#""DateLessThan":{"aws:CurrentTime":"gibberish"}"#,
                Truth::No,
            ),
            (
                r#""NumericLessThan":{"aws:EpochTime":"1577836800"}"#,
                Truth::No,
            ),
            (
                r#""NumericGreaterThan":{"aws:EpochTime":"1577836800"}"#,
                Truth::Yes,
            ),
            (
                r#""StringEquals":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateLessThan":{"aws:RequestTag/until":"2020-01-01"}"#,
                Truth::Unknown,
            ),
        ];
        for (condition, expected) in cases {
            assert_eq!(truth(condition), expected, "{condition}");
        }
    }

    #[test]
    fn a_session_is_at_most_36_hours_old_and_long_term_keys_have_none() {
        let cases = [
            (
                r#""DateLessThan":{"aws:TokenIssueTime":"2020-01-01"}"#,
                Truth::No,
            ),
            (
                r#""DateLessThan":{"aws:TokenIssueTime":"2026-01-30"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateLessThanIfExists":{"aws:TokenIssueTime":"2020-01-01"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01"}"#,
                Truth::Unknown,
            ),
            (
                r#""DateGreaterThanIfExists":{"aws:TokenIssueTime":"2020-01-01"}"#,
                Truth::Yes,
            ),
        ];
        for (condition, expected) in cases {
            assert_eq!(truth(condition), expected, "{condition}");
        }
    }

    #[test]
    fn at_every_later_instant_the_answer_is_the_told_one() {
        let instants = [
            "2026-01-31T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
            "2040-01-01T00:00:00Z",
        ];
        let bounds = ["2020-01-01", NOW, "2026-02-01", "2027-01-01"];
        let operators = [
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ];
        for (operator, bound) in operators
            .iter()
            .flat_map(|own| bounds.map(|bound| (own, bound)))
        {
            let condition = format!(r#""{operator}":{{"aws:CurrentTime":"{bound}"}}"#);
            let later = truth(&condition);
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}}}"#
            );
            let policy = Policy::parse(&text).unwrap();
            for instant in instants {
                let mut context = Context::default();
                context.insert_if_missing("aws:currenttime", instant);
                let told = policy.statements[0].conditions[0].evaluate(&context);
                assert!(
                    later == Truth::Unknown || later == told,
                    "{condition} at {instant}"
                );
            }
        }
    }
}
