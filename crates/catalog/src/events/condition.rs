//! What a request must say so that it needs an action.

use super::parameters::{Parameters, Path, Values};

/// With which the statements begin whose permissions are known; DynamoDB Developer Guide, "PartiQL statements for DynamoDB".
const PARTIQL_VERBS: [&str; 5] = ["delete", "exists", "insert", "select", "update"];

/// A condition of a table's row.
///
/// | written | holds where |
/// | --- | --- |
/// | `path` | the parameter is there and not empty |
/// | `!path` | it is not |
/// | `path=text` | it is this text, case ignored |
/// | `path!=text` | it is another text, or not there |
/// | `path?=text` | it is this text, or not there |
/// | `path*=text` | it holds this text, case ignored |
/// | `path!*=text` | it does not hold it |
/// | `path^=a\|b` | it begins with one of these, case ignored, or with none of PartiQL's verbs, or cannot be read |
/// | `a/b` | `b` is in `a`, or there is no `a` |
///
/// Several conditions, separated by commas, must all hold. Where the parameters cannot be read, every condition holds: that a call
/// needed more than it did costs nothing but a grant that stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions(Vec<Condition>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    path: Path,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    There,
    NotThere,
    Is(&'static str),
    IsNot(&'static str),
    IsOrNotThere(&'static str),
    Holds(&'static str),
    HoldsNot(&'static str),
    Begins(&'static str),
    ThereWithin(Path),
}

impl Conditions {
    /// Reads a table's cell; `-` is no condition.
    pub(super) fn of(text: &'static str) -> Self {
        if text == "-" {
            return Self::default();
        }
        Self(text.split(',').map(Condition::of).collect())
    }

    /// All paths that are asked for.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<&Path> {
        let paths = self.0.iter().flat_map(|condition| {
            let within = match &condition.test {
                Test::ThereWithin(inner) => Some(inner),
                _ => None,
            };
            within.into_iter().chain([&condition.path])
        });
        paths.collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn hold(&self, parameters: &Parameters<'_>) -> bool {
        self.0.is_empty()
            || matches!(parameters, Parameters::Unreadable)
            || self.0.iter().all(|condition| condition.holds(parameters))
    }
}

impl Condition {
    fn of(text: &'static str) -> Self {
        // Longer signs first: the shorter ones are parts of them.
        let signs = ["!*=", "!=", "?=", "*=", "^=", "="].iter();
        let found = signs
            .filter_map(|sign| Some((*sign, text.split_once(sign)?)))
            .next();
        if let Some((sign, (path, value))) = found {
            return Self {
                path: Path::of(path),
                test: match sign {
                    "!*=" => Test::HoldsNot(value),
                    "!=" => Test::IsNot(value),
                    "?=" => Test::IsOrNotThere(value),
                    "*=" => Test::Holds(value),
                    "^=" => Test::Begins(value),
                    _ => Test::Is(value),
                },
            };
        }
        if let Some((outer, inner)) = text.split_once('/') {
            return Self {
                path: Path::of(outer),
                test: Test::ThereWithin(Path::of(&format!("{outer}.{inner}"))),
            };
        }
        match text.strip_prefix('!') {
            Some(path) => Self {
                path: Path::of(path),
                test: Test::NotThere,
            },
            None => Self {
                path: Path::of(text),
                test: Test::There,
            },
        }
    }

    fn holds(&self, parameters: &Parameters<'_>) -> bool {
        let mut found = Values {
            takes_patterns: true,
            ..Values::default()
        };
        parameters.values(&self.path, &mut found);
        let any = |test: &dyn Fn(&str) -> bool| {
            found.is_unclear || found.texts.iter().any(|text| test(text))
        };
        match &self.test {
            // An object or a list of objects is there too, though it is no text.
            Test::There => !found.is_empty(),
            Test::NotThere => found.is_empty(),
            Test::Is(value) => any(&|text| text.eq_ignore_ascii_case(value)),
            Test::IsNot(value) => !found
                .texts
                .iter()
                .any(|text| text.eq_ignore_ascii_case(value)),
            Test::IsOrNotThere(value) => {
                found.is_empty() || any(&|text| text.eq_ignore_ascii_case(value))
            }
            Test::Holds(value) => any(&|text| text.to_ascii_lowercase().contains(value)),
            Test::HoldsNot(value) => {
                found.is_unclear
                    || !found
                        .texts
                        .iter()
                        .any(|text| text.to_ascii_lowercase().contains(value))
            }
            Test::Begins(values) => {
                found.is_empty()
                    || any(&|text| {
                        let text = text.trim_start().to_ascii_lowercase();
                        let begins = |value: &str| text.starts_with(value);
                        values.split('|').any(begins) || !PARTIQL_VERBS.into_iter().any(begins)
                    })
            }
            Test::ThereWithin(inner) => {
                let mut within = Values::default();
                parameters.values(inner, &mut within);
                found.is_empty() || !within.is_empty()
            }
        }
    }
}
