//! Condition.

use super::{LintCode, Linter, shown};
use crate::condition::{Comparison, ConditionEntry, ConditionValue, Family, SetQualifier};
use crate::document::{Effect, Spanned, Statement, Version};

/// The global keys with several values (IAM User Guide, "AWS global condition context keys").
const MULTIVALUED: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// The global keys with one value that conditions name most (the same page).
const SINGLE_VALUED: &[&str] = &[
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpcsourceip",
];

const SINGLE_VALUED_TAGS: &[&str] = &["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"];

impl Linter<'_> {
    pub(super) fn conditions(&mut self, statement: &Statement) {
        for entry in &statement.conditions {
            self.condition_key(entry);
            self.set_operator(statement, entry);
            for value in &entry.values {
                self.condition_value(entry, value);
            }
        }
    }

    fn condition_key(&mut self, entry: &ConditionEntry) {
        if !entry.key.contains(':') {
            let message = format!(
                "{} has no prefix and is no condition key; write the service before it, such as `aws:SourceIp`",
                shown(&entry.key)
            );
            self.error(LintCode::ConditionKeyMalformed, entry.key.span, message);
        }
    }

    fn set_operator(&mut self, statement: &Statement, entry: &ConditionEntry) {
        let (key, span) = (shown(&entry.key), entry.key.span);
        let lower = &*entry.lower_key;
        let Some(set) = entry.operator.set else {
            if entry.operator.comparison != Comparison::Null && MULTIVALUED.contains(&lower) {
                let message = format!(
                    "{key} has several values, and without `ForAnyValue:` or `ForAllValues:` before the operator the condition is never met; add one"
                );
                self.warning(LintCode::SetOperatorMissing, span, message);
            }
            return;
        };
        let is_tag = SINGLE_VALUED_TAGS
            .iter()
            .any(|prefix| lower.starts_with(prefix));
        if SINGLE_VALUED.contains(&lower) || is_tag {
            let message = format!(
                "{key} has one value, and `{}` is for keys with several; use `{}`",
                entry.operator,
                entry.operator.comparison.name()
            );
            self.warning(LintCode::SetOperatorOnSingleValue, span, message);
        }
        if set == SetQualifier::ForAllValues
            && statement.effect == Effect::Allow
            && !has_guard(statement, lower)
        {
            let message = format!(
                "`{}` is met by a request without {key} too, and the statement allows it; add `\"Null\": {{{}: \"false\"}}`",
                entry.operator,
                key.replace('`', "\"")
            );
            self.warning(LintCode::ForAllValuesWithoutNull, span, message);
        }
    }

    fn condition_value(&mut self, entry: &ConditionEntry, value: &Spanned<ConditionValue>) {
        let comparison = entry.operator.comparison;
        let text = value.as_str();
        let takes_variables = matches!(comparison.family(), Family::Text | Family::Arn)
            && comparison != Comparison::BinaryEquals;
        if takes_variables {
            self.old_version(text, value.span);
            if self.policy.version == Version::V2012 {
                self.malformed_variables(text, value.span);
            }
        }
        let is_well_formed = match comparison {
            Comparison::Bool => {
                value.has_variables()
                    || text.eq_ignore_ascii_case("true")
                    || text.eq_ignore_ascii_case("false")
            }
            Comparison::BinaryEquals => is_base64(text),
            _ => value.is_well_formed(),
        };
        if is_well_formed {
            return;
        }
        let expected = match (comparison, comparison.family()) {
            (Comparison::Bool, _) | (_, Family::Existence) => "`true` or `false`",
            (_, Family::Number) => "a number",
            (_, Family::Date) => "a date such as `2026-01-02T03:04:05Z`, or seconds since 1970",
            (_, Family::Address) => "an address or a range such as `203.0.113.0/24`",
            (_, Family::Arn) => "an ARN of six fields, or `*`",
            (_, Family::Text) => "base64 text",
        };
        let message = format!(
            "{} is nothing that `{}` can compare; write {expected}",
            shown(text),
            entry.operator
        );
        self.error(LintCode::ConditionValueMalformed, value.span, message);
    }
}

/// Whether the statement also demands that the key is there.
fn has_guard(statement: &Statement, lower_key: &str) -> bool {
    statement.conditions.iter().any(|entry| {
        entry.operator.comparison == Comparison::Null
            && &*entry.lower_key == lower_key
            && entry
                .values
                .iter()
                .all(|value| value.as_str().eq_ignore_ascii_case("false"))
    })
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}
