//! What AWS and the way to it say, as it may be kept and shown: bounded, on one line, and without secrets.
//!
//! A message may quote what was sent. Of a request that is a session token or a signature, of an endpoint a password or a presigned query.

/// Longer ones quote something; AWS's own words are shorter.
const MOST_CHARACTERS: usize = 400;
const MOST_CHARACTERS_OF_A_CODE: usize = 100;
/// A secret access key has 40 characters, a session token hundreds; an access key id, which is no secret, has 20.
const SHORTEST_SECRET: usize = 32;
const LEFT_OUT: char = '…';
/// What stands before a value that is a secret.
const NAMES_OF_SECRETS: [&str; 6] = [
    "authorization",
    "credential",
    "password",
    "secret",
    "signature",
    "token",
];

/// A message of AWS's without what may be a secret, and no longer than some lines.
#[must_use]
pub fn presentable(message: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut is_value = false;
    for word in message.split(|character: char| character.is_whitespace() || character.is_control())
    {
        if word.is_empty() {
            continue;
        }
        let names_secret = word.ends_with([':', '=']) && names_a_secret(word);
        words.push(if std::mem::take(&mut is_value) && looks_random(word, 0) {
            LEFT_OUT.to_string()
        } else {
            without_secrets(word)
        });
        is_value = names_secret;
    }
    bounded(&words.join(" "), MOST_CHARACTERS)
}

/// The code of an error: what AWS calls it, and nothing that was sent along.
#[must_use]
pub(crate) fn code(code: &str) -> String {
    let is_of_a_code = |character: &char| {
        character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-' | '#' | ':')
    };
    code.chars()
        .take(MOST_CHARACTERS_OF_A_CODE)
        .take_while(is_of_a_code)
        .collect()
}

fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}{LEFT_OUT}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn names_a_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    NAMES_OF_SECRETS.iter().any(|name| text.contains(name))
}

fn without_secrets(word: &str) -> String {
    let word = without_parts_of_a_url(word);
    // The value of a header has a colon before it, and what is named with one is as often an action.
    let name_ends = word.find(['=', ':']).unwrap_or(word.len());
    let (name, value) = word.split_at_checked(name_ends).unwrap_or((&word, ""));
    let is_secret = match value.strip_prefix('=') {
        Some(value) => !value.is_empty(),
        None => looks_random(value, 1),
    };
    if is_secret && names_a_secret(name) {
        let separator = value.get(..1).unwrap_or_default();
        return format!("{name}{separator}{LEFT_OUT}");
    }
    // Names in ARNs may be long and of all kinds of characters, and say what was refused to whom.
    if word.contains("arn:") {
        return word;
    }
    let mut kept = String::with_capacity(word.len());
    for part in word.split_inclusive(|character: char| !is_of_a_secret(character)) {
        let run = part.trim_end_matches(|character: char| !is_of_a_secret(character));
        if looks_random(run, SHORTEST_SECRET) {
            kept.push(LEFT_OUT);
            kept.push_str(part.strip_prefix(run).unwrap_or_default());
        } else {
            kept.push_str(part);
        }
    }
    kept
}

/// Base64 of both alphabets.
fn is_of_a_secret(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=' | '_' | '-')
}

/// Whether a text is long enough and mixes letters of both cases and digits. Words, paths and UUIDs do not.
fn looks_random(text: &str, shortest: usize) -> bool {
    text.len() >= shortest
        && text.contains(|character: char| character.is_ascii_uppercase())
        && text.contains(|character: char| character.is_ascii_lowercase())
        && text.contains(|character: char| character.is_ascii_digit())
}

/// Without the user, the password and the query of a URL.
fn without_parts_of_a_url(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{LEFT_OUT}@{host}"),
        None => authority.to_owned(),
    };
    let path = match path.split_once('?') {
        Some((path, _)) => format!("{path}?{LEFT_OUT}"),
        None => path.to_owned(),
    };
    format!("{scheme}://{authority}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_says_is_kept_word_for_word() {
        for message in [
            "User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ReadOnlyAccess_0123456789abcdef/Jo is not authorized to perform: iam:ListUsers on resource: *",
            "The Access Key Id AKIAIOSFODNN7EXAMPLE does not exist",
            "The security token included in the request is invalid",
            "not authorized to perform: secretsmanager:GetSecretValue",
            "request id: 7b7c2b8e-0a0c-4b6a-9a44-2f8c5f0a1b2c",
            "cannot connect to https://iam.amazonaws.com/",
        ] {
            assert_eq!(presentable(message), message);
        }
    }

    #[test]
    fn secrets_that_a_message_quotes_are_left_out() {
        let token = format!("IQoJb3JpZ2luX2Vj{}", "aB3/+x==".repeat(40));
        for (message, kept) in [
            (
                format!("x-amz-security-token:{token} is wrong"),
                "x-amz-security-token:… is wrong",
            ),
            (
                "The secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1".to_owned(),
                "The secret is …",
            ),
            (
                "cannot connect to http://user:pa@ss@[::1]:4566/a?X-Amz-Signature=0a1b#c"
                    .to_owned(),
                "cannot connect to http://…@[::1]:4566/a?…",
            ),
            ("password=short\nnext".to_owned(), "password=… next"),
            ("Token: aB3 rest".to_owned(), "Token: … rest"),
            ("token:aB3=c".to_owned(), "token:…"),
            (format!("\"{token}\""), "\"…\""),
        ] {
            assert_eq!(presentable(&message), kept);
        }
    }

    #[test]
    fn nothing_is_longer_than_some_lines() {
        assert_eq!(presentable(&"ä ".repeat(10_000)).chars().count(), 401);
        assert_eq!(code(&"A".repeat(1000)).len(), 100);
        assert_eq!(code("Throttling\u{1b}[2J and more"), "Throttling");
        assert_eq!(presentable("\u{1b}[2J\r\n"), "[2J");
    }
}
