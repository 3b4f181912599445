//! Hostile text inside GitHub Markdown.
//!
//! Names stand in code spans, sentences have what Markdown reads escaped. Where a backslash is not
//! understood by every renderer, a character reference is written instead.

use std::fmt::Write;

use crate::text::{Span, spans, terminal_safe};

/// Renderers give up on longer runs of backticks; GitHub's at 80.
const LONGEST_FENCE: usize = 32;

/// The text as a code span that holds exactly it; nothing for an empty text.
#[must_use]
pub(crate) fn code(text: &str) -> String {
    let text = terminal_safe(text);
    if text.is_empty() {
        return String::new();
    }
    let fence_length = longest_backtick_run(&text) + 1;
    if text.contains('|') || fence_length > LONGEST_FENCE {
        return html_code(&text);
    }
    let fence = "`".repeat(fence_length);
    // A backtick at the edge would join the fence; a space at both edges would be taken off.
    let edge = |character: char| character == '`' || character == ' ';
    let padding = if text.starts_with(edge) || text.ends_with(edge) {
        " "
    } else {
        ""
    };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// The text as part of a sentence, a list item or a table cell. What stands between backticks
/// becomes a code span, and so does a word that could become a link or a mention.
#[must_use]
pub(crate) fn prose(text: &str) -> String {
    let text = terminal_safe(text);
    let mut written = String::with_capacity(text.len() + 8);
    for span in spans(&text) {
        match span {
            Span::Code(name) => push_code(&mut written, name),
            Span::Plain(words) => push_plain(&mut written, words),
        }
    }
    written
}

fn push_plain(written: &mut String, text: &str) {
    for (position, word) in text.split(' ').enumerate() {
        if position > 0 {
            written.push(' ');
        }
        let bare = word.trim_end_matches(['.', ',', ';', ':', ')']);
        if makes_itself_a_link(bare) {
            push_code(written, bare);
            push_escaped(written, word.strip_prefix(bare).unwrap_or_default());
        } else {
            push_escaped(written, word);
        }
    }
}

fn makes_itself_a_link(word: &str) -> bool {
    word.contains('@') || word.contains("://") || word.to_ascii_lowercase().contains("www.")
}

/// A code span that does not join the one before it: two fences side by side would be a longer one.
fn push_code(written: &mut String, text: &str) {
    if written.ends_with('`') {
        written.push_str(&html_code(text));
    } else {
        written.push_str(&code(text));
    }
}

fn push_escaped(written: &mut String, text: &str) {
    let mut last = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let in_word =
            last.is_alphanumeric() && characters.peek().is_some_and(|next| next.is_alphanumeric());
        match character {
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' => written.push_str("&amp;"),
            '|' => written.push_str("&#124;"),
            '_' if in_word => written.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => {
                written.push('\\');
                written.push(character);
            }
            _ => {
                if begins_block(written, character) {
                    written.push('\\');
                }
                written.push(character);
            }
        }
        last = character;
    }
}

/// Whether the character would begin a heading or a list, or underline a heading, after what is
/// written already.
fn begins_block(written: &str, character: char) -> bool {
    match character {
        '#' | '+' | '-' | '=' => written.is_empty(),
        '.' | ')' => !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

/// A table's header and its separator.
pub(crate) fn table_header(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut header = table_row(&names);
    header.push('|');
    for _ in names {
        header.push_str(" --- |");
    }
    header.push('\n');
    header
}

/// A table's row of cells that are Markdown already.
pub(crate) fn table_row(cells: &[String]) -> String {
    let mut row = String::from("|");
    for cell in cells {
        let _ = write!(row, " {cell} |");
    }
    row.push('\n');
    row
}

/// A code span of character references, for what no fence of backticks can hold: a `|` would end a
/// table's cell, and a backslash before it is read differently by different renderers.
fn html_code(text: &str) -> String {
    let mut escaped = String::from("<code>");
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            let _ = write!(escaped, "&#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped.push_str("</code>");
    escaped
}

fn longest_backtick_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_holds_exactly_the_text() {
        assert_eq!(code("alice"), "`alice`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code(" a"), "`  a `");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code("a\nb"), r"`a\u{a}b`");
        assert_eq!(code(""), "");
        assert!(code(&"`".repeat(100)).starts_with("<code>&#96;&#96;"));
    }

    #[test]
    fn prose_means_nothing_to_markdown() {
        for (text, expected) in [
            (
                "user snake_case has _x_ and *y*",
                r"user snake_case has \_x\_ and \*y\*",
            ),
            ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
            ("[x](http://evil) ", "`[x](http://evil`) "),
            ("see WWW.evil.example, now.", "see `WWW.evil.example`, now."),
            ("a@b.example and @team", "`a@b.example` and `@team`"),
            ("# title", r"\# title"),
            ("- item", r"\- item"),
            ("1. item", r"1\. item"),
            ("12.5 days", r"12\.5 days"),
            ("for 12.5 days", "for 12.5 days"),
            ("a|b\n~~c~~ ` $e$", r"a&#124;b\\u{a}\~\~c\~\~ \` \$e\$"),
            ("not what `collect` reads", "not what `collect` reads"),
            ("`a`b@c", "`a`<code>b&#64;c</code>"),
            ("`a``<b>`", "`a`<code>&#60;b&#62;</code>"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }
}
