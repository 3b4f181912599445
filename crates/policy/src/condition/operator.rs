//! The condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators").

use std::fmt;

/// A condition operator with its prefix and suffix: `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// How the values of a multivalued key are taken together.
    pub set: Option<SetQualifier>,
    /// What is compared.
    pub comparison: Comparison,
    /// Whether a missing key meets the condition.
    pub if_exists: bool,
}

/// The prefix of an operator for multivalued keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetQualifier {
    /// Every value of the request must match; true also where there is none.
    ForAllValues,
    /// One value of the request must match.
    ForAnyValue,
}

/// What values an operator compares, and so which of them can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Texts: the String, Bool and Binary operators.
    Text,
    /// ARNs, field by field.
    Arn,
    /// Numbers.
    Number,
    /// Dates.
    Date,
    /// Addresses.
    Address,
    /// Whether the key is there.
    Existence,
}

macro_rules! comparisons {
    ($($(#[doc = $doc:literal])+ $name:ident: $family:ident, $negated:literal),+ $(,)?) => {
        /// What an operator compares, and how.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Comparison {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Comparison {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name as AWS writes it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What it compares.
            #[must_use]
            pub(crate) fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)+ }
            }

            /// Whether it is true if none of its values matches.
            #[must_use]
            pub fn is_negated(self) -> bool {
                match self { $(Self::$name => $negated,)+ }
            }
        }
    };
}

comparisons! {
    /// Equal texts.
    StringEquals: Text, false,
    /// Not equal texts.
    StringNotEquals: Text, true,
    /// Texts equal but for case.
    StringEqualsIgnoreCase: Text, false,
    /// Texts not equal even without regard to case.
    StringNotEqualsIgnoreCase: Text, true,
    /// A text with wildcards.
    StringLike: Text, false,
    /// Not a text with wildcards.
    StringNotLike: Text, true,
    /// Equal numbers.
    NumericEquals: Number, false,
    /// Not equal numbers.
    NumericNotEquals: Number, true,
    /// A number below the value.
    NumericLessThan: Number, false,
    /// A number not above the value.
    NumericLessThanEquals: Number, false,
    /// A number above the value.
    NumericGreaterThan: Number, false,
    /// A number not below the value.
    NumericGreaterThanEquals: Number, false,
    /// The same instant.
    DateEquals: Date, false,
    /// Not the same instant.
    DateNotEquals: Date, true,
    /// Before the value.
    DateLessThan: Date, false,
    /// Not after the value.
    DateLessThanEquals: Date, false,
    /// After the value.
    DateGreaterThan: Date, false,
    /// Not before the value.
    DateGreaterThanEquals: Date, false,
    /// `true` or `false`, case ignored.
    Bool: Text, false,
    /// The same base64 text.
    BinaryEquals: Text, false,
    /// An address in the range.
    IpAddress: Address, false,
    /// Not an address in the range.
    NotIpAddress: Address, true,
    /// The same as ArnLike.
    ArnEquals: Arn, false,
    /// The same as ArnNotLike.
    ArnNotEquals: Arn, true,
    /// An ARN with wildcards, field by field.
    ArnLike: Arn, false,
    /// Not an ARN with wildcards.
    ArnNotLike: Arn, true,
    /// Whether the key is missing.
    Null: Existence, false,
}

impl Operator {
    /// Reads an operator's name, case ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let after_prefix = |prefix: &str| {
            let start = text.get(..prefix.len())?;
            start
                .eq_ignore_ascii_case(prefix)
                .then(|| text.get(prefix.len()..))
                .flatten()
        };
        let (set, rest) = match (after_prefix("ForAllValues:"), after_prefix("ForAnyValue:")) {
            (Some(rest), _) => (Some(SetQualifier::ForAllValues), rest),
            (_, Some(rest)) => (Some(SetQualifier::ForAnyValue), rest),
            _ => (None, text),
        };
        let known = |name: &str| {
            Comparison::ALL
                .iter()
                .copied()
                .find(|comparison| comparison.name().eq_ignore_ascii_case(name))
        };
        const IF_EXISTS: &str = "IfExists";
        let (comparison, if_exists) = match known(rest) {
            Some(comparison) => (comparison, false),
            None => {
                let end = rest.len().checked_sub(IF_EXISTS.len())?;
                let is_if_exists = rest.get(end..)?.eq_ignore_ascii_case(IF_EXISTS);
                let comparison = known(rest.get(..end)?).filter(|_| is_if_exists)?;
                (comparison, true)
            }
        };
        // Null asks for the key itself, so neither form makes sense with it.
        let is_allowed = comparison != Comparison::Null || (set.is_none() && !if_exists);
        is_allowed.then_some(Self {
            set,
            comparison,
            if_exists,
        })
    }

    /// Whether a request without the key meets the condition. Not for Null, whose values decide.
    #[must_use]
    pub(crate) fn is_met_without_key(self) -> bool {
        self.if_exists
            || match self.set {
                Some(SetQualifier::ForAllValues) => true,
                Some(SetQualifier::ForAnyValue) => false,
                None => self.comparison.is_negated(),
            }
    }
}

