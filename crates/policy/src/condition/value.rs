//! The values of a condition in a policy, and which values of a request they match.

use super::{Comparison, Context, Family, Found, Truth};
use crate::Version;
use crate::resource::{ARN_FIELDS, arn_fields, pattern_fields};
use crate::scalar::{Instant, Network, Number};
use crate::wildcard::{Syntax, Variable, Wildcard, fold_case};

/// A value of a condition, read for the operator that it stands under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConditionValue {
    text: Box<str>,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Test {
    Text(Wildcard),
    /// Lower-case text, for operators that ignore case.
    LowerText(Wildcard),
    Arn(ArnTest),
    Number(Option<Number>),
    Date(Option<Instant>),
    Address(Option<Network>),
    Null(Option<bool>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ArnTest {
    /// `*` alone.
    Every,
    Fields(Box<[Wildcard]>),
    /// Not six fields, so no ARN matches.
    None,
}

impl ConditionValue {
    /// Reads a value that stands under `comparison` in a policy of this version.
    #[must_use]
    pub fn parse(text: &str, comparison: Comparison, version: Version) -> Self {
        let is_new = version == Version::V2012;
        let exact = Syntax {
            wildcards: false,
            variables: is_new,
            escapes: is_new,
        };
        let like = Syntax {
            wildcards: true,
            ..exact
        };
        let test = match comparison {
            Comparison::StringEquals | Comparison::StringNotEquals => {
                Test::Text(Wildcard::parse(text, exact))
            }
            Comparison::BinaryEquals => Test::Text(Wildcard::literal(text)),
            Comparison::StringLike | Comparison::StringNotLike => {
                Test::Text(Wildcard::parse(text, like))
            }
            Comparison::StringEqualsIgnoreCase
            | Comparison::StringNotEqualsIgnoreCase
            | Comparison::Bool => {
                // Lower-casing also reaches the variables' names, which ignore case, and their defaults, which then must.
                Test::LowerText(Wildcard::parse(&folded(text), exact))
            }
            _ => match comparison.family() {
                Family::Arn => Test::Arn(arn_test(text, like)),
                Family::Number => Test::Number(Number::parse(text)),
                Family::Date => Test::Date(Instant::parse(text)),
                Family::Address => Test::Address(Network::parse(text)),
                Family::Existence | Family::Text => Test::Null(null(text)),
            },
        };
        Self {
            text: text.into(),
            test,
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is of the form that its operator compares: a number, a date, a range, an ARN, `true` or `false`.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        !matches!(
            self.test,
            Test::Number(None)
                | Test::Date(None)
                | Test::Address(None)
                | Test::Null(None)
                | Test::Arn(ArnTest::None)
        )
    }

    /// Whether it has a policy variable.
    #[must_use]
    pub(crate) fn has_variables(&self) -> bool {
        self.variables().next().is_some()
    }

    /// Its policy variables.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        let wildcards: &[Wildcard] = match &self.test {
            Test::Text(wildcard) | Test::LowerText(wildcard) => std::slice::from_ref(wildcard),
            Test::Arn(ArnTest::Fields(fields)) => fields,
            _ => &[],
        };
        wildcards.iter().flat_map(Wildcard::variables)
    }

    /// The value with plain text in the place of its variables; a variable without a value stays.
    pub(crate) fn resolved<'a>(&self, value: impl Fn(&Variable) -> Option<&'a str>) -> Self {
        let plain =
            |wildcard: &Wildcard| wildcard.resolve(&value).unwrap_or_else(|| wildcard.clone());
        let test = match &self.test {
            Test::Text(wildcard) => Test::Text(plain(wildcard)),
            Test::LowerText(wildcard) => Test::LowerText(lower(&plain(wildcard))),
            Test::Arn(ArnTest::Fields(fields)) => {
                Test::Arn(ArnTest::Fields(fields.iter().map(plain).collect()))
            }
            other => other.clone(),
        };
        Self {
            text: self.text.clone(),
            test,
        }
    }

    /// The text pattern, and whether it is compared in lower case.
    #[must_use]
    pub(crate) fn text_pattern(&self) -> Option<(&Wildcard, bool)> {
        match &self.test {
            Test::Text(wildcard) => Some((wildcard, false)),
            Test::LowerText(wildcard) => Some((wildcard, true)),
            _ => None,
        }
    }

    /// The six fields of an ARN pattern; `Err(true)` if every text matches, `Err(false)` if none does or it is no ARN pattern.
    pub(crate) fn arn_pattern(&self) -> Result<&[Wildcard], bool> {
        match &self.test {
            Test::Arn(ArnTest::Fields(fields)) => Ok(fields),
            Test::Arn(ArnTest::Every) => Err(true),
            _ => Err(false),
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self.test {
            Test::Number(number) => number,
            _ => None,
        }
    }

    /// The instant, if it is one.
    #[must_use]
    pub(crate) fn instant(&self) -> Option<Instant> {
        match self.test {
            Test::Date(instant) => instant,
            _ => None,
        }
    }

    /// The range of addresses, if it is one.
    #[must_use]
    pub(crate) fn network(&self) -> Option<Network> {
        match self.test {
            Test::Address(network) => network,
            _ => None,
        }
    }

    /// Under Null: whether a key that is missing, or there, is what the value asks for.
    pub(super) fn is_null(&self, is_missing: bool) -> bool {
        self.test == Test::Null(Some(is_missing))
    }

    /// Whether it matches a value of a request. Negation is the entry's matter.
    pub(super) fn matches(
        &self,
        comparison: Comparison,
        request_value: &str,
        context: &Context,
    ) -> Truth {
        if !self.has_variables() {
            return self
                .matches_resolved(comparison, request_value, |wildcard, text| {
                    wildcard.matches(text)
                })
                .into();
        }
        let is_not_told = |variable: &Variable| context.find(&variable.key) == Found::NotTold;
        if self.variables().any(is_not_told) {
            return Truth::Unknown;
        }
        // A variable without a value makes its entry match nothing.
        self.matches_resolved(comparison, request_value, |wildcard, text| {
            resolved(wildcard, context).is_some_and(|wildcard| match &self.test {
                Test::LowerText(_) => lower(&wildcard).matches(text),
                _ => wildcard.matches(text),
            })
        })
        .into()
    }

    fn matches_resolved(
        &self,
        comparison: Comparison,
        request_value: &str,
        matches: impl Fn(&Wildcard, &str) -> bool,
    ) -> bool {
        match &self.test {
            Test::Text(wildcard) => matches(wildcard, request_value),
            Test::LowerText(wildcard) => matches(wildcard, &folded(request_value)),
            Test::Arn(ArnTest::Every) => true,
            Test::Arn(ArnTest::None) | Test::Null(_) => false,
            Test::Arn(ArnTest::Fields(fields)) => arn_fields(request_value).is_some_and(|values| {
                let mut pairs = fields.iter().zip(values);
                pairs.all(|(field, value)| matches(field, value))
            }),
            Test::Number(own) => {
                own.zip(Number::parse(request_value))
                    .is_some_and(|(own, value)| match comparison {
                        Comparison::NumericLessThan => value < own,
                        Comparison::NumericLessThanEquals => value <= own,
                        Comparison::NumericGreaterThan => value > own,
                        Comparison::NumericGreaterThanEquals => value >= own,
                        _ => value == own,
                    })
            }
            Test::Date(own) => own.zip(Instant::parse(request_value)).is_some_and(
                |(own, value)| match comparison {
                    Comparison::DateLessThan => value < own,
                    Comparison::DateLessThanEquals => value <= own,
                    Comparison::DateGreaterThan => value > own,
                    Comparison::DateGreaterThanEquals => value >= own,
                    _ => value == own,
                },
            ),
            Test::Address(own) => own
                .zip(Network::parse(request_value))
                // A request comes from one address; a range is none.
                .is_some_and(|(own, value)| value.first == value.last && own.contains(&value)),
        }
    }
}

/// Puts the context's values in the place of variables; a multivalued key cannot be used.
pub(crate) fn resolved(wildcard: &Wildcard, context: &Context) -> Option<Wildcard> {
    wildcard.resolve(|variable| match context.find(&variable.key) {
        Found::One(value) => Some(value),
        Found::Missing | Found::NotTold | Found::Many(_) => None,
    })
}

fn folded(text: &str) -> String {
    text.chars().map(fold_case).collect()
}

fn lower(wildcard: &Wildcard) -> Wildcard {
    match wildcard.as_literal() {
        Some(text) => Wildcard::literal(&folded(text)),
        None => wildcard.clone(),
    }
}

fn arn_test(text: &str, like: Syntax) -> ArnTest {
    if Wildcard::parse(text, like).is_any() {
        return ArnTest::Every;
    }
    let fields: Box<[Wildcard]> = pattern_fields(text)
        .into_iter()
        .map(|field| Wildcard::parse(field, like))
        .collect();
    if fields.len() == ARN_FIELDS {
        ArnTest::Fields(fields)
    } else {
        ArnTest::None
    }
}

fn null(text: &str) -> Option<bool> {
    [true, false]
        .into_iter()
        .find(|value| text.eq_ignore_ascii_case(&value.to_string()))
}
