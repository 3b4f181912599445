//! Resources and the patterns that match them, field by field.
//!
//! A resource is an ARN of six fields, or the text `*` where the request names none, as actions without resource types do.
//! Only a pattern that matches the text `*` matches that one (IAM User Guide, "IAM JSON policy elements: Resource").

use std::fmt;
use std::sync::Arc;

use crate::Version;
use crate::wildcard::{Piece, Syntax, Wildcard, braced};

/// How many fields an ARN has; the sixth may hold colons.
pub const ARN_FIELDS: usize = 6;

/// What a missing field at the end of a short ARN such as `arn:aws:sqs` stands for, by the policy it is in.
///
/// AWS does not document it; this is how cloud-copilot/iam-simulate@46890ef reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShortArn {
    /// Identity, session and boundary policies: anything.
    Anything,
    /// Resource and endpoint policies: anything if a wildcard is present, else the pattern matches nothing.
    AnythingAfterWildcard,
    /// Service control policies: anything if the last field ends in `*`, else the pattern matches nothing.
    AnythingAfterLastStar,
    /// Resource control policies: the pattern matches nothing.
    Nothing,
}

/// The resource of a request. Wildcard characters in it are ordinary characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resource {
    /// Shared: one resource is asked about by many callers.
    text: Arc<str>,
    /// Where the fields end, if it is an ARN.
    colons: Option<[usize; ARN_FIELDS - 1]>,
}

impl Resource {
    /// Reads a resource. Every text is one; what has not six fields and does not begin with `arn:` has no fields.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            colons: colons(text),
            text: text.into(),
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The six fields, if it is an ARN.
    #[must_use]
    pub fn fields(&self) -> Option<[&str; ARN_FIELDS]> {
        let [first, second, third, fourth, fifth] = self.colons?;
        Some([
            self.text.get(..first)?,
            self.text.get(first + 1..second)?,
            self.text.get(second + 1..third)?,
            self.text.get(third + 1..fourth)?,
            self.text.get(fourth + 1..fifth)?,
            self.text.get(fifth + 1..)?,
        ])
    }

    /// The service in the ARN.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        self.fields().map(|[_, _, service, ..]| service)
    }

    /// The account in the ARN, where it has one.
    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        let [_, _, _, _, account, _] = self.fields()?;
        Some(account).filter(|account| !account.is_empty())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn colons(text: &str) -> Option<[usize; ARN_FIELDS - 1]> {
    let mut colons = [0; ARN_FIELDS - 1];
    let mut found = text.match_indices(':');
    for colon in &mut colons {
        *colon = found.next()?.0;
    }
    text.starts_with("arn:").then_some(colons)
}

/// The six fields of an ARN text.
#[must_use]
pub fn arn_fields(text: &str) -> Option<[&str; ARN_FIELDS]> {
    let mut fields = text.splitn(ARN_FIELDS, ':');
    let fields = [
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ];
    (fields.first() == Some(&"arn")).then_some(fields)
}

/// The fields of an ARN pattern, one to six. Colons inside of `${…}` separate nothing.
pub(crate) fn pattern_fields(text: &str) -> Vec<&str> {
    let mut fields = Vec::with_capacity(ARN_FIELDS);
    let (mut start, mut index) = (0, 0);
    while fields.len() + 1 < ARN_FIELDS {
        let rest = text.get(index..).unwrap_or_default();
        let Some(found) = rest.find([':', '$']) else {
            break;
        };
        let at = index + found;
        let variable = text.get(at..).and_then(braced);
        index = at + variable.map_or(1, |(_, whole)| whole);
        if text.as_bytes().get(at) == Some(&b':') {
            fields.push(text.get(start..at).unwrap_or_default());
            start = index;
        }
    }
    fields.push(text.get(start..).unwrap_or_default());
    fields
}

/// An entry of a Resource or NotResource list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourcePattern {
    text: Box<str>,
    /// The whole text, without regard to fields.
    whole: Wildcard,
    /// One to six fields.
    fields: Box<[Wildcard]>,
}

