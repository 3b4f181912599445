//! Text that whoever calls has written, bounded and quoted.

/// What is shown of one text, in characters.
const MOST_CHARACTERS: usize = 100;

/// What is looked at of one text, in bytes.
const MOST_BYTES: usize = 512;

/// The beginning of a text that is looked at: nobody needs longer ones, and nobody may make them cost.
pub(crate) fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The text between backticks, cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    // A backtick inside would end the quotation, and so would blanks at its edges in Markdown.
    let shown = shown.replace('`', "'");
    match shown.trim() {
        "" => "(empty)".to_owned(),
        shown => format!("`{shown}`"),
    }
}

/// Some texts, and how many there are besides.
pub(crate) fn listed<'a>(texts: impl IntoIterator<Item = &'a str>, has_more: bool) -> String {
    const SHOWN: usize = 3;
    let mut texts = texts.into_iter();
    let mut shown = texts
        .by_ref()
        .take(SHOWN)
        .map(quoted)
        .collect::<Vec<_>>()
        .join(", ");
    match (texts.count(), has_more) {
        (0, false) => {}
        (0, true) => shown.push_str(" and more"),
        (left, false) => shown.push_str(&format!(" and {left} more")),
        (left, true) => shown.push_str(&format!(" and more than {left} more")),
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_end_a_quotation_does_not() {
        assert_eq!(quoted(" a`b "), "`a'b`");
        assert_eq!(quoted(" \t"), "(empty)");
        assert_eq!(quoted(&"é".repeat(101)), format!("`{}…`", "é".repeat(100)));
        assert_eq!(listed(["a", "b"], false), "`a`, `b`");
        assert_eq!(
            listed(["a", "b", "c", "d", "e"], false),
            "`a`, `b`, `c` and 2 more"
        );
        assert_eq!(listed(["a"], true), "`a` and more");
    }

    proptest! {
        #[test]
        fn any_text_is_bounded(text in "\\PC{0,700}") {
            prop_assert!(bounded(&text).len() <= MOST_BYTES && text.starts_with(bounded(&text)));
            let quoted = quoted(&text);
            prop_assert!(quoted.chars().count() <= MOST_CHARACTERS + 3);
            prop_assert!(quoted == "(empty)" || quoted.matches('`').count() == 2);
        }
    }
}
