//! [`Policy`] → text, always in the same form: elements in the order of the grammar, one value as a string, several as a list.

use std::fmt::Write;

use crate::condition::ConditionEntry;
use crate::document::{Element, Policy, Spanned, Statement, Version};
use crate::principal::{PrincipalKind, PrincipalPattern};

/// Where white space goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout<'a> {
    /// What one more level is indented by; `None` puts everything on one line without any white space.
    pub step: Option<&'a str>,
    /// What every line but the first begins with.
    pub base: &'a str,
    /// `\n`, or what the document around has.
    pub line_end: &'a str,
}

impl Layout<'static> {
    /// One line without white space.
    pub const COMPACT: Self = Self {
        step: None,
        base: "",
        line_end: "\n",
    };
    /// Indented by two spaces.
    pub const TWO_SPACES: Self = Self {
        step: Some("  "),
        ..Self::COMPACT
    };
    /// Indented by four spaces, as AWS's own documentation is.
    pub const FOUR_SPACES: Self = Self {
        step: Some("    "),
        ..Self::COMPACT
    };
}

impl Policy {
    /// The document in canonical form. [`Policy::parse`] reads it as this policy.
    #[must_use]
    pub fn print(&self, layout: Layout<'_>) -> String {
        let version = self.states_version.then_some(self.version);
        print_policy(version, self.id.as_deref(), &self.statements, layout)
    }
}

impl Statement {
    /// The statement in canonical form, as a list of statements may hold it.
    #[must_use]
    pub fn print(&self, layout: Layout<'_>) -> String {
        self.print_with(layout, None)
    }

    /// The same with the value of Condition as it is written elsewhere.
    pub(crate) fn print_with(&self, layout: Layout<'_>, conditions: Option<&str>) -> String {
        let mut printer = Printer::new(layout);
        printer.statement(self, conditions);
        printer.text
    }
}

/// A document of these statements in canonical form.
///
/// The statements' variables and escapes were read under the version of the document that they come from: state that one.
/// No element may have an empty list of entries, and no two conditions of a statement the same operator and key: JSON
/// cannot say that, and [`Policy::parse`] refuses what would be written.
#[must_use]
pub(crate) fn print_policy(
    version: Option<Version>,
    id: Option<&str>,
    statements: &[Statement],
    layout: Layout<'_>,
) -> String {
    let mut printer = Printer::new(layout);
    printer.open('{');
    if let Some(version) = version {
        printer.name("Version");
        printer.string(version.as_str());
    }
    if let Some(id) = id {
        printer.name("Id");
        printer.string(id);
    }
    printer.name("Statement");
    // Always a list: it is what every reader knows, and one more statement changes no other line.
    printer.open('[');
    for statement in statements {
        printer.item();
        printer.statement(statement, None);
    }
    printer.close(']');
    printer.close('}');
    printer.text
}

struct Printer<'a> {
    layout: Layout<'a>,
    text: String,
    depth: usize,
    is_first: bool,
}

impl<'a> Printer<'a> {
    fn new(layout: Layout<'a>) -> Self {
        Self {
            layout,
            text: String::new(),
            depth: 0,
            is_first: true,
        }
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.is_first = true;
    }

    fn close(&mut self, bracket: char) {
        self.depth = self.depth.saturating_sub(1);
        if !self.is_first {
            self.new_line();
        }
        self.text.push(bracket);
        self.is_first = false;
    }

    fn new_line(&mut self) {
        if let Some(step) = self.layout.step {
            self.text.push_str(self.layout.line_end);
            self.text.push_str(self.layout.base);
            for _ in 0..self.depth {
                self.text.push_str(step);
            }
        }
    }

    /// Begins an item of a list or a member of an object.
    fn item(&mut self) {
        if !self.is_first {
            self.text.push(',');
        }
        self.new_line();
        self.is_first = false;
    }

    fn name(&mut self, name: &str) {
        self.item();
        self.string(name);
        self.text.push_str(match self.layout.step {
            Some(_) => ": ",
            None => ":",
        });
    }

    fn string(&mut self, text: &str) {
        push_json_string(&mut self.text, text);
    }

