//! Hostile names stay text in both formats.

use super::dot::quoted;

#[test]
fn a_quoted_string_ends_where_it_should() {
    assert_eq!(quoted(r#"a"b\N"#), r#""a\"b\\N""#);
}
