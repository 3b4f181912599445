//! Texts as SQL, and parameters in the place of their names.

/// A text as a value.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name of a table or column.
pub(super) fn identifier(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Puts values in the place of `{name}`, in one pass: what is put in is not looked at again.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let name = behind.split_once('}');
        let value = name.and_then(|(name, _)| values.iter().find(|(known, _)| *known == name));
        match (name, value) {
            (Some((_, behind)), Some((_, value))) => {
                filled.push_str(value);
                rest = behind;
            }
            _ => {
                filled.push('{');
                rest = behind;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once() {
        let values = [("a", "{b}".to_owned()), ("b", "'".to_owned())];
        assert_eq!(fill("{a} {b}{c} {", &values), "{b} '{c} {");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
    }
}
