//! Breaking text into lines of a given width.
//!
//! comfy-table would do it, but loses the character at which it breaks a name, so that `user/ci` and
//! `deploy-bot` look like two things.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where a word that is too long is best broken: after one of these.
const JOINTS: [char; 9] = ['-', '/', '@', ':', '.', '_', ',', ';', '='];

/// The columns that a text takes on a terminal.
pub(crate) fn display_width(text: &str) -> usize {
    text.width()
}

/// Where the last word of a name such as `GetBucketPolicy` begins, if there is more than one before the next character.
fn last_hump(piece: &str, next: char) -> Option<usize> {
    let following = piece.chars().skip(1).chain([next]);
    let humps = piece.char_indices().zip(following);
    humps
        .filter(|((_, character), next)| {
            character.is_ascii_lowercase() && next.is_ascii_uppercase()
        })
        .map(|((byte, character), _)| byte + character.len_utf8())
        .last()
}

/// The columns of the longest part of a text that has neither spaces nor joints.
pub(crate) fn longest_piece(text: &str) -> usize {
    let pieces = text.split([' ', '\n']);
    let pieces = pieces.flat_map(|word| word.split_inclusive(JOINTS));
    pieces.map(display_width).max().unwrap_or_default()
}

/// Lines that are too wide broken at their spaces, those that go on indented; names without spaces stay whole, so that they can be
/// copied. The text as it is where there is no width.
#[must_use]
pub fn fitted(text: &str, width: Option<usize>) -> Cow<'_, str> {
    const HANGING: usize = 4;
    const NARROWEST: usize = 40;
    let Some(width) = width.map(|width| width.max(NARROWEST)) else {
        return Cow::Borrowed(text);
    };
    let mut fitted = String::with_capacity(text.len());
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        if display_width(line) <= width || !rest.contains(' ') {
            fitted.push_str(line);
            fitted.push('\n');
            continue;
        }
        let mut column = indent;
        fitted.push_str(line.get(..indent).unwrap_or_default());
        for (index, word) in rest.split(' ').enumerate() {
            let wide = display_width(word);
            if index > 0 && column + 1 + wide > width && column > indent + HANGING {
                fitted.push('\n');
                fitted.push_str(&" ".repeat(indent + HANGING));
                column = indent + HANGING;
            } else if index > 0 {
                fitted.push(' ');
                column += 1;
            }
            fitted.push_str(word);
            column += wide;
        }
        fitted.push('\n');
    }
    Cow::Owned(fitted)
}

/// Lines of at most `width` columns, broken at spaces, else at a joint, else anywhere.
/// Line breaks of the text stay.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    text.split('\n')
        .flat_map(|line| wrapped_line(line, width))
        .collect()
}

fn wrapped_line(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let fits = display_width(&line) + 1 + display_width(word) <= width;
        if !line.is_empty() && fits {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut pieces = split_word(word, width);
        line = pieces.pop().unwrap_or_default();
        lines.append(&mut pieces);
    }
    lines.push(line);
    lines
}

/// The word in pieces that fit; one piece if it fits as it is.
fn split_word(word: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for character in word.chars() {
        let grown = display_width(&piece) + character.width().unwrap_or_default();
        if grown > width && !piece.is_empty() {
            // A joint at the very end of the piece is as good a place as one inside it.
            let rest = match piece.rfind(JOINTS) {
                Some(joint) if joint > 0 => piece.split_off(joint + 1),
                _ => last_hump(&piece, character)
                    .map(|hump| piece.split_off(hump))
                    .unwrap_or_default(),
            };
            pieces.push(std::mem::replace(&mut piece, rest));
        }
        piece.push(character);
    }
    // A mark alone on a line belongs to nothing.
    if piece == "*"
        && let Some(before) = pieces.last_mut()
        && before.chars().count() > 1
        && width > display_width(&piece) + 1
        && let Some(last) = before.pop()
    {
        piece.insert(0, last);
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_at_spaces_then_joints_then_anywhere() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(
            wrapped("user/ci/deploy-bot", 12),
            ["user/ci/", "deploy-bot"]
        );
        assert_eq!(wrapped("AKIAIOSFODNN7", 5), ["AKIAI", "OSFOD", "NN7"]);
        assert_eq!(wrapped("bucket*", 6), ["bucke", "t*"]);
        assert_eq!(wrapped("GetBucketPolicy", 11), ["GetBucket", "Policy"]);
        assert_eq!(wrapped("GetBucketPolicy", 9), ["GetBucket", "Policy"]);
        assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("日", 1), ["日"]);
    }

    #[test]
    fn lines_are_fitted_at_spaces_and_names_stay_whole() {
        let words = "  remedy  Make a new key, move what uses the old one, and delete it";
        assert_eq!(
            fitted(words, Some(40)),
            "  remedy  Make a new key, move what uses\n      the old one, and delete it\n"
        );
        let name = format!("{}\n", "x".repeat(60));
        assert_eq!(fitted(&name, Some(40)), name);
        assert_eq!(fitted(words, None), words);
        assert_eq!(fitted("short\n", Some(40)), "short\n");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_line_fits(text in "[a-z/. -]{0,60}", width in 1_usize..20) {
            let lines = wrapped(&text, width);
            prop_assert!(lines.iter().all(|line| display_width(line) <= width), "{:?}", lines);
            let without_spaces = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
        }
    }
}
