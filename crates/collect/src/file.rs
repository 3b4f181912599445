//! One file to pieces and gaps.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use leastgrant_inventory::{DataKind, Gap};

use crate::answer::Answer;
use crate::cli_error;
use crate::facts::{Piece, PlacedGap};
use crate::recognise::Visitor;
use crate::walk::{FoundFile, reason_of};
use crate::{answers, recognise};

/// More than this is no export of IAM; it is also the bound on what a compressed file may unfold to.
const MAX_BYTES: u64 = 4 << 30;

/// The code of a call that never reached AWS.
pub(crate) const NOT_ANSWERED: &str = "NotAnswered";
/// The code of an answer that is none of AWS's, as a proxy or a server without the call gives it.
pub(crate) const NO_ANSWER_OF_AWS: &str = "NoAnswerOfAws";
/// The code of an answer of a live collection that is not what such a call answers.
pub(crate) const NOT_READABLE: &str = "NotReadable";

// What AWS did not say and a live collection found out by itself: the message is all there is to tell.
/// A last-accessed job that never came to an end.
pub(crate) const JOB_FAILED: &str = "JobFailed";
/// Roles of permission sets without an instance.
pub(crate) const NO_INSTANCE: &str = "NoInstance";
/// An organisation of which not all accounts are known.
pub(crate) const ACCOUNTS_NOT_LISTED: &str = "AccountsNotListed";
/// An account that was asked for and that nothing led to.
pub(crate) const ACCOUNT_NOT_FOUND: &str = "AccountNotFound";
/// An account that its organisation has closed, or not opened yet.
pub(crate) const ACCOUNT_NOT_ACTIVE: &str = "AccountNotActive";
/// An account of an earlier run that this one was not led to.
pub(crate) const NOT_ASKED_AGAIN: &str = "NotAskedAgain";
/// Credentials of another account than was expected.
pub(crate) const OTHER_ACCOUNT: &str = "OtherAccount";
/// A profile of an account that another one was asked with.
pub(crate) const SAME_ACCOUNT: &str = "SameAccount";
const NOT_OF_AWS: [&str; 8] = [
    JOB_FAILED,
    NO_INSTANCE,
    ACCOUNTS_NOT_LISTED,
    ACCOUNT_NOT_FOUND,
    ACCOUNT_NOT_ACTIVE,
    NOT_ASKED_AGAIN,
    OTHER_ACCOUNT,
    SAME_ACCOUNT,
];

const NOT_AN_EXPORT: &str = "is neither JSON nor a credential report; export it again if a command was to write it, or else remove it from the bundle";

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What one file gave.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub pieces: Vec<Piece>,
    pub gaps: Vec<PlacedGap>,
}

pub(crate) fn read(found: &FoundFile) -> Outcome {
    let bytes = if found.path.as_os_str() == "-" {
        read_bounded(std::io::stdin().lock(), 0)
    } else {
        File::open(&found.path).and_then(|file| {
            let size = file
                .metadata()
                .map(|metadata| metadata.len())
                .unwrap_or_default();
            read_bounded(file, size)
        })
    };
    match bytes {
        Ok(bytes) => read_bytes(&found.path, bytes),
        Err(error) => broken(
            &found.path,
            "",
            &format!("cannot be read: {}", reason_of(&error)),
            None,
        ),
    }
}

