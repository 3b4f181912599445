//! Principal and NotPrincipal.

use super::{LintCode, Linter, shown, span_of};
use crate::document::{Effect, Statement};
use crate::kind::PolicyKind;

impl Linter<'_> {
    pub(super) fn principal(&mut self, statement: &Statement) {
        let kind = self.kind.with_article();
        let Some(principal) = &statement.principal else {
            if self.kind.has_principals() {
                self.error(
                    LintCode::PrincipalMissing,
                    statement.span,
                    format!("a statement of {kind} must have a `Principal`; say who calls"),
                );
            }
            return;
        };
        let name = match principal.is_negated {
            true => "NotPrincipal",
            false => "Principal",
        };
        if !self.kind.has_principals() {
            self.error(
                LintCode::PrincipalNotAllowed,
                span_of(principal),
                format!("`{name}` is not allowed in {kind}; remove it"),
            );
            return;
        }
        for entry in &principal.entries {
            if &*entry.text != "*" && entry.text.contains(['*', '?']) {
                let message = format!(
                    "{} has a wildcard for a part of a principal; write it out, or `*` and a condition on `aws:PrincipalArn`",
                    shown(&entry.text)
                );
                self.error(LintCode::PrincipalWildcard, entry.span, message);
            }
        }
        if self.kind == PolicyKind::ResourceControl {
            let is_everyone = principal.entries.iter().all(|entry| &*entry.text == "*");
            if principal.is_negated || !is_everyone {
                self.error(
                    LintCode::ResourceControlPrincipal,
                    span_of(principal),
                    "a resource control policy takes `\"Principal\": \"*\"` only; name callers in a condition on `aws:PrincipalArn`".to_owned(),
                );
            }
        } else if principal.is_negated && statement.effect == Effect::Allow {
            self.warning(
                LintCode::AllowWithNotPrincipal,
                span_of(principal),
                "`Allow` with `NotPrincipal` grants to everyone else, anonymous callers too; name those who may in `Principal`".to_owned(),
            );
        }
    }
}
