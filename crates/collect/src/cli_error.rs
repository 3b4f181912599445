//! The text that the `aws` CLI prints in place of an answer, which `aws … > FILE 2>&1` writes into the file.

/// Where it is looked for: warnings of Python and of the CLI can come before it.
const LOOKED_AT: usize = 4096;
const BEFORE_CODE: &str = "An error occurred (";
const BEFORE_OPERATION: &str = ") when calling the ";
const AFTER_OPERATION: &str = " operation";

/// An error as the CLI prints it (botocore, `ClientError.MSG_TEMPLATE`).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CliError {
    /// AWS's code, such as `AccessDenied`.
    pub code: String,
    /// The operation without its service, such as `GetCredentialReport`.
    pub operation: String,
    /// What AWS says.
    pub message: String,
}

/// `An error occurred (CODE) when calling the OPERATION operation: MESSAGE`, where a text has it near its beginning.
pub(crate) fn error_of(text: &str) -> Option<CliError> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    };
    let start = text.find(BEFORE_CODE).filter(|start| *start < LOOKED_AT)?;
    let rest = text.get(start + BEFORE_CODE.len()..)?;
    let (code, rest) = rest.split_once(BEFORE_OPERATION)?;
    let (operation, rest) = rest.split_once(AFTER_OPERATION)?;
    // ` (reached max retries: 4)` may stand before the colon.
    let message = match rest.strip_prefix(" (") {
        Some(attempts) => attempts.split_once("): ").map(|(_, message)| message),
        None => rest.strip_prefix(": "),
    };
    let message = message.unwrap_or_default();
    (is_name(code) && is_name(operation)).then(|| CliError {
        code: code.to_owned(),
        operation: operation.to_owned(),
        message: message.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_the_operation_and_what_aws_says_are_told() {
        let found = error_of(
            "\nAn error occurred (AccessDenied) when calling the GetCredentialReport operation: User: u is not authorized\n",
        );
        let found = found.unwrap();
        assert_eq!(
            (&*found.code, &*found.operation, &*found.message),
            (
                "AccessDenied",
                "GetCredentialReport",
                "User: u is not authorized"
            )
        );
        let retried = error_of(
            "aws: [ERROR]: An error occurred (Throttling) when calling the ListUsers operation (reached max retries: 4): Rate exceeded",
        );
        assert_eq!(retried.unwrap().message, "Rate exceeded");
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "An error occurred",
            "An error occurred (a b) when calling the X operation: y",
            "An error occurred (A) when calling the  operation: y",
        ] {
            assert_eq!(error_of(text), None, "{text}");
        }
        let late = format!(
            "{}An error occurred (A) when calling the B operation: c",
            "x".repeat(LOOKED_AT)
        );
        assert_eq!(error_of(&late), None);
    }
}
