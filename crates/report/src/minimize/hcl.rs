//! Text as HCL, which Terraform reads.

use std::fmt::Write;

/// A quoted string; none for what HCL or Terraform's AWS provider would read as something else.
///
/// HCL specification, "Template literals": `${` and `%{` begin templates and are escaped by a second sign. Where such a sign is there
/// already, the escape is ambiguous. The provider's `aws_iam_policy_document` reads `&{` as `${`.
pub(super) fn quoted(text: &str) -> Option<String> {
    if ["&{", "$${", "%%{"].iter().any(|own| text.contains(own)) {
        return None;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            ' '..='~' => quoted.push(character),
            // Whatever cannot be seen, or looks like something else, is told by its number.
            other if u32::from(other) > 0xffff => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(other));
            }
            other => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(other));
            }
        }
    }
    quoted.push('"');
    Some(quoted)
}

/// A name of a block: letters, digits and `_`, with a letter first.
pub(super) fn label(text: &str) -> String {
    let mut label: String = text
        .chars()
        .map(|own| {
            if own.is_ascii_alphanumeric() {
                own
            } else {
                '_'
            }
        })
        .collect();
    if !label.starts_with(|first: char| first.is_ascii_alphabetic()) {
        label.insert(0, 'p');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_quotes_and_invisible_characters_are_escaped_or_refused() {
        for (text, expected) in [
            ("plain", Some(r#""plain""#)),
            (r#"a"b\c"#, Some(r#""a\"b\\c""#)),
            ("${aws:username}/%{x}", Some(r#""$${aws:username}/%%{x}""#)),
            ("$5 and 10%", Some(r#""$5 and 10%""#)),
            (
                "a\nb\u{202e}\u{1f600}",
                Some(r#""a\u000ab\u202e\U0001f600""#),
            ),
            ("$${x}", None),
            ("&{aws:username}", None),
        ] {
            assert_eq!(quoted(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn labels_are_identifiers() {
        assert_eq!(label("web-app.x"), "web_app_x");
        assert_eq!(label("1é"), "p1_");
        assert_eq!(label(""), "p");
    }
}
