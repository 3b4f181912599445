//! Conditions: operators, values, and whether a request's context meets them.

mod context;
mod later;
mod operator;
mod together;
mod value;

pub use context::{Context, ContextValue, Found};
pub(crate) use operator::instead_of;
pub use operator::{Comparison, Family, Operator, SetQualifier};
pub(crate) use together::{can_hold, can_hold_more, can_miss};
pub use value::ConditionValue;

use crate::document::Spanned;

/// One operator, one key and its values; all entries of a statement must be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionEntry {
    /// The operator.
    pub operator: Operator,
    /// The context key as it was written.
    pub key: Spanned<Box<str>>,
    /// The context key in lower case: keys ignore case, those of tags too.
    pub lower_key: Box<str>,
    /// The values, at least one.
    pub values: Vec<Spanned<ConditionValue>>,
}

/// Whether a key is of what a token or a SAML assertion says: the part before the colon is its issuer (IAM User Guide, "IAM and AWS
/// STS condition context keys").
#[must_use]
pub fn is_of_token(lower_key: &str) -> bool {
    let issuer = lower_key.rsplit_once(':').map(|(issuer, _)| issuer);
    issuer.is_some_and(|issuer| issuer.contains('.') || issuer == "saml")
}

/// Three values, never two: what was not told cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    No,
    /// It depends on what was not told.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl ConditionEntry {
    /// Whether a request with this context meets it.
    #[must_use]
    pub fn evaluate(&self, context: &Context) -> Truth {
        let found = context.find(&self.lower_key);
        if self.operator.comparison == Comparison::Null {
            let is_missing = match found {
                Found::NotTold => return Truth::Unknown,
                Found::Missing => true,
                Found::One(_) | Found::Many(_) => false,
            };
            let mut values = self.values.iter();
            return values.any(|value| value.is_null(is_missing)).into();
        }
        let met = |value: &str| self.is_met_by(value, context);
        match (found, self.operator.set) {
            (Found::NotTold, _) => later::evaluate(self, context),
            (Found::Missing, _) => self.operator.is_met_without_key().into(),
            (Found::One(value), _) => met(value),
            // A multivalued key without a set operator never matches.
            (Found::Many(_), None) => Truth::No,
            (Found::Many(values), Some(SetQualifier::ForAllValues)) => values
                .iter()
                .map(|value| met(value))
                .min()
                .unwrap_or(Truth::Yes),
            (Found::Many(values), Some(SetQualifier::ForAnyValue)) => values
                .iter()
                .map(|value| met(value))
                .max()
                .unwrap_or(Truth::No),
        }
    }

    /// Whether one value of the request meets it, by its operator: negated ones hold if no value matches.
    pub(crate) fn is_met_by(&self, request_value: &str, context: &Context) -> Truth {
        let comparison = self.operator.comparison;
        let matched = self
            .values
            .iter()
            .map(|value| value.matches(comparison, request_value, context))
            .max()
            .unwrap_or(Truth::No);
        if comparison.is_negated() {
            matched.negated()
        } else {
            matched
        }
    }

    /// Whether a policy variable stands in its values.
    #[must_use]
    pub(crate) fn has_variables(&self) -> bool {
        self.values.iter().any(|value| value.has_variables())
    }
}

#[cfg(test)]
mod tests;
