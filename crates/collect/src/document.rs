//! Policy documents: plain JSON objects (as the CLI prints them) or URL-encoded text (as the API gives them).

use std::borrow::Cow;
use std::sync::Arc;

use leastgrant_inventory::Text;
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// The text of a document, decoded but otherwise as it was read; a part of `whole` where it is one.
///
/// # Errors
/// A reason, in words, if the member is neither an object nor text that decodes to one.
pub(crate) fn text(raw: &RawValue, whole: &Arc<String>) -> Result<Text, String> {
    let raw = raw.get();
    if raw.starts_with('{') {
        return Ok(Text::part_of(whole, raw));
    }
    let decoded: Cow<'_, str> = if raw.starts_with('"') {
        serde_json::from_str::<String>(raw)
            .map_err(|error| error.to_string())?
            .into()
    } else {
        return Err("a policy document is an object or a text".to_owned());
    };
    let document = if decoded.trim_start().starts_with('{') {
        decoded.into_owned()
    } else {
        percent_decode_str(&decoded)
            .decode_utf8()
            .map_err(|_| "the URL-encoded policy document is not UTF-8".to_owned())?
            .into_owned()
    };
    if !document.trim_start().starts_with('{') {
        return Err("the text is no policy document".to_owned());
    }
    serde_json::from_str::<IgnoredAny>(&document)
        .map_err(|error| format!("the policy document in the text is not JSON: {error}"))?;
    Ok(document.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Text, String> {
        text(
            serde_json::from_str::<&RawValue>(json).unwrap(),
            &Arc::new(String::new()),
        )
    }

    #[test]
    fn object_plain_text_and_url_encoded_text_are_the_same_document() {
        let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let encoded =
            percent_encoding::utf8_percent_encode(document, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        for json in [
            document.to_owned(),
            serde_json::to_string(document).unwrap(),
            serde_json::to_string(&encoded).unwrap(),
        ] {
            assert_eq!(read(&json).unwrap(), document);
        }
    }

    #[test]
    fn a_plus_sign_is_a_plus_sign() {
        // RFC 3986 knows no blank as `+`; tag values and e-mail addresses do have pluses.
        let encoded = "%7B%22Id%22%3A%22a+b%22%7D";
        assert_eq!(read(&format!("\"{encoded}\"")).unwrap(), r#"{"Id":"a+b"}"#);
    }

    #[test]
    fn text_that_is_no_document_is_refused_in_words() {
        assert_eq!(
            read("7").unwrap_err(),
            "a policy document is an object or a text"
        );
        assert_eq!(
            read("\"%FF\"").unwrap_err(),
            "the URL-encoded policy document is not UTF-8"
        );
        assert_eq!(
            read("\"hello\"").unwrap_err(),
            "the text is no policy document"
        );
        assert!(
            read("\"{\\\"a\\\":\"")
                .unwrap_err()
                .contains("not JSON: EOF")
        );
    }
}
