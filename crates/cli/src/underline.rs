//! Faults of a policy document, shown at their places: file, line, the text there underlined, and what is wrong.
//!
//! Each fault shows one line, cut to the width around its place: minified documents are a single line of six kilobytes.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use leastgrant_policy::problem::line_and_column;
use leastgrant_policy::{Finding, Severity, SyntaxError};
use leastgrant_report::text::terminal_safe;

/// A hostile document may have a fault in every byte.
const SHOWN_FAULTS: usize = 20;
/// What is shown of a line at least, however narrow the terminal.
const NARROWEST: usize = 20;
/// What the renderer makes of a tab.
const TAB_COLUMNS: usize = 4;
/// What the renderer writes where a line is cut off on the left.
const CUT_COLUMNS: usize = "...   ".len();
/// What is written where it is cut off on the right.
const ELLIPSIS: &str = "…";

/// All faults for which a text is no policy. `width` is that of the terminal, in columns.
pub(crate) fn render_syntax_error(
    file_name: &str,
    text: &str,
    error: &SyntaxError,
    width: usize,
    color: bool,
) -> String {
    let faults = error.problems.iter().map(|problem| Fault {
        severity: Severity::Error,
        code: None,
        message: problem.to_string(),
        start: problem.span.start,
        end: problem.span.end,
    });
    render(file_name, text, faults, width, color)
}

/// What the checks found in a policy. `width` is that of the terminal, in columns.
pub(crate) fn render_findings(
    file_name: &str,
    text: &str,
    findings: &[Finding],
    width: usize,
    color: bool,
) -> String {
    let faults = findings.iter().map(|finding| Fault {
        severity: finding.severity,
        code: Some(finding.code.name()),
        message: finding.message.clone(),
        start: finding.span.start,
        end: finding.span.end,
    });
    render(file_name, text, faults, width, color)
}

struct Fault {
    severity: Severity,
    code: Option<&'static str>,
    message: String,
    start: usize,
    end: usize,
}

fn render(
    file_name: &str,
    text: &str,
    mut faults: impl ExactSizeIterator<Item = Fault>,
    width: usize,
    color: bool,
) -> String {
    let renderer = match color {
        true => Renderer::styled(),
        false => Renderer::plain(),
    }
    .term_width(width);
    let file_name = terminal_safe(file_name);
    let mut blocks: Vec<String> = faults
        .by_ref()
        .take(SHOWN_FAULTS)
        .map(|fault| {
            let (line, column) = line_and_column(text, fault.start);
            // The line's number, the bar and the spaces around it.
            let gutter = line.to_string().len() + " |  ".len();
            let excerpt = Excerpt::of(text, &fault, width.saturating_sub(gutter).max(NARROWEST));
            let level = match fault.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let mut title = level.primary_title(terminal_safe(&fault.message));
            if let Some(code) = fault.code {
                title = title.id(code);
            }
            // What is cut off on the left becomes spaces, which the renderer cuts off, so that it counts the right column.
            let cut = (column - 1).saturating_sub(excerpt.characters_before());
            let snippet = Snippet::source(" ".repeat(cut) + &excerpt.text)
                .path(file_name.as_ref())
                .line_start(line)
                .annotation(AnnotationKind::Primary.span(excerpt.start + cut..excerpt.end + cut));
            let group: Group<'_> = title.element(snippet);
            renderer.render(&[group])
        })
        .collect();
    let more = faults.len();
    if more > 0 {
        blocks.push(format!("and {more} more"));
    }
    blocks.join("\n\n")
}

/// A part of one line, made inert, and the place in it.
struct Excerpt {
    text: String,
    start: usize,
    end: usize,
}

/// A character of a line, as it is shown.
struct Shown {
    text: String,
    columns: usize,
    is_marked: bool,
}