/// Reads a file's content, compressed or not.
pub(crate) fn read_bytes(path: &Path, bytes: Vec<u8>) -> Outcome {
    let bytes = if bytes.starts_with(&GZIP_MAGIC) {
        match read_bounded(flate2::read::MultiGzDecoder::new(bytes.as_slice()), 0) {
            Ok(unfolded) => unfolded,
            Err(error) => {
                return broken(
                    path,
                    "",
                    &format!("the gzip data cannot be unfolded: {error}; export it again"),
                    None,
                );
            }
        }
    } else {
        bytes
    };
    let whole = match String::from_utf8(bytes) {
        Ok(whole) => Arc::new(whole),
        Err(error) => return not_text(path, error.as_bytes(), error.utf8_error().valid_up_to()),
    };
    // PowerShell's redirection writes a byte order mark.
    let text = whole.strip_prefix('\u{feff}').unwrap_or(&whole);
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return read_json(path, &whole, text);
    }
    if answers::credential_report::is_report(start) {
        let mut piece = Piece::default();
        let mut problems = answers::Problems::new(&whole);
        answers::credential_report::read_csv(start, &mut piece, &mut problems);
        let mut outcome = Outcome::default();
        finish(
            &Arc::from(path),
            String::new(),
            DataKind::CredentialReport,
            piece,
            problems.found,
            &mut outcome,
        );
        return outcome;
    }
    if start.is_empty() {
        return broken(
            path,
            "",
            "is empty; the command that wrote it failed, so export it again",
            None,
        );
    }
    if start.trim_end() == "null" {
        return broken(
            path,
            "",
            "holds `null`: the command that wrote it, or its `--query`, found nothing; export it again",
            None,
        );
    }
    if let Some(error) = cli_error::error_of(start) {
        return refused(path, &whole, error);
    }
    not_known(path, "", NOT_AN_EXPORT)
}

/// A file into which a command wrote its error in place of an answer: the call was refused, as if a script had recorded it.
fn refused(path: &Path, whole: &Arc<String>, error: cli_error::CliError) -> Outcome {
    let mut reader = AnswerReader {
        path: Arc::from(path),
        whole,
        outcome: Outcome::default(),
    };
    let call = answers::call_of_operation(&error.operation).map_or(error.operation, str::to_owned);
    reader.answer(Answer {
        call: Some(call.clone()),
        error: Some((error.code, error.message)),
        ..Answer::default()
    });
    for gap in &mut reader.outcome.gaps {
        let reason = &mut gap.gap.reason;
        *reason = format!(
            "holds the error of `{}` and no answer: {reason}; mend that and export it again",
            leastgrant_aws::presentable(&call)
        );
    }
    reader.outcome
}

/// A file that is not UTF-8: an export in another encoding, or a picture that lies beside it.
fn not_text(path: &Path, bytes: &[u8], valid_up_to: usize) -> Outcome {
    const UTF16_MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];
    let valid = bytes.get(..valid_up_to).unwrap_or_default();
    let begins_like_an_export = UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark))
        || valid.trim_ascii_start().starts_with(b"{")
        || valid.trim_ascii_start().starts_with(b"[")
        || valid.starts_with(b"user,");
    if !begins_like_an_export {
        return not_known(path, "", NOT_AN_EXPORT);
    }
    let line = 1 + count_lines(valid);
    broken(
        path,
        &format!(":{line}"),
        "is not UTF-8; export it again with UTF-8 output",
        None,
    )
}

fn read_json(path: &Path, whole: &Arc<String>, text: &str) -> Outcome {
    let mut reader = AnswerReader {
        path: Arc::from(path),
        whole,
        outcome: Outcome::default(),
    };
    match recognise::answers(text, &mut reader) {
        Ok(()) => reader.outcome,
        Err(error) => {
            let kind = recognise::kind_of_broken(text);
            let place = format!(":{}:{}", error.line(), error.column());
            let reason = format!(
                "is not whole JSON: {}; export it again",
                without_place(&error)
            );
            broken(path, &place, &reason, kind)
        }
    }
}

/// Makes pieces and gaps of the answers of one file.
struct AnswerReader<'a> {
    path: Arc<Path>,
    whole: &'a Arc<String>,
    outcome: Outcome,
}