impl ResourcePattern {
    /// Reads a pattern of a policy of this version. Variables count after the fifth colon only, and only in the newer version.
    #[must_use]
    pub fn parse(text: &str, version: Version) -> Self {
        let escapes = version == Version::V2012;
        let before = Syntax {
            wildcards: true,
            variables: false,
            escapes,
        };
        let last = Syntax {
            variables: escapes,
            ..before
        };
        let fields: Box<[Wildcard]> = pattern_fields(text)
            .into_iter()
            .enumerate()
            .map(|(index, field)| {
                let is_sixth = index + 1 == ARN_FIELDS;
                Wildcard::parse(field, if is_sixth { last } else { before })
            })
            .collect();
        let whole = match fields.get(ARN_FIELDS - 1) {
            Some(_) => Wildcard::parse(text, last),
            None => Wildcard::parse(text, before),
        };
        Self {
            text: text.into(),
            whole,
            fields,
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is `*`: every resource, and the text `*` too.
    #[must_use]
    pub fn is_every(&self) -> bool {
        self.whole.is_any()
    }

    /// The whole text, without regard to fields.
    #[must_use]
    pub fn whole(&self) -> &Wildcard {
        &self.whole
    }

    /// Its fields, one to six.
    #[must_use]
    pub fn fields(&self) -> &[Wildcard] {
        &self.fields
    }

    /// Whether it has fewer than six fields and is not `*`.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.fields.len() < ARN_FIELDS && !self.is_every()
    }

    /// Whether it has a policy variable.
    #[must_use]
    pub(crate) fn has_variables(&self) -> bool {
        self.whole.has_variables()
    }

    /// The pattern with plain text in the place of its variables; as it is where one has no value.
    #[must_use]
    pub(crate) fn resolved<'a>(&self, value: impl Fn(&crate::Variable) -> Option<&'a str>) -> Self {
        let mut resolved = self.clone();
        if let Some(whole) = self.whole.resolve(&value) {
            resolved.text = whole.to_string().into();
            resolved.whole = whole;
            for field in &mut resolved.fields {
                if let Some(plain) = field.resolve(&value) {
                    *field = plain;
                }
            }
        }
        resolved
    }

    /// Whether missing fields match anything in such a policy; else a short pattern matches no ARN.
    #[must_use]
    pub fn may_be_short(&self, short: ShortArn) -> bool {
        let is_wild = |piece: &Piece| matches!(piece, Piece::One | Piece::Many);
        match short {
            ShortArn::Anything => true,
            ShortArn::AnythingAfterWildcard => self.whole.pieces().iter().any(is_wild),
            ShortArn::AnythingAfterLastStar => self.whole.pieces().last() == Some(&Piece::Many),
            ShortArn::Nothing => false,
        }
    }

    /// Whether it matches the resource. `None` if a variable has no value: the entry then matches nothing.
    #[must_use]
    pub fn matches<'a>(
        &self,
        resource: &Resource,
        short: ShortArn,
        value: impl Fn(&crate::Variable) -> Option<&'a str>,
    ) -> Option<bool> {
        if self.is_every() {
            return Some(true);
        }
        let Some(resource_fields) = resource.fields() else {
            // Whatever its variables stand for: what begins otherwise is no match, and does not depend on them.
            if let Some(Piece::Text(start)) = self.whole.pieces().first()
                && !resource.text.starts_with(&**start)
            {
                return Some(false);
            }
            return Some(self.whole.resolve(value)?.matches(&resource.text));
        };
        if self.fields.len() < ARN_FIELDS && !self.may_be_short(short) {
            return Some(false);
        }
        if !self.matches_before_last(&resource_fields) {
            return Some(false);
        }
        let [.., last] = resource_fields;
        match self.fields.get(ARN_FIELDS - 1) {
            Some(own) if own.has_variables() => Some(own.resolve(value)?.matches(last)),
            _ => Some(true),
        }
    }
}

impl ResourcePattern {
    /// Variables stand in the last field only.
    fn matches_before_last(&self, fields: &[&str; ARN_FIELDS]) -> bool {
        let mut own = self.fields.iter().zip(fields);
        own.all(|(own, field)| own.has_variables() || own.matches(field))
    }

    /// Whether it might match, if its variables stood for anything; `whatever_last`: if the last field did.
    pub(crate) fn might_match(&self, resource: &Resource, whatever_last: bool) -> bool {
        let Some(fields) = resource.fields() else {
            return self.whole.loosened().matches(&resource.text);
        };
        let [.., last] = fields;
        let may_be_last = |own: &Wildcard| whatever_last || own.loosened().matches(last);
        self.matches_before_last(&fields) && self.fields.get(ARN_FIELDS - 1).is_none_or(may_be_last)
    }
}

