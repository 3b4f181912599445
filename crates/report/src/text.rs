//! Making hostile text inert, and the small words that all formats share.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with every character that moves the cursor, reorders text or cannot be seen written as
/// `\u{HEX}`: control characters (line breaks and tabs too), bidirectional controls, zero-width
/// characters, line and paragraph separators.
#[must_use]
pub fn terminal_safe(text: &str) -> Cow<'_, str> {
    if is_plain(text) && !text.contains('\n') || !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_invisible(character) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Nearly every text is plain ASCII, which a glance at its bytes shows.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'))
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' // soft hyphen
                | '\u{34f}' // combining grapheme joiner
                | '\u{61c}' // Arabic letter mark
                | '\u{115f}'..='\u{1160}' // Hangul fillers
                | '\u{17b4}'..='\u{17b5}' // Khmer inherent vowels
                | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
                | '\u{200b}'..='\u{200f}' // zero-width characters and direction marks
                | '\u{2028}'..='\u{202e}' // separators, bidirectional embeddings and overrides
                | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, isolates
                | '\u{3164}'
                | '\u{feff}' // byte order mark
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}' // interlinear annotations
                | '\u{fffe}'..='\u{ffff}' // no characters at all; XML forbids them
                | '\u{e0000}'..='\u{e0fff}' // tags and selectors
        )
}

/// A JSON text whose strings show no invisible character as itself: each is written as its `\uXXXX` escapes, which read back as before.
///
/// serde_json escapes only what the grammar demands, the control characters below U+0020.
#[must_use]
pub fn json_safe(json: String) -> String {
    let Some(first) = raw_invisible(&json, 0) else {
        return json;
    };
    let mut safe = String::with_capacity(json.len() + 64);
    let (mut written, mut found) = (0, Some(first));
    while let Some((place, character)) = found {
        safe.push_str(json.get(written..place).unwrap_or_default());
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
        written = place + character.len_utf8();
        found = raw_invisible(&json, written);
    }
    safe.push_str(json.get(written..).unwrap_or_default());
    safe
}

/// The next character that JSON's grammar lets stand for itself and that cannot be seen, with its place in bytes.
///
/// Documents of a hundred megabytes have few bytes beyond ASCII, which are looked for in blocks.
fn raw_invisible(json: &str, from: usize) -> Option<(usize, char)> {
    const BLOCK: usize = 64;
    let is_beyond = |byte: &u8| *byte >= 0x7f;
    let bytes = json.as_bytes().get(from..)?;
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        // Without a branch for each byte the compiler looks at many at once.
        if !block.iter().fold(false, |any, byte| any | is_beyond(byte)) {
            continue;
        }
        let begin = from + number * BLOCK;
        let characters = block.iter().enumerate().filter(|(_, byte)| is_beyond(byte));
        let invisible = characters
            .map(|(place, _)| begin + place)
            .filter_map(|place| Some((place, json.get(place..)?.chars().next()?)))
            .find(|(_, character)| is_invisible(*character));
        if invisible.is_some() {
            return invisible;
        }
    }
    None
}

/// ` in ACCOUNT`, or nothing for what is of no account.
pub(crate) fn in_account(account_id: &str) -> String {
    if account_id.is_empty() {
        String::new()
    } else {
        format!(" in {}", terminal_safe(account_id))
    }
}

/// The cell as a spreadsheet takes it for text: with a leading `'` where it would begin a formula.
#[must_use]
pub fn defused_cell(cell: &str) -> Cow<'_, str> {
    // The last four are the full-width forms, which some spreadsheets read like the plain ones.
    let begins_formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    // A sheet shows line breaks and tabs; anything else that is invisible would reach the terminal of whoever prints the file.
    let shown = if cell
        .contains(|character| is_invisible(character) && !matches!(character, '\t' | '\r' | '\n'))
    {
        let mut shown = String::with_capacity(cell.len() + 16);
        for character in cell.chars() {
            match character {
                '\t' | '\r' | '\n' => shown.push(character),
                other => shown.push_str(&terminal_safe(other.encode_utf8(&mut [0; 4]))),
            }
        }
        Cow::Owned(shown)
    } else {
        Cow::Borrowed(cell)
    };
    if begins_formula {
        Cow::Owned(format!("'{shown}"))
    } else {
        shown
    }
}