impl Visitor for AnswerReader<'_> {
    fn answer(&mut self, answer: Answer<'_>) {
        let place = if answer.pointer.is_empty() {
            String::new()
        } else {
            format!("#{}", answer.pointer)
        };
        match answers::read(&answer, self.whole) {
            answers::Reading::Read {
                kind,
                piece,
                problems,
            } => {
                finish(&self.path, place, kind, piece, problems, &mut self.outcome);
            }
            answers::Reading::Failed {
                kind,
                code,
                message,
            } => {
                let words = leastgrant_aws::presentable(&message);
                let message = if words.is_empty() {
                    String::new()
                } else {
                    format!(": {words}")
                };
                let reason = match &*code {
                    code if NOT_OF_AWS.contains(&code) && !words.is_empty() => words,
                    NOT_ANSWERED => {
                        format!("the call was not answered{message}; collect again with `--resume`")
                    }
                    NO_ANSWER_OF_AWS => format!("AWS did not answer the call{message}"),
                    NOT_READABLE => {
                        format!(
                            "the answer is not that of such a call{message}; collect again with `--resume`"
                        )
                    }
                    _ => format!("AWS refused the call: `{code}`{message}"),
                };
                let mut refused = gap(&self.path, &place, &reason, kind.into_iter().collect());
                refused.gap.error_code = Some(code);
                self.outcome.gaps.push(refused);
            }
            answers::Reading::NotKnown { reason } => {
                self.outcome
                    .gaps
                    .push(gap(&self.path, &place, &reason, Vec::new()));
            }
        }
    }

    fn not_an_answer(&mut self, pointer: String, reason: String, call: Option<&str>) {
        let unknowable = match call {
            Some(call) => answers::kind_of_call(call).into_iter().collect(),
            None if pointer.is_empty() => vec![DataKind::Anything],
            None => Vec::new(),
        };
        self.outcome
            .gaps
            .push(gap(&self.path, &format!("#{pointer}"), &reason, unknowable));
    }
}

/// Completes a piece with its place, and makes gaps of the problems met in it.
fn finish(
    path: &Arc<Path>,
    place: String,
    kind: DataKind,
    mut piece: Piece,
    problems: Vec<answers::Problem>,
    outcome: &mut Outcome,
) {
    piece.kind = Some(kind);
    piece.damaged = !problems.is_empty();
    for problem in problems {
        let inner = if problem.place.starts_with('/') && place.is_empty() {
            format!("#{}", problem.place)
        } else {
            format!("{place}{}", problem.place)
        };
        outcome.gaps.push(PlacedGap::new(
            path,
            Gap {
                account_id: piece.account_id.clone(),
                source: format!("{}{inner}", path.display()),
                reason: problem.reason,
                error_code: None,
                unknowable: problem.also.into_iter().chain([kind]).collect(),
            },
        ));
    }
    piece.path = Arc::clone(path);
    piece.place = place;
    outcome.pieces.push(piece);
}

/// A file that was to hold data and cannot be used.
fn broken(path: &Path, place: &str, reason: &str, kind: Option<DataKind>) -> Outcome {
    Outcome {
        gaps: vec![gap(
            path,
            place,
            reason,
            vec![kind.unwrap_or(DataKind::Anything)],
        )],
        ..Outcome::default()
    }
}

/// A file that is whole and holds nothing that leastgrant keeps.
fn not_known(path: &Path, place: &str, reason: &str) -> Outcome {
    Outcome {
        gaps: vec![gap(path, place, reason, Vec::new())],
        ..Outcome::default()
    }
}

fn gap(path: &Path, place: &str, reason: &str, unknowable: Vec<DataKind>) -> PlacedGap {
    let source = format!("{}{place}", path.display());
    PlacedGap::new(
        path,
        Gap {
            account_id: None,
            source,
            reason: reason.to_owned(),
            error_code: None,
            unknowable,
        },
    )
}

fn read_bounded(source: impl Read, size: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(MAX_BYTES)).unwrap_or_default());
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(std::io::Error::other(
            "it has more than 4 GiB, which no export of IAM has",
        ));
    }
    Ok(bytes)
}

fn count_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// serde_json ends its messages with the place, which the gap names already.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if message.starts_with("trailing characters") {
        return "more than one JSON value follow each other (JSON Lines?)".to_owned();
    }
    match message.rfind(" at line ") {
        Some(end) => message.get(..end).unwrap_or(&message).to_owned(),
        None => message,
    }
}
