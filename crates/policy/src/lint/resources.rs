//! Resource and NotResource.

use super::{LintCode, Linter, Severity, shown, span_of, variables};
use crate::ResourcePattern;
use crate::document::{Effect, Spanned, Statement, Version};
use crate::kind::PolicyKind;
use crate::resource::{ARN_FIELDS, pattern_fields};

impl Linter<'_> {
    pub(super) fn resource(&mut self, statement: &Statement) {
        let kind = self.kind.with_article();
        let Some(resource) = &statement.resource else {
            // Some resource policies are about the resource that they are attached to, as those of repositories are.
            if !matches!(self.kind, PolicyKind::Trust | PolicyKind::Resource) {
                self.error(
                    LintCode::ResourceMissing,
                    statement.span,
                    format!("a statement of {kind} must have a `Resource`; add one, such as `*`"),
                );
            }
            return;
        };
        let name = match resource.is_negated {
            true => "NotResource",
            false => "Resource",
        };
        if self.kind == PolicyKind::Trust {
            self.error(
                LintCode::ResourceNotAllowed,
                span_of(resource),
                format!("`{name}` is not allowed in a trust policy, whose resource is the role; remove it"),
            );
            return;
        }
        for entry in &resource.entries {
            self.resource_entry(entry);
        }
        if !resource.is_negated {
            return;
        }
        if statement.effect == Effect::Allow {
            self.warning(
                LintCode::AllowWithNotResource,
                span_of(resource),
                "`Allow` with `NotResource` grants on every other resource, future ones too; list what is needed in `Resource`".to_owned(),
            );
        }
        for entry in resource
            .entries
            .iter()
            .filter(|entry| entry.has_variables())
        {
            let message = format!(
                "{} has a variable, and what `NotResource` matches where it has no value is not documented; write it with `Resource`",
                shown(entry.as_str())
            );
            self.warning(LintCode::NotResourceWithVariable, entry.span, message);
        }
    }

    fn resource_entry(&mut self, entry: &Spanned<ResourcePattern>) {
        let text = entry.as_str();
        // API Gateway puts the rest of the ARN in itself (API Gateway Developer Guide, "Resource policy examples").
        let is_of_api_gateway =
            self.kind == PolicyKind::Resource && text.starts_with("execute-api:/");
        if entry.is_every() || is_of_api_gateway {
            return;
        }
        self.old_version(text, entry.span);
        let fields = pattern_fields(text);
        if fields.first() != Some(&"arn") {
            let message = format!(
                "{} is neither `*` nor an ARN; an ARN begins with `arn:` and has six fields",
                shown(text)
            );
            self.error(LintCode::ResourceNotAnArn, entry.span, message);
            return;
        }
        if self.policy.version == Version::V2012 {
            self.resource_variables(entry, &fields);
        }
        if fields.len() < ARN_FIELDS {
            self.short(entry, fields.len());
        } else {
            self.wildcards(entry, &fields);
        }
    }

    fn resource_variables(&mut self, entry: &Spanned<ResourcePattern>, fields: &[&str]) {
        let before = fields.get(..ARN_FIELDS - 1).unwrap_or(fields);
        if before
            .iter()
            .any(|field| variables::without_escapes(field).contains("${"))
        {
            let message = format!(
                "{} has a variable before the fifth colon, where AWS documents none; write that field out, or `*` and a condition",
                shown(entry.as_str())
            );
            self.warning(LintCode::VariableBeforeFifthColon, entry.span, message);
        }
        if let Some(last) = fields.get(ARN_FIELDS - 1) {
            self.malformed_variables(last, entry.span);
        }
    }

    fn short(&mut self, entry: &Spanned<ResourcePattern>, fields: usize) {
        let kind = self.kind.with_article();
        let (severity, rest) = if entry.may_be_short(self.kind.short_arn()) {
            let rest = "those missing are read as `*`, which AWS does not document; write all six";
            (Severity::Warning, rest.to_owned())
        } else {
            let rest = match self.kind {
                PolicyKind::ServiceControl => {
                    format!("{kind} takes such an ARN only if it ends in `*`; write all six")
                }
                PolicyKind::ResourceControl => {
                    format!("{kind} takes no such ARN; write all six")
                }
                _ => format!("in {kind} it matches nothing; write all six"),
            };
            (Severity::Error, rest)
        };
        let message = format!(
            "{} has {fields} of the six fields of an ARN; {rest}",
            shown(entry.as_str())
        );
        self.find(LintCode::ResourceShort, severity, entry.span, message);
    }

    /// Wildcards of ARNs with all fields.
    fn wildcards(&mut self, entry: &Spanned<ResourcePattern>, fields: &[&str]) {
        let text = entry.as_str();
        let [_, inner @ .., last] = fields else {
            return;
        };
        let without_escapes: Vec<String> = inner
            .iter()
            .map(|field| variables::without_escapes(field))
            .collect();
        let service = without_escapes.get(1).map_or("", String::as_str);
        if service.contains(['*', '?']) {
            let message = format!(
                "{} has a wildcard in the service, where AWS documents none; write an entry for each service, or `*` alone",
                shown(text)
            );
            self.warning(LintCode::ResourceServiceWildcard, entry.span, message);
        }
        let word = last.split(['/', ':']).next().unwrap_or_default();
        let word = variables::without_escapes(word);
        if service == "iam" && word.contains(['*', '?']) && *last != "*" {
            let message = format!(
                "{} has a wildcard in the type of the resource, where AWS documents none; write `user`, `role` or the like out",
                shown(text)
            );
            self.warning(LintCode::ResourceTypeWildcard, entry.span, message);
        }
        // A field that is `*` and nothing else is read alike either way.
        let reaches_over =
            |field: &String| field.ends_with('*') && !field.trim_matches('*').is_empty();
        if without_escapes.iter().any(reaches_over) {
            let message = format!(
                "{} has a `*` at the end of a field, which by AWS's documentation can reach beyond the next colon; write the field out, or `*` alone",
                shown(text)
            );
            self.warning(LintCode::ResourceColonReading, entry.span, message);
        }
    }
}
