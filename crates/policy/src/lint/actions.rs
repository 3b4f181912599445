//! Action and NotAction.

use super::{LintCode, Linter, shown, span_of};
use crate::ActionPattern;
use crate::document::{Effect, Spanned, Statement};
use crate::kind::PolicyKind;

impl Linter<'_> {
    pub(super) fn action(&mut self, statement: &Statement) {
        let action = &statement.action;
        for entry in &action.entries {
            self.action_entry(entry);
        }
        if !action.is_negated {
            return;
        }
        if self.kind == PolicyKind::ResourceControl {
            self.error(
                LintCode::ResourceControlNotAction,
                span_of(action),
                "`NotAction` is not supported in a resource control policy; list the actions in `Action`".to_owned(),
            );
        } else if statement.effect == Effect::Allow {
            self.warning(
                LintCode::AllowWithNotAction,
                span_of(action),
                "`Allow` with `NotAction` grants every other action of every service, future ones too; list what is needed in `Action`".to_owned(),
            );
        }
    }

    fn action_entry(&mut self, entry: &Spanned<ActionPattern>) {
        let text = entry.as_str();
        let Some((prefix, name)) = text.split_once(':') else {
            if !entry.is_every() {
                let message = format!(
                    "{} has no prefix and matches no action; write the service before it, such as `s3:GetObject`",
                    shown(text)
                );
                self.error(LintCode::ActionMalformed, entry.span, message);
            }
            return;
        };
        let is_of = |part: &str, more: &[char]| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || more.contains(&character))
        };
        if !is_of(prefix, &['-', '*', '?']) || !is_of(name, &['-', '_', '.', '*', '?']) {
            let message = format!(
                "{} is no action; write a service, a colon and a name, such as `s3:GetObject`",
                shown(text)
            );
            self.error(LintCode::ActionMalformed, entry.span, message);
        } else if entry.is_every() {
            let message = format!(
                "{} is no documented way to write every action; write `*`",
                shown(text)
            );
            self.warning(LintCode::ActionPrefixWildcard, entry.span, message);
        } else if prefix.contains(['*', '?']) {
            let message = format!(
                "{} has a wildcard in the service, which IAM does not take; write an entry for each service",
                shown(text)
            );
            self.error(LintCode::ActionPrefixWildcard, entry.span, message);
        } else if self.kind == PolicyKind::Trust && !prefix.eq_ignore_ascii_case("sts") {
            let message = format!(
                "{} has no effect on who may assume a role; a trust policy takes actions of `sts` only",
                shown(text)
            );
            self.error(LintCode::TrustAction, entry.span, message);
        }
    }
}
