//! Condition keys and the types of their values.

use std::fmt;

/// A condition key, as AWS documents it: `s3:prefix`, `aws:RequestTag/${TagKey}`. Keys ignore case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConditionKey {
    /// Its name; `${…}` stands for a part that the request fills in.
    pub name: &'static str,
    /// What one of its values is.
    pub value_type: ValueType,
    /// Whether a request can have several values of it.
    pub is_multivalued: bool,
}

/// What a condition key's value is (IAM User Guide, "Condition operators").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// Any text.
    String,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Numeric,
    /// A time.
    Date,
    /// An address or a block of addresses.
    IpAddress,
    /// Bytes, in base64.
    Binary,
}

impl ValueType {
    const ALL: [Self; 7] = [
        Self::String,
        Self::Arn,
        Self::Bool,
        Self::Numeric,
        Self::Date,
        Self::IpAddress,
        Self::Binary,
    ];

    /// As AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Arn => "ARN",
            Self::Bool => "Bool",
            Self::Numeric => "Numeric",
            Self::Date => "Date",
            Self::IpAddress => "IPAddress",
            Self::Binary => "Binary",
        }
    }
}

impl ConditionKey {
    /// The type as AWS writes it: `String`, `ArrayOfARN`.
    #[must_use]
    pub fn type_name(&self) -> TypeName {
        TypeName(*self)
    }

    pub(crate) fn read(name: &'static str, type_name: &str) -> Option<Self> {
        let of_one = type_name.strip_prefix(ARRAY_OF);
        let value_type = ValueType::ALL
            .into_iter()
            .find(|value_type| value_type.name() == of_one.unwrap_or(type_name))?;
        Some(Self {
            name,
            value_type,
            is_multivalued: of_one.is_some(),
        })
    }
}

const ARRAY_OF: &str = "ArrayOf";

/// Writes a condition key's type.
#[derive(Debug, Clone, Copy)]
pub struct TypeName(ConditionKey);

impl fmt::Display for TypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multivalued {
            formatter.write_str(ARRAY_OF)?;
        }
        formatter.write_str(self.0.value_type.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_they_are_read() {
        for name in ["String", "ARN", "ArrayOfARN", "ArrayOfBool", "IPAddress"] {
            let key = ConditionKey::read("k", name).unwrap();
            assert_eq!(key.type_name().to_string(), name);
        }
        assert_eq!(ConditionKey::read("k", "Text"), None);
    }
}