impl fmt::Display for ResourcePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, resource: &str) -> bool {
        matches_in(ShortArn::Anything, pattern, resource)
    }

    fn matches_in(short: ShortArn, pattern: &str, resource: &str) -> bool {
        ResourcePattern::parse(pattern, Version::V2012)
            .matches(&Resource::parse(resource), short, |variable| {
                (&*variable.key == "aws:username").then_some("bob")
            })
            .unwrap_or(false)
    }

    #[test]
    fn wildcards_stay_in_their_field_before_the_fifth_colon() {
        assert!(matches("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c d"));
        assert!(matches(
            "arn:aws:lambda:*:*:function:f*",
            "arn:aws:lambda:eu-west-1:1:function:f:alias"
        ));
        assert!(!matches(
            "arn:aws:dynamodb:*:table/x",
            "arn:aws:dynamodb:eu-west-1:1:table/x"
        ));
        assert!(!matches("arn:aws:s3:*:*:b", "arn:aws:s3:x:y:z:b"));
    }

    #[test]
    fn colons_inside_variables_separate_no_fields() {
        assert_eq!(
            pattern_fields("arn:aws:iam::${aws:PrincipalAccount}:role/${aws:x}:y:z"),
            [
                "arn",
                "aws",
                "iam",
                "",
                "${aws:PrincipalAccount}",
                "role/${aws:x}:y:z"
            ]
        );
        assert_eq!(pattern_fields("a$:b"), ["a$", "b"]);
        assert_eq!(pattern_fields("${a:b"), ["${a", "b"]);
    }

    #[test]
    fn an_empty_field_is_no_wildcard() {
        assert!(!matches("arn:aws:sqs:::q", "arn:aws:sqs:eu-west-1:1:q"));
        assert!(matches("arn:aws:sqs:*:*:q", "arn:aws:sqs:::q"));
    }

    #[test]
    fn resources_keep_their_case() {
        assert!(!matches("arn:aws:s3:::B/Key", "arn:aws:s3:::b/key"));
    }

    #[test]
    fn only_a_pattern_of_wildcards_matches_a_request_without_resource() {
        assert!(matches("*", "*"));
        assert!(matches("**", "*"));
        assert!(matches("?", "*"));
        assert!(!matches("arn:aws:s3:::*", "*"));
        assert!(!matches("arn:*", "*"));
    }

    #[test]
    fn wildcard_characters_in_a_request_are_ordinary() {
        assert!(!matches("arn:aws:s3:::b/x", "arn:aws:s3:::b/*"));
        assert!(matches("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*"));
        assert!(!matches("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x"));
    }

    #[test]
    fn short_arns_by_policy() {
        let queue = "arn:aws:sqs:eu-west-1:1:q";
        assert!(matches_in(ShortArn::Anything, "arn:aws:sqs", queue));
        assert!(!matches_in(
            ShortArn::AnythingAfterWildcard,
            "arn:aws:sqs",
            queue
        ));
        assert!(matches_in(
            ShortArn::AnythingAfterWildcard,
            "arn:aws:s?s",
            queue
        ));
        assert!(matches_in(
            ShortArn::AnythingAfterLastStar,
            "arn:aws:sqs:*",
            queue
        ));
        assert!(!matches_in(
            ShortArn::AnythingAfterLastStar,
            "arn:*:sqs",
            queue
        ));
        assert!(!matches_in(ShortArn::Nothing, "arn:aws:sqs:*", queue));
        assert!(matches_in(ShortArn::Nothing, "*", queue));
    }

    #[test]
    fn variables_count_after_the_fifth_colon_and_in_the_newer_version() {
        let user = "arn:aws:iam::1:user/bob";
        assert!(matches("arn:aws:iam::1:user/${aws:username}", user));
        let old = ResourcePattern::parse("arn:aws:iam::1:user/${aws:username}", Version::V2008);
        let literal = Resource::parse("arn:aws:iam::1:user/${aws:username}");
        assert_eq!(
            old.matches(&literal, ShortArn::Anything, |_| Some("bob")),
            Some(true)
        );
        let unresolved = ResourcePattern::parse("arn:aws:iam::1:user/${x}", Version::V2012);
        assert_eq!(
            unresolved.matches(&Resource::parse("*"), ShortArn::Anything, |_| None),
            Some(false)
        );
        assert_eq!(
            unresolved.matches(&Resource::parse(user), ShortArn::Anything, |_| None),
            None
        );
    }
}
