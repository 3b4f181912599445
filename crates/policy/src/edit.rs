//! Documents with some statements changed: the others, and everything around them, stay byte for byte.

use crate::document::{Policy, Span, Statement};
use crate::print::Layout;

/// What becomes of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatementEdit {
    /// It stays as it is written.
    Keep,
    /// These stand in its place; without any it goes.
    ///
    /// Their variables and escapes must have been read under the version of the document that is edited.
    Replace(Vec<Statement>),
}

/// An edited document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// Its text.
    Document(String),
    /// No statement is left, and a document without one is none: IAM refuses an empty list.
    NoStatementLeft,
}

impl Policy {
    /// The document's text after each statement was kept, replaced or removed, as `edit` says; it gets the statement's place
    /// in [`Policy::statements`] and the statement.
    ///
    /// Kept statements, conditions that stay the same and what stands around the list stay byte for byte. New statements are laid out as the one that they
    /// replace: on one line, or indented like it.
    pub fn edit(&self, mut edit: impl FnMut(usize, &Statement) -> StatementEdit) -> Edited {
        let edits: Vec<StatementEdit> = self
            .statements
            .iter()
            .enumerate()
            .map(|(index, statement)| edit(index, statement))
            .collect();
        if edits.iter().all(|edit| *edit == StatementEdit::Keep) {
            return Edited::Document(self.text.to_string());
        }
        let list = self.statements_span;
        let is_list = self.part(list.start, list.end).starts_with('[');
        let mut output = self.part(0, list.start).to_owned();
        let written = if is_list {
            self.write_list(&mut output, &edits)
        } else {
            self.write_single(&mut output, &edits)
        };
        if written == 0 {
            return Edited::NoStatementLeft;
        }
        output.push_str(self.part(list.end, self.text.len()));
        Edited::Document(output)
    }