/// The message of a GitHub workflow command: what would end it is percent-encoded.
#[must_use]
pub(crate) fn github_message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property, such as the title, of a GitHub workflow command.
#[must_use]
pub(crate) fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text in turns of plain words and of what stands between backticks, as messages name files,
/// options and the like. Text whose backticks are no such pairs is all plain.
pub(crate) fn spans(text: &str) -> Vec<Span<'_>> {
    let parts: Vec<&str> = text.split('`').collect();
    let is_name = |part: &&str| !part.is_empty() && part.trim().len() == part.len();
    let paired = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(is_name);
    if !paired {
        return vec![Span::Plain(text)];
    }
    let kinds = [Span::Plain, Span::Code as fn(_) -> _];
    kinds
        .into_iter()
        .cycle()
        .zip(parts)
        .map(|(kind, part)| kind(part))
        .filter(|span| *span != Span::Plain(""))
        .collect()
}

/// A piece of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span<'a> {
    Plain(&'a str),
    /// What stood between backticks, without them.
    Code(&'a str),
}

/// The end of an ARN that people call the resource: `user/alice`, `root`.
#[must_use]
pub(crate) fn short_resource(arn: &str) -> &str {
    arn.splitn(6, ':')
        .nth(5)
        .filter(|resource| !resource.is_empty())
        .unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The obvious twin of [`json_safe`].
    fn json_safe_by_each_character(json: &str) -> String {
        let mut safe = String::new();
        for character in json.chars() {
            if is_invisible(character) && character >= '\u{7f}' {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(safe, "\\u{unit:04x}");
                }
            } else {
                safe.push(character);
            }
        }
        safe
    }

    proptest! {
        #[test]
        fn what_json_lets_stand_and_cannot_be_seen_is_escaped(
            json in "([a-z\n]{0,70}|[é→\u{7f}\u{80}\u{ad}\u{200b}\u{202e}\u{feff}\u{e0041}日]{0,3}){0,6}"
        ) {
            prop_assert_eq!(json_safe(json.clone()), json_safe_by_each_character(&json));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(
            terminal_safe("alice@example.com é 日本"),
            "alice@example.com é 日本"
        );
        assert_eq!(
            terminal_safe("\u{1b}[31m\n\t\u{9b}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{7f}"),
            r"\u{1b}[31m\u{a}\u{9}\u{9b}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{7f}"
        );
    }

    #[test]
    fn only_cells_that_begin_a_formula_change() {
        for cell in ["=1", "+1", "-1", "@a", "\t1", "\r1", "\n1", "\u{ff1d}1"] {
            assert_eq!(defused_cell(cell), format!("'{cell}"));
        }
        for cell in ["", "a=1", "1-1", "'=1", "alice@example.com"] {
            assert_eq!(defused_cell(cell), cell);
        }
    }

    #[test]
    fn workflow_commands_stay_on_their_line() {
        assert_eq!(
            github_message("100%\r\n::error::x"),
            "100%25%0D%0A::error::x"
        );
        assert_eq!(github_property("a,b: c\n%3A"), "a%2Cb%3A c%0A%253A");
    }

    #[test]
    fn the_short_resource_is_what_follows_the_account() {
        assert_eq!(
            short_resource("arn:aws:iam::111122223333:user/team/alice"),
            "user/team/alice"
        );
        assert_eq!(short_resource("arn:aws:iam::111122223333:root"), "root");
        assert_eq!(short_resource("arn:aws:iam::1:user/a:b"), "user/a:b");
        assert_eq!(short_resource("no arn"), "no arn");
        assert_eq!(short_resource("a:b:c:d:e:"), "a:b:c:d:e:");
    }

    #[test]
    fn pairs_of_backticks_hold_names() {
        assert_eq!(
            spans("not what `collect` reads"),
            [
                Span::Plain("not what "),
                Span::Code("collect"),
                Span::Plain(" reads")
            ]
        );
        assert_eq!(spans("`a``b`"), [Span::Code("a"), Span::Code("b")]);
        assert_eq!(spans(""), []);
        for text in ["one ` alone", "``", "` a`", "`` code ` span ```"] {
            assert_eq!(spans(text), [Span::Plain(text)]);
        }
    }
}