    /// One value as a string, several as a list.
    fn strings<'t>(&mut self, mut texts: impl ExactSizeIterator<Item = &'t str>) {
        if texts.len() == 1 {
            let text = texts.next();
            self.string(text.unwrap_or_default());
            return;
        }
        self.open('[');
        for text in texts {
            self.item();
            self.string(text);
        }
        self.close(']');
    }

    fn statement(&mut self, statement: &Statement, conditions: Option<&str>) {
        self.open('{');
        if let Some(sid) = &statement.sid {
            self.name("Sid");
            self.string(sid);
        }
        self.name("Effect");
        self.string(statement.effect.as_str());
        if let Some(principal) = &statement.principal {
            self.name(principal.name("Principal", "NotPrincipal"));
            self.principals(&principal.entries);
        }
        let action = &statement.action;
        self.name(action.name("Action", "NotAction"));
        self.strings(action.entries.iter().map(|entry| entry.as_str()));
        if let Some(resource) = &statement.resource {
            self.name(resource.name("Resource", "NotResource"));
            self.strings(resource.entries.iter().map(|entry| entry.as_str()));
        }
        if !statement.conditions.is_empty() {
            self.name("Condition");
            match conditions {
                Some(text) => self.text.push_str(text),
                None => self.conditions(&statement.conditions),
            }
        }
        self.close('}');
    }

    fn principals(&mut self, entries: &[Spanned<PrincipalPattern>]) {
        if let [entry] = entries
            && entry.kind == PrincipalKind::Everyone
        {
            self.string(&entry.text);
            return;
        }
        self.open('{');
        for group in groups(entries, |entry| entry.kind.name()) {
            let name = group.first().map(|entry| entry.kind.name());
            self.name(name.unwrap_or_default());
            self.strings(group.iter().map(|entry| &*entry.text));
        }
        self.close('}');
    }

    fn conditions(&mut self, entries: &[ConditionEntry]) {
        self.open('{');
        for group in groups(entries, |entry| entry.operator) {
            let operator = group.first().map(|entry| entry.operator.to_string());
            self.name(&operator.unwrap_or_default());
            self.open('{');
            for entry in group {
                self.name(&entry.key);
                self.strings(entry.values.iter().map(|value| value.as_str()));
            }
            self.close('}');
        }
        self.close('}');
    }
}

impl<P> Element<P> {
    fn name(&self, name: &'static str, negated: &'static str) -> &'static str {
        if self.is_negated { negated } else { name }
    }
}

/// Entries by what `of` says of them, in the order in which each group begins.
fn groups<T, K: PartialEq>(entries: &[T], of: impl Fn(&T) -> K) -> Vec<Vec<&T>> {
    let mut groups: Vec<(K, Vec<&T>)> = Vec::new();
    for entry in entries {
        let key = of(entry);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(entry),
            None => groups.push((key, vec![entry])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Writes a JSON string; what JSON does not want escaped stays as it is, so that size and sight change little.
fn push_json_string(output: &mut String, text: &str) {
    output.push('"');
    for character in text.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(output, "\\u{:04x}", u32::from(control));
            }
            other => output.push(other),
        }
    }
    output.push('"');
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::testing;

    const LAYOUTS: [Layout<'static>; 4] = [
        Layout::COMPACT,
        Layout::TWO_SPACES,
        Layout::FOUR_SPACES,
        Layout {
            step: Some("\t"),
            base: " \t",
            line_end: "\r\n",
        },
    ];

    proptest! {
        #[test]
        fn a_printed_policy_reads_as_itself(text in testing::policy()) {
            let policy = Policy::parse(&text).unwrap();
            for layout in LAYOUTS {
                let printed = policy.print(layout);
                let read = Policy::parse(&printed).unwrap();
                prop_assert_eq!(&read, &policy);
                prop_assert_eq!(read.print(layout), printed);
            }
        }

        #[test]
        fn a_printed_statement_is_the_same_in_a_document(text in testing::policy()) {
            let policy = Policy::parse(&text).unwrap();
            for statement in &policy.statements {
                let alone = format!(
                    r#"{{"Version":"{}","Statement":{}}}"#,
                    policy.version.as_str(),
                    statement.print(Layout::TWO_SPACES)
                );
                prop_assert_eq!(&Policy::parse(&alone).unwrap().statements[0], statement);
            }
        }

        #[test]
        fn a_json_string_reads_as_its_text(text: String) {
            let mut printed = String::new();
            push_json_string(&mut printed, &text);
            prop_assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), text);
        }
    }

    #[test]
    fn every_element_has_its_place() {
        let policy = Policy::parse(
            r#"{"Statement":{"Condition":{"bool":{"aws:SecureTransport":false},"forallvalues:stringlike":{"aws:TagKeys":["a","b"]}},
            "NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"NotAction":["s3:Get*"],
            "Principal":{"AWS":["111122223333"],"Service":["ec2.amazonaws.com","ecs.amazonaws.com"]},
            "Effect":"Deny","Sid":"A"},"Id":"x","Version":"2012-10-17"}"#,
        )
        .unwrap();
        assert_snapshot!(policy.print(Layout::TWO_SPACES), @r#"
        {
          "Version": "2012-10-17",
          "Id": "x",
          "Statement": [
            {
              "Sid": "A",
              "Effect": "Deny",
              "Principal": {
                "AWS": "111122223333",
                "Service": [
                  "ec2.amazonaws.com",
                  "ecs.amazonaws.com"
                ]
              },
              "NotAction": "s3:Get*",
              "NotResource": [
                "arn:aws:s3:::b",
                "arn:aws:s3:::b/*"
              ],
              "Condition": {
                "Bool": {
                  "aws:SecureTransport": "false"
                },
                "ForAllValues:StringLike": {
                  "aws:TagKeys": [
                    "a",
                    "b"
                  ]
                }
              }
            }
          ]
        }
        "#);
        assert_snapshot!(policy.print(Layout::COMPACT), @r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A","Effect":"Deny","Principal":{"AWS":"111122223333","Service":["ec2.amazonaws.com","ecs.amazonaws.com"]},"NotAction":"s3:Get*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"},"ForAllValues:StringLike":{"aws:TagKeys":["a","b"]}}}]}"#);
    }
}