/// What to write instead of a text that is no operator.
pub(crate) fn instead_of(text: &str) -> String {
    const PREFIXES: [&str; 3] = ["ForAllValues:", "ForAnyValue:", ""];
    const SUFFIXES: [&str; 2] = ["IfExists", ""];
    let lower = text.to_ascii_lowercase();
    // An empty prefix or suffix is there in every text.
    let peeled = PREFIXES.into_iter().find_map(|prefix| {
        let rest = lower.strip_prefix(&prefix.to_ascii_lowercase())?;
        SUFFIXES.into_iter().find_map(|suffix| {
            let name = rest.strip_suffix(&suffix.to_ascii_lowercase())?;
            Some((prefix, name, suffix))
        })
    });
    let (prefix, name, suffix) = peeled.unwrap_or(("", &lower, ""));
    if name == "null" {
        return "`Null` takes neither `ForAllValues:` or `ForAnyValue:` nor `IfExists`".to_owned();
    }
    // A third of the characters may be others.
    let most = (name.len() / 3).max(1);
    let nearest = Comparison::ALL
        .iter()
        .map(|comparison| comparison.name())
        .filter(|known| known.len().abs_diff(name.len()) <= most)
        .map(|known| (changes(name, &known.to_ascii_lowercase()), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((_, "Null")) => "did you mean `Null`?".to_owned(),
        Some((_, known)) => format!("did you mean `{prefix}{known}{suffix}`?"),
        None => "see the list in the IAM User Guide, `Condition operators`".to_owned(),
    }
}

/// How many characters must be put in, left out or replaced to make one text of the other.
fn changes(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, character) in from.chars().enumerate() {
        // Of the row above: the entry to the left of the current one.
        let mut above_left = index;
        let mut left = index + 1;
        let mut entries = row.iter_mut();
        if let Some(first) = entries.next() {
            *first = left;
        }
        for (entry, other) in entries.zip(to.chars()) {
            let replaced = above_left + usize::from(character != other);
            above_left = *entry;
            left = replaced.min(above_left + 1).min(left + 1);
            *entry = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.set {
            Some(SetQualifier::ForAllValues) => formatter.write_str("ForAllValues:")?,
            Some(SetQualifier::ForAnyValue) => formatter.write_str("ForAnyValue:")?,
            None => {}
        }
        formatter.write_str(self.comparison.name())?;
        if self.if_exists {
            formatter.write_str("IfExists")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_reads_its_own_name_in_any_case() {
        for comparison in Comparison::ALL {
            for set in [
                None,
                Some(SetQualifier::ForAllValues),
                Some(SetQualifier::ForAnyValue),
            ] {
                for if_exists in [false, true] {
                    let operator = Operator {
                        set,
                        comparison: *comparison,
                        if_exists,
                    };
                    let expected = (*comparison != Comparison::Null
                        || (set.is_none() && !if_exists))
                        .then_some(operator);
                    let name = operator.to_string();
                    assert_eq!(Operator::parse(&name), expected, "{name}");
                    assert_eq!(
                        Operator::parse(&name.to_ascii_uppercase()),
                        expected,
                        "{name}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_nearest_operator_is_named() {
        let cases = [
            ("StringEqual", "did you mean `StringEquals`?"),
            (
                "forallvalues:stringLikesIfExists",
                "did you mean `ForAllValues:StringLikeIfExists`?",
            ),
            ("IpAdress", "did you mean `IpAddress`?"),
            (
                "Zürich",
                "see the list in the IAM User Guide, `Condition operators`",
            ),
            (
                "NullIfExists",
                "`Null` takes neither `ForAllValues:` or `ForAnyValue:` nor `IfExists`",
            ),
            (
                "ForAllValues:Null",
                "`Null` takes neither `ForAllValues:` or `ForAnyValue:` nor `IfExists`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(instead_of(text), expected, "{text}");
        }
        assert_eq!(changes("kitten", "sitting"), 3);
        assert_eq!(changes("", "ab"), 2);
        assert_eq!(changes("ab", ""), 2);
    }

    #[test]
    fn what_is_no_operator_is_none() {
        for text in [
            "",
            "StringEqual",
            "ForSomeValues:StringEquals",
            "IfExists",
            "StringEqualsIfExist",
            "Zürich",
            "NullIfExists",
        ] {
            assert_eq!(Operator::parse(text), None, "{text}");
        }
    }
}
