//! The document as a whole: its characters, its size, Version and Id.

use super::{LintCode, Linter, Severity};
use crate::document::{Span, Version};
use crate::kind::PolicyKind;
use crate::size::{DocumentSize, PolicyUse, Quota, QuotaUnit};

impl Linter<'_> {
    pub(super) fn document(&mut self) {
        self.characters();
        self.size();
        self.version();
        self.id();
    }

    /// One finding for all of them: a text in another script would have hundreds.
    fn characters(&mut self) {
        if !self.kind.is_read_by_iam() {
            return;
        }
        let text = self.policy.text();
        // Nearly every document is plain ASCII, which a glance at its bytes shows.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
            return;
        }
        let mut refused = text
            .char_indices()
            .filter(|(_, character)| !is_allowed(*character));
        let Some((start, character)) = refused.next() else {
            return;
        };
        let others = match refused.count() {
            0 => String::new(),
            more => format!(" ({more} more in this document)"),
        };
        let span = Span {
            start,
            end: start + character.len_utf8(),
        };
        let code_point = u32::from(character);
        self.error(
            LintCode::CharacterNotAllowed,
            span,
            format!(
                "U+{code_point:04X} is no character that IAM takes{others}; use those from U+0020 to U+00FF, tabs and line ends"
            ),
        );
    }

    fn size(&mut self) {
        let uses: &[PolicyUse] = match self.kind {
            PolicyKind::Identity => &[PolicyUse::Managed, PolicyUse::RoleInline],
            PolicyKind::Boundary => &[PolicyUse::Managed],
            PolicyKind::Session => &[PolicyUse::Session],
            PolicyKind::Trust => &[PolicyUse::Trust],
            PolicyKind::Resource => &[PolicyUse::Bucket],
            PolicyKind::ServiceControl => &[PolicyUse::ServiceControl],
            PolicyKind::ResourceControl => &[PolicyUse::ResourceControl],
            PolicyKind::VpcEndpoint => &[],
        };
        let quotas: Vec<&Quota> = uses.iter().copied().filter_map(Quota::of).collect();
        let size = DocumentSize::of(self.policy.text());
        let Some(exceeded) = quotas
            .iter()
            .find(|quota| quota.measure(size) > quota.limit)
        else {
            return;
        };
        // Resources of other services than S3 have quotas of their own.
        let is_error = self.kind != PolicyKind::Resource
            && quotas
                .iter()
                .all(|quota| quota.measure(size) > quota.increased_limit);
        let severity = match is_error {
            true => Severity::Error,
            false => Severity::Warning,
        };
        let unit = match exceeded.unit {
            QuotaUnit::Characters => "characters",
            QuotaUnit::Bytes => "bytes",
        };
        let (measured, limit) = (exceeded.measure(size), exceeded.limit);
        let (of, advice) = match self.kind {
            PolicyKind::Identity => (
                "a managed policy".to_owned(),
                "split it; only the inline policies of a role may have up to 10240 together",
            ),
            PolicyKind::Resource => (
                "the policy of an S3 bucket".to_owned(),
                "shorten it if it is one",
            ),
            PolicyKind::Trust => (
                self.kind.with_article(),
                "shorten it, or ask AWS for a higher quota",
            ),
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => (
                self.kind.with_article(),
                "split it, or look at the quota in Service Quotas",
            ),
            _ => (self.kind.with_article(), "shorten it"),
        };
        self.find(
            LintCode::SizeAboveQuota,
            severity,
            Span {
                start: 0,
                end: usize::from(!self.policy.text().is_empty()),
            },
            format!(
                "the document has {measured} {unit} without white space, and {of} may have {limit}; {advice}"
            ),
        );
    }

    fn version(&mut self) {
        let is_of_organizations = matches!(
            self.kind,
            PolicyKind::ServiceControl | PolicyKind::ResourceControl
        );
        if is_of_organizations && self.policy.version != Version::V2012 {
            let span = self.member_name("\"Version\"");
            let kind = self.kind.with_article();
            self.error(
                LintCode::VersionRequired,
                span,
                format!("{kind} must have `\"Version\": \"2012-10-17\"`; add it"),
            );
        }
    }

    fn id(&mut self) {
        let refuses_id = matches!(
            self.kind,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session
        );
        if refuses_id && self.policy.id.is_some() {
            let span = self.member_name("\"Id\"");
            let kind = self.kind.with_article();
            self.error(
                LintCode::IdNotAllowed,
                span,
                format!("`Id` is not allowed in {kind}; remove it"),
            );
        }
    }

    /// Where a member of the document itself is named; its beginning if it is not, or is written with escapes.
    fn member_name(&self, quoted: &str) -> Span {
        let text = self.policy.text();
        let Span { start, end } = self.policy.statements_span;
        let before = text.get(..start).and_then(|part| part.find(quoted));
        let after = || text.get(end..)?.find(quoted).map(|found| end + found);
        match before.or_else(after) {
            Some(start) => Span {
                start,
                end: start + quoted.len(),
            },
            None => Span {
                start: 0,
                end: usize::from(!text.is_empty()),
            },
        }
    }
}

/// The pattern of `PolicyDocument` in the IAM API Reference.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}')
}