impl Excerpt {
    fn of(text: &str, fault: &Fault, columns: usize) -> Self {
        let before = text.get(..fault.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(line_start..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let shown: Vec<Shown> = line
            .char_indices()
            .map(|(index, character)| {
                let index = line_start + index;
                Shown::of(character, fault.start <= index && index < fault.end)
            })
            .collect();
        let (from, to) = window(&shown, columns);
        let mut excerpt = Self {
            text: String::new(),
            start: 0,
            end: 0,
        };
        let mut is_marked = false;
        for character in shown.get(from..to).unwrap_or_default() {
            if character.is_marked && !is_marked {
                excerpt.start = excerpt.text.len();
                is_marked = true;
            }
            excerpt.text.push_str(&character.text);
            if character.is_marked {
                excerpt.end = excerpt.text.len();
            }
        }
        if !is_marked {
            // The place is the end of the line, or of the text.
            excerpt.start = excerpt.text.len();
            excerpt.end = excerpt.start;
        }
        if to < shown.len() {
            excerpt.text.push_str(ELLIPSIS);
        }
        excerpt
    }
}

impl Excerpt {
    fn characters_before(&self) -> usize {
        let before = self.text.get(..self.start).unwrap_or_default();
        before.chars().count()
    }
}

impl Shown {
    fn of(character: char, is_marked: bool) -> Self {
        let text = match character {
            // The renderer makes spaces of it.
            '\t' => "\t".to_owned(),
            other => terminal_safe(other.encode_utf8(&mut [0; 4])).into_owned(),
        };
        // A character that is not ASCII may be wide; taken for wide, a line is rather too short than too long.
        let columns = text
            .chars()
            .map(|character| match character {
                '\t' => TAB_COLUMNS,
                _ if character.is_ascii() => 1,
                _ => 2,
            })
            .sum();
        Self {
            text,
            columns,
            is_marked,
        }
    }
}

/// Which characters of a line are shown: all if they fit, else as much of the place as fits with something before it.
fn window(shown: &[Shown], columns: usize) -> (usize, usize) {
    let total: usize = shown.iter().map(|character| character.columns).sum();
    if total <= columns {
        return (0, shown.len());
    }
    let available = columns.saturating_sub(CUT_COLUMNS + ELLIPSIS.chars().count());
    let start = shown.iter().position(|character| character.is_marked);
    let (before, from_start) = shown.split_at(start.unwrap_or(shown.len()));
    let marked: usize = shown
        .iter()
        .filter(|character| character.is_marked)
        .map(|character| character.columns)
        .sum();
    let after: usize = from_start.iter().map(|character| character.columns).sum();
    // In the middle, a little before it if it is long, and at the right if nothing follows it.
    let space_before = (available.saturating_sub(marked) / 2)
        .max(available / 4)
        .max(available.saturating_sub(after));
    let (taken_before, used) = fitting(before.iter().rev(), space_before);
    let (taken_after, _) = fitting(from_start.iter(), available.saturating_sub(used));
    (before.len() - taken_before, before.len() + taken_after)
}

/// How many characters fit, and how many columns they take.
fn fitting<'s>(characters: impl Iterator<Item = &'s Shown>, columns: usize) -> (usize, usize) {
    let (mut count, mut used) = (0, 0);
    for character in characters {
        if used + character.columns > columns {
            break;
        }
        count += 1;
        used += character.columns;
    }
    (count, used)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use leastgrant_policy::{Policy, PolicyKind, lint};
    use proptest::prelude::*;

    use super::*;

    fn syntax(text: &str, width: usize) -> String {
        let error = Policy::parse(text).expect_err("faults");
        render_syntax_error("policy.json", text, &error, width, false)
    }

    fn findings(text: &str, width: usize) -> String {
        let findings = lint(&Policy::parse(text).unwrap(), PolicyKind::Identity);
        render_findings("policy.json", text, &findings, width, false)
    }

    #[test]
    fn every_fault_is_shown_at_its_place() {
        let text = "{\n  \"Version\": \"2012-10-18\",\n  \"Statement\": [\n\t{ \"Effect\": \"Allow\", \"Actions\": \"s3:*\" }\n  ]\n}\n";
        assert_snapshot!(syntax(text, 80), @r#"
        error: `2012-10-18` is no Version; it must be `2012-10-17` or `2008-10-17`
         --> policy.json:2:14
          |
        2 |   "Version": "2012-10-18",
          |              ^^^^^^^^^^^^

        error: the statement has no `Action` or `NotAction`
         --> policy.json:4:2
          |
        4 |     { "Effect": "Allow", "Actions": "s3:*" }
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        error: `Actions` is no element of a statement; names are case-sensitive: `Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition`
         --> policy.json:4:23
          |
        4 |     { "Effect": "Allow", "Actions": "s3:*" }
          |                          ^^^^^^^^^
        "#);
        assert_snapshot!(syntax("{\n  \"Statement\": [}\n", 80), @r#"
        error: it is no JSON: a value was expected here
         --> policy.json:2:17
          |
        2 |   "Statement": [}
          |                 ^
        "#);
        assert_snapshot!(syntax("", 80), @"
        error: it is no JSON: it ends where a value was expected
         --> policy.json:1:1
          |
        1 |
          | ^
        ");
    }

    #[test]
    fn findings_have_their_names() {
        let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"s3\",\n      \"Resource\": [\"arn:aws:s3\", \"*\"]\n    }\n  ]\n}\n";
        assert_snapshot!(findings(text, 80), @r#"
        error[action-malformed]: `s3` has no prefix and matches no action; write the service before it, such as `s3:GetObject`
         --> policy.json:6:17
          |
        6 |       "Action": "s3",
          |                 ^^^^

        warning[resource-short]: `arn:aws:s3` has 3 of the six fields of an ARN; those missing are read as `*`, which AWS does not document; write all six
         --> policy.json:7:20
          |
        7 |       "Resource": ["arn:aws:s3", "*"]
          |                    ^^^^^^^^^^^^
        "#);
    }

    #[test]
    fn a_minified_document_shows_what_is_around_the_place() {
        let filler: Vec<String> = (0..300)
            .map(|index| format!("\"s3:Action{index}\""))
            .collect();
        let (first, last) = filler.split_at(150);
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{},"GetObject",{}],"Resource":"*"}},{{"Effect":"Deny","Action":"*"}}]}}"#,
            first.join(","),
            last.join(",")
        );
        let output = findings(&text, 80);
        assert_snapshot!(output, @r#"
        error[action-malformed]: `GetObject` has no prefix and matches no action; write the service before it, such as `s3:GetObject`
         --> policy.json:1:2206
          |
        1 | ...   3:Action148","s3:Action149","GetObject","s3:Action150","s3:Action151…
          |                                   ^^^^^^^^^^^

        error[resource-missing]: a statement of an identity policy must have a `Resource`; add one, such as `*`
         --> policy.json:1:4485
          |
        1 | ...9"],"Resource":"*"},{"Effect":"Deny","Action":"*"}]}
          |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        "#);
        for width in [30, 60, 80, 200] {
            let output = findings(&text, width);
            for line in output.lines().filter(|line| line.contains(" | ")) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn hostile_text_is_inert() {
        let text = "{\"Statement\":{\"Effect\":\"Allow\u{202e}\u{9b}31m\",\"Action\":\"*\",\"Resource\":\"*\"}}";
        let error = Policy::parse(text).expect_err("faults");
        let output = render_syntax_error("a\u{1b}[31m\u{2066}\nb.json", text, &error, 80, false);
        assert_snapshot!(output, @r#"
        error: `Allow\u{202e}\u{9b}31m` is no Effect; it must be `Allow` or `Deny`, case-sensitive
         --> a\u{1b}[31m\u{2066}\u{a}b.json:1:24
          |
        1 |  "Statement":{"Effect":"Allow\u{202e}\u{9b}31m","Action":"*","Resourc…
          |                        ^^^^^^^^^^^^^^^^^^^^^^^^
        "#);
    }

    #[test]
    fn very_many_faults_are_counted() {
        let members: Vec<String> = (0..50).map(|index| format!("\"{index}\":1")).collect();
        let output = syntax(&format!("{{{}}}", members.join(",")), 80);
        assert!(output.ends_with("\n\nand 31 more"), "{output}");
    }

    #[test]
    fn colour_is_the_only_difference() {
        let text = "{\"Statement\":[]}";
        let error = Policy::parse(text).expect_err("faults");
        let colored = render_syntax_error("policy.json", text, &error, 80, true);
        assert!(colored.contains("\u{1b}["));
        assert_eq!(console::strip_ansi_codes(&colored), syntax(text, 80));
    }

    proptest! {
        #[test]
        fn whatever_the_text_nothing_panics_and_nothing_moves_the_cursor(
            text in "[\\{\\}\\[\\],:\"a\\\\*\n\r\t\u{202e}\u{9b}\u{200b}é世🦀 -]{0,60}",
            width in 0_usize..100,
        ) {
            if let Err(error) = Policy::parse(&text) {
                let output = render_syntax_error(&text, &text, &error, width, false);
                prop_assert!(!output.contains(|character: char| {
                    (character.is_control() && character != '\n') || character == '\u{202e}' || character == '\u{200b}'
                }), "{output:?}");
            }
        }
    }
}
