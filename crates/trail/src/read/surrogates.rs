//! Halves of UTF-16 pairs that stand alone, `\ud800`, which JSON can write and no text can hold.

const REPLACEMENT: &str = "\\ufffd";

/// The text with another sign for each of them; none where there are none.
pub(super) fn without_lone_surrogates(text: &str) -> Option<String> {
    let mut mended = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(at)?;
        let length = match unit(escape) {
            Some(0xd800..=0xdbff) if is_second(escape.get(6..)) => 12,
            Some(0xd800..=0xdfff) => {
                mended.push_str(before);
                mended.push_str(REPLACEMENT);
                rest = escape.get(6..)?;
                continue;
            }
            Some(_) => 6,
            // Another escape, of one letter.
            None => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        mended.push_str(before);
        mended.push_str(escape.get(..length)?);
        rest = escape.get(length..)?;
    }
    mended.push_str(rest);
    (mended != text).then_some(mended)
}

/// What `\uXXXX` at the beginning of a text stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_number)
}

fn is_second(text: Option<&str>) -> bool {
    matches!(text.and_then(unit), Some(0xdc00..=0xdfff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_alone_is_replaced() {
        for (text, mended) in [
            (r"a\ud800b", Some(r"a\ufffdb")),
            (
                r"\udc00\ud83d\ude00\uD83D",
                Some(r"\ufffd\ud83d\ude00\ufffd"),
            ),
            (r"\ud800\ud83d\ude00", Some(r"\ufffd\ud83d\ude00")),
            (r"\\ud800", None),
            (r"\\\ud800", Some(r"\\\ufffd")),
            (r"\ud83d\ude00 \u00e9 \n", None),
            (r"\ud8", None),
            (r"\u+123\", None),
            ("\\é\\", None),
            ("", None),
        ] {
            assert_eq!(without_lone_surrogates(text).as_deref(), mended, "{text}");
        }
    }
}