    fn part(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Writes the list with its brackets, and says how many statements are in it.
    fn write_list(&self, output: &mut String, edits: &[StatementEdit]) -> usize {
        let list = self.statements_span;
        let first = self.statements.first().map_or(list.end, start);
        let last = self.statements.last().map_or(list.start, end);
        let opening = self.part(list.start, first);
        // What stands between the bracket and the first statement also separates new ones.
        let space = opening.strip_prefix('[').unwrap_or_default();
        output.push_str(opening);
        let mut written = 0;
        let mut previous_end = None;
        for (statement, edit) in self.statements.iter().zip(edits) {
            let separator = previous_end.map(|previous| self.part(previous, statement.span.start));
            previous_end = Some(statement.span.end);
            let texts = match edit {
                StatementEdit::Keep => vec![self.statement_text(statement).to_owned()],
                StatementEdit::Replace(new) => self.laid_out(statement, new),
            };
            for (index, text) in texts.iter().enumerate() {
                match separator {
                    _ if written == 0 => {}
                    Some(separator) if index == 0 => output.push_str(separator),
                    _ => {
                        output.push(',');
                        output.push_str(space);
                    }
                }
                output.push_str(text);
                written += 1;
            }
        }
        output.push_str(self.part(last, list.end));
        written
    }

    /// Writes the one statement that stands without a list; several get one.
    fn write_single(&self, output: &mut String, edits: &[StatementEdit]) -> usize {
        let mut texts = Vec::new();
        for (statement, edit) in self.statements.iter().zip(edits) {
            match edit {
                StatementEdit::Keep => texts.push(self.statement_text(statement).to_owned()),
                StatementEdit::Replace(new) => texts.extend(self.laid_out(statement, new)),
            }
        }
        match texts.as_slice() {
            [one] => output.push_str(one),
            several => {
                output.push('[');
                output.push_str(&several.join(","));
                output.push(']');
            }
        }
        texts.len()
    }

    /// New statements in the layout of the one that they replace.
    fn laid_out(&self, replaced: &Statement, new: &[Statement]) -> Vec<String> {
        let own = self.statement_text(replaced);
        let base = indentation(last_line(self.part(0, replaced.span.start)));
        let mut lines = own.split('\n').skip(1);
        let step = lines.next().map(|line| {
            let step = indentation(line).strip_prefix(base).unwrap_or_default();
            if step.is_empty() { "  " } else { step }
        });
        let layout = Layout {
            step,
            base,
            line_end: if own.contains("\r\n") { "\r\n" } else { "\n" },
        };
        // `true` and `"true"` say the same, but a condition that was not changed is not to look changed.
        let conditions = replaced
            .conditions_span
            .map(|span| self.part(span.start, span.end));
        new.iter()
            .map(|statement| {
                let conditions = conditions.filter(|_| statement.conditions == replaced.conditions);
                statement.print_with(layout, conditions)
            })
            .collect()
    }
}

fn start(statement: &Statement) -> usize {
    let Span { start, .. } = statement.span;
    start
}

fn end(statement: &Statement) -> usize {
    let Span { end, .. } = statement.span;
    end
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

/// The spaces and tabs that a line begins with.
fn indentation(line: &str) -> &str {
    let rest = line.trim_start_matches([' ', '\t']);
    line.strip_suffix(rest).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::testing;

    /// A statement to put in.
    fn new_statement(sid: &str) -> Statement {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Sid":"{sid}","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"}}}}"#
        );
        Policy::parse(&text).unwrap().statements.remove(0)
    }

    fn edited(text: &str, edit: impl FnMut(usize, &Statement) -> StatementEdit) -> String {
        match Policy::parse(text).unwrap().edit(edit) {
            Edited::Document(text) => text,
            Edited::NoStatementLeft => "(nothing)".to_owned(),
        }
    }

    fn remove() -> StatementEdit {
        StatementEdit::Replace(Vec::new())
    }

    proptest! {
        #[test]
        fn keeping_all_statements_changes_no_byte(text in testing::policy()) {
            prop_assert_eq!(edited(&text, |_, _| StatementEdit::Keep), text);
        }

        #[test]
        fn an_edited_document_has_the_expected_statements(
            text in testing::policy(),
            choices in proptest::collection::vec(0_usize..4, 8),
        ) {
            let policy = Policy::parse(&text).unwrap();
            let mut expected = Vec::new();
            let mut kept = Vec::new();
            for (statement, choice) in policy.statements.iter().zip(&choices) {
                match choice {
                    0 => {
                        expected.push(statement.clone());
                        kept.push(policy.statement_text(statement));
                    }
                    more => expected.extend((1..*more).map(|_| new_statement("New"))),
                }
            }
            let outcome = policy.edit(|index, _| match choices[index] {
                0 => StatementEdit::Keep,
                more => StatementEdit::Replace((1..more).map(|_| new_statement("New")).collect()),
            });
            let Edited::Document(output) = outcome else {
                prop_assert!(expected.is_empty());
                return Ok(());
            };
            let read = Policy::parse(&output).unwrap();
            prop_assert_eq!(&read.statements, &expected);
            prop_assert_eq!((read.version, &read.id), (policy.version, &policy.id));
            let mut rest = output.as_str();
            for text in kept {
                let (_, after) = rest.split_once(text).unwrap();
                rest = after;
            }
            let span = policy.statements_span;
            prop_assert!(output.starts_with(policy.part(0, span.start)));
            prop_assert!(output.ends_with(policy.part(span.end, text.len())));
        }
    }

    #[test]
    fn new_statements_are_laid_out_like_the_one_they_replace() {
        let text = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n            \"Effect\":  \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\" },\n        {\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}\n    ]\n}\n";
        let output = edited(text, |index, _| match index {
            0 => StatementEdit::Replace(vec![new_statement("A"), new_statement("B")]),
            _ => StatementEdit::Keep,
        });
        assert_snapshot!(output, @r#"
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "A",
                    "Effect": "Deny",
                    "Action": [
                        "s3:*",
                        "sqs:*"
                    ],
                    "Resource": "*"
                },
                {
                    "Sid": "B",
                    "Effect": "Deny",
                    "Action": [
                        "s3:*",
                        "sqs:*"
                    ],
                    "Resource": "*"
                },
                {"Effect":"Allow","Action":"sqs:*","Resource":"*"}
            ]
        }
        "#);
        let output = edited(text, |index, _| match index {
            0 => StatementEdit::Keep,
            _ => StatementEdit::Replace(vec![new_statement("A"), new_statement("B")]),
        });
        assert_snapshot!(output, @r#"
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect":  "Allow", "Action": "s3:*", "Resource": "*" },
                {"Sid":"A","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"},
                {"Sid":"B","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"}
            ]
        }
        "#);
    }

    #[test]
    fn a_condition_that_stays_the_same_stays_byte_for_byte() {
        let condition = r#"{ "Bool":{"aws:SecureTransport":true, "a:b": ["\u0041"]} }"#;
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{condition}}}]}}"#
        );
        let narrowed = edited(&text, |_, old| {
            StatementEdit::Replace(vec![Statement {
                action: new_statement("A").action,
                ..old.clone()
            }])
        });
        assert!(narrowed.contains(condition), "{narrowed}");
        let unconditional = edited(&text, |_, _| {
            StatementEdit::Replace(vec![new_statement("A")])
        });
        assert!(!unconditional.contains("Bool"), "{unconditional}");
    }

    #[test]
    fn a_removed_statement_takes_one_comma_with_it() {
        let statement = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        let text = format!("{{\"Statement\" : [ {statement} , {statement}  ,{statement} ] }}");
        let without = |gone: usize| {
            edited(&text, |index, _| {
                if index == gone {
                    remove()
                } else {
                    StatementEdit::Keep
                }
            })
            .replace(statement, "S")
        };
        assert_eq!(without(0), r#"{"Statement" : [ S  ,S ] }"#);
        assert_eq!(without(1), r#"{"Statement" : [ S  ,S ] }"#);
        assert_eq!(without(2), r#"{"Statement" : [ S , S ] }"#);
    }

    #[test]
    fn without_a_statement_nothing_is_left() {
        let statement = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        for text in [
            format!(r#"{{"Statement":{statement}}}"#),
            format!(r#"{{"Statement":[{statement},{statement}]}}"#),
        ] {
            let policy = Policy::parse(&text).unwrap();
            assert_eq!(policy.edit(|_, _| remove()), Edited::NoStatementLeft);
        }
    }

    #[test]
    fn a_single_statement_becomes_a_list_if_two_replace_it() {
        let text = r#"{"Statement": {"Effect":"Allow","Action":"s3:*","Resource":"*"} }"#;
        let one = |_: usize, _: &Statement| StatementEdit::Replace(vec![new_statement("A")]);
        let two = |_: usize, _: &Statement| {
            StatementEdit::Replace(vec![new_statement("A"), new_statement("B")])
        };
        assert_snapshot!(edited(text, one), @r#"{"Statement": {"Sid":"A","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"} }"#);
        assert_snapshot!(edited(text, two), @r#"{"Statement": [{"Sid":"A","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"},{"Sid":"B","Effect":"Deny","Action":["s3:*","sqs:*"],"Resource":"*"}] }"#);
    }
}
