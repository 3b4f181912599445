//! The answers of a run, kept as they come: a file an account, a line of JSON an answer.
//!
//! A line is written by one call of the system, so that a process that is killed loses nothing that was answered. Of two answers to
//! one call with the same parameters the later one holds. A last line without its end, as a full disk leaves it, is no answer.
//! Errors are those of one run: whoever goes on asks again what failed, so that the answers of an account that is asked again begin without
//! them. Which accounts an organisation has is asked anew by each run.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use leastgrant_inventory::is_account;
use leastgrant_inventory::{InventoryLock, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::account_answers::{AccountAnswers, forget_what_is_asked_anew};

const SUFFIX: &str = ".jsonl";
const SETTINGS: &str = "settings.json";
/// Who was interrupted goes on within this time, as with events of CloudTrail. Later, keys were used, made and removed that the answers do
/// not know of.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A folder that only its owner can look into.
#[derive(Debug)]
pub struct AnswerStore {
    folder: PathBuf,
    /// What an earlier run left, until this one has an account to ask.
    before: Option<PathBuf>,
    is_resumed: bool,
    began_at: Timestamp,
    /// The accounts, or other places, that this run asks.
    asked: Mutex<BTreeSet<String>>,
    /// No other run asks into the same folder.
    _lock: InventoryLock,
}

/// Which accounts are asked and where: a run that asks others would take what was not answered for what is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    arguments: Vec<String>,
    began_at: Timestamp,
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error("cannot keep answers in `{folder}`")]
    Folder {
        /// The store.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing to go on from.
    #[error(
        "there is nothing to resume in `{folder}`; without `--resume` a collection begins anew"
    )]
    NothingKept {
        /// Where answers would be.
        folder: PathBuf,
    },
    /// Another run asks, or somebody else could have put the answers there.
    #[error(transparent)]
    Lock(#[from] leastgrant_inventory::Error),
    /// Whoever may write there can make up what an account has.
    #[error(
        "the answers in `{folder}` could have been written by others than you; begin anew without `--resume`"
    )]
    OpenToOthers {
        /// The store.
        folder: PathBuf,
    },
    /// What says whose the answers are cannot be read.
    #[error(
        "`{file}` is damaged, so that nobody knows whose the answers beside it are; begin anew without `--resume`"
    )]
    Damaged {
        /// The settings.
        file: PathBuf,
    },
    /// Much may have changed since.
    #[error(
        "the answers in `{folder}` were collected from {began_at} on, more than a week ago, and what changed since is not in them: begin anew without `--resume`"
    )]
    TooOld {
        /// The store.
        folder: PathBuf,
        /// When the first of them came.
        began_at: Timestamp,
    },
    /// The answers are those of other accounts, or of another endpoint.
    #[error(
        "the answers in `{folder}` are those of a collection {}, and this one is {}; give the same options, or begin anew without `--resume`",
        told(kept),
        told(asked)
    )]
    OtherCollection {
        /// The store.
        folder: PathBuf,
        /// The options that the answers depend on.
        kept: Vec<String>,
        /// The same of this run.
        asked: Vec<String>,
    },
}

fn told(arguments: &[String]) -> String {
    if arguments.is_empty() {
        "without options".to_owned()
    } else {
        format!("with `{}`", arguments.join(" "))
    }
}

impl AnswerStore {
    /// An empty store; what an earlier run left there is removed once this one has an account to ask. `arguments` are the options that say
    /// who is asked, and where.
    ///
    /// # Errors
    /// [`StoreError::Folder`], and [`StoreError::Lock`] while another run asks.
    pub fn begin(folder: &Path, arguments: &[String]) -> Result<Self, StoreError> {
        let failed = failed(folder);
        let before = beside(folder, ".before");
        if std::fs::symlink_metadata(folder).is_ok_and(|old| old.is_dir()) {
            // Nobody asks who still has it open.
            drop(InventoryLock::take(folder)?);
            remove(&before).map_err(failed)?;
            std::fs::rename(folder, &before).map_err(failed)?;
        } else {
            remove(folder).map_err(failed)?;
        }
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed)?;
        let lock = InventoryLock::take(folder)?;
        let began_at = Timestamp::now();
        let settings = Settings {
            arguments: arguments.to_vec(),
            began_at,
        };
        let written = beside(&folder.join(SETTINGS), ".new");
        let text = serde_json::to_string(&settings).map_err(io::Error::from);
        text.and_then(|text| std::fs::write(&written, text))
            .and_then(|()| std::fs::rename(&written, folder.join(SETTINGS)))
            .map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            before: Some(before).filter(|before| before.exists()),
            is_resumed: false,
            began_at,
            asked: Mutex::default(),
            _lock: lock,
        })
    }

    /// The store that an earlier run left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn resume(folder: &Path, arguments: &[String]) -> Result<Self, StoreError> {
        let nothing = || StoreError::NothingKept {
            folder: folder.to_owned(),
        };
        let there = match std::fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(nothing()),
            there => there.map_err(failed(folder))?,
        };
        if !there.is_dir() || there.mode() & 0o077 != 0 {
            return Err(StoreError::OpenToOthers {
                folder: folder.to_owned(),
            });
        }
        let lock = InventoryLock::take(folder)?;
        let text = match std::fs::read(folder.join(SETTINGS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(nothing()),
            text => text.map_err(failed(folder))?,
        };
        let settings: Settings =
            serde_json::from_slice(&text).map_err(|_| StoreError::Damaged {
                file: folder.join(SETTINGS),
            })?;
        if settings.arguments != arguments {
            return Err(StoreError::OtherCollection {
                folder: folder.to_owned(),
                kept: settings.arguments,
                asked: arguments.to_vec(),
            });
        }
        if Timestamp::now().duration_since(settings.began_at) > GOOD_FOR {
            return Err(StoreError::TooOld {
                folder: folder.to_owned(),
                began_at: settings.began_at,
            });
        }
        let store = Self {
            folder: folder.to_owned(),
            before: None,
            is_resumed: true,
            began_at: settings.began_at,
            asked: Mutex::default(),
            _lock: lock,
        };
        // What is said of a profile or an organisation is said again, or holds no more.
        for place in store.accounts()?.iter().filter(|name| !is_account(name)) {
            remove(&store.path_of(place)).map_err(failed(folder))?;
        }
        Ok(store)
    }

    /// There is an account to ask: what an earlier run left is of no more use.
    pub(super) fn replace_the_one_before(&self) -> Result<(), StoreError> {
        match &self.before {
            Some(before) => remove(before).map_err(failed(&self.folder)),
            None => Ok(()),
        }
    }

    /// The accounts of the store that this run has not asked.
    pub(super) fn not_asked(&self) -> Result<Vec<String>, StoreError> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.accounts()?.into_iter();
        Ok(all.filter(|name| !asked.contains(name)).collect())
    }

    /// Where the answers are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// When the first of them was asked.
    #[must_use]
    pub fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// Removes all of them, when they are of no more use.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub fn remove(self) -> Result<(), StoreError> {
        std::fs::remove_dir_all(&self.folder).map_err(failed(&self.folder))
    }

    /// Leaves what was there before, as no account could be asked.
    ///
    /// # Errors
    /// [`StoreError::Folder`].
    pub fn give_up(self) -> Result<(), StoreError> {
        let failed = failed(&self.folder);
        if self.is_resumed {
            return Ok(());
        }
        std::fs::remove_dir_all(&self.folder).map_err(failed)?;
        match &self.before {
            Some(before) => std::fs::rename(before, &self.folder).map_err(failed),
            None => Ok(()),
        }
    }

    /// The answers of one account, to add to. Errors of an earlier run are gone once it is asked.
    pub(super) fn account(&self, name: &str) -> Result<AccountAnswers, StoreError> {
        let path = self.path_of(name);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.insert(name.to_owned()) && self.is_resumed && path.exists() {
            forget_what_is_asked_anew(&path).map_err(failed(&self.folder))?;
        }
        drop(asked);
        AccountAnswers::open(&path).map_err(failed(&self.folder))
    }

    /// The lines of one account that hold.
    pub(super) fn lines(&self, name: &str) -> Result<Vec<String>, StoreError> {
        let answers = AccountAnswers::open(&self.path_of(name));
        let lines = answers.and_then(|answers| answers.lines());
        lines.map_err(failed(&self.folder))
    }

    /// A name is AWS's or a profile's, and may be anything.
    fn path_of(&self, name: &str) -> PathBuf {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        self.folder.join(format!("{name}{SUFFIX}"))
    }

    /// The accounts' names, sorted.
    pub(super) fn accounts(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed(&self.folder))? {
            let name = entry.map_err(failed(&self.folder))?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
            let name = name.and_then(|name| percent_decode_str(name).decode_utf8().ok());
            names.extend(name.map(Cow::into_owned));
        }
        names.sort();
        Ok(names)
    }
}

fn failed(folder: &Path) -> impl Fn(io::Error) -> StoreError + Copy + '_ {
    |source| StoreError::Folder {
        folder: folder.to_owned(),
        source,
    }
}

/// A path with an addition to its name.
fn beside(path: &Path, addition: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(addition);
    PathBuf::from(name)
}

/// Removes what is there, but nothing that a link leads to.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(there) if there.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::NOT_READABLE;
    use crate::live::account_answers::Member;

    const CALL: &str = "iam:ListAccessKeys";
    const ACCOUNT: &str = "111122223333";
    const OF_ALICE: &str = r#"{"UserName":"alice"}"#;
    const NO_KEYS: &str = r#"{"AccessKeyMetadata":[],"IsTruncated":false}"#;

    fn of(account: &AccountAnswers) -> Vec<String> {
        account.lines().unwrap()
    }

    #[test]
    fn answers_are_there_for_the_next_run_and_refusals_and_torn_lines_are_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let store = AnswerStore::begin(&folder, &[]).unwrap();
        let account = store.account(ACCOUNT).unwrap();
        account
            .put(
                CALL,
                r#"{"UserName":"a"}"#,
                &Member::Answer("{\n\"AccessKeyMetadata\": []}"),
            )
            .unwrap();
        account
            .put(CALL, r#"{"UserName":"b"}"#, &Member::Error("{}"))
            .unwrap();
        assert_eq!(
            account.get(CALL, r#"{"UserName":"a"}"#).unwrap(),
            "{ \"AccessKeyMetadata\": []}"
        );
        assert_eq!(account.get(CALL, r#"{"UserName":"b"}"#), None);
        let path = folder.join(format!("{ACCOUNT}.jsonl"));
        let whole = std::fs::read(&path).unwrap();
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap();
        drop(store);
        // Every place at which a process or a disk can end.
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let resumed = AnswerStore::resume(&folder, &[]).unwrap();
            let account = resumed.account(ACCOUNT).unwrap();
            assert_eq!(of(&account).len(), usize::from(length > first), "{length}");
            account
                .put(CALL, OF_ALICE, &Member::Answer(NO_KEYS))
                .unwrap();
            let again = resumed.account(ACCOUNT).unwrap();
            assert_eq!(
                again.get(CALL, OF_ALICE).as_deref(),
                Some(NO_KEYS),
                "{length}"
            );
        }
    }

    /// What a run kept is opened several times by it, last to be read: its errors are what becomes gaps.
    #[test]
    fn the_errors_of_a_run_are_there_until_another_run_goes_on() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let store = AnswerStore::begin(&folder, &[]).unwrap();
        let account = store.account(ACCOUNT).unwrap();
        account
            .put(CALL, OF_ALICE, &Member::Answer(NO_KEYS))
            .unwrap();
        account.put(CALL, OF_ALICE, &Member::Error("{}")).unwrap();
        assert_eq!(account.get(CALL, OF_ALICE).as_deref(), Some(NO_KEYS));
        assert_eq!(of(&store.account(ACCOUNT).unwrap()).len(), 2);
        // Two runs would each take the other's answers for all that there are.
        assert!(matches!(
            AnswerStore::resume(&folder, &[]),
            Err(StoreError::Lock(_))
        ));
        assert!(matches!(
            AnswerStore::begin(&folder, &[]),
            Err(StoreError::Lock(_))
        ));
        drop(store);
        let resumed = AnswerStore::resume(&folder, &[]).unwrap();
        let again = resumed.account(ACCOUNT).unwrap();
        assert_eq!(of(&again).len(), 1);
        assert_eq!(again.get(CALL, OF_ALICE).as_deref(), Some(NO_KEYS));
    }

    #[test]
    fn what_an_earlier_run_left_is_there_until_an_account_can_be_asked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let begin = || AnswerStore::begin(&folder, &[]).unwrap();
        let store = begin();
        let account = store.account(ACCOUNT).unwrap();
        account
            .put(CALL, OF_ALICE, &Member::Answer(NO_KEYS))
            .unwrap();
        drop(store);
        begin().give_up().unwrap();
        let kept = |store: &AnswerStore| {
            store
                .account(ACCOUNT)
                .unwrap()
                .get(CALL, OF_ALICE)
                .is_some()
        };
        let resumed = AnswerStore::resume(&folder, &[]).unwrap();
        assert_eq!(resumed.not_asked().unwrap(), [ACCOUNT]);
        assert!(kept(&resumed));
        assert_eq!(resumed.not_asked().unwrap(), [""; 0]);
        drop(resumed);
        let anew = begin();
        anew.replace_the_one_before().unwrap();
        assert!(!kept(&anew));
        drop(anew);
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn answers_that_others_may_have_written_or_that_are_nobodys_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        drop(AnswerStore::begin(&folder, &[]).unwrap());
        let permissions = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&folder, permissions(0o770)).unwrap();
        let refused = || AnswerStore::resume(&folder, &[]).unwrap_err();
        assert!(matches!(refused(), StoreError::OpenToOthers { .. }));
        std::fs::set_permissions(&folder, permissions(0o700)).unwrap();
        std::fs::write(folder.join(SETTINGS), "{").unwrap();
        assert!(matches!(refused(), StoreError::Damaged { .. }));
        let elsewhere = root.path().join("elsewhere");
        std::fs::rename(&folder, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
        assert!(matches!(refused(), StoreError::OpenToOthers { .. }));
    }

    #[test]
    fn answers_of_other_accounts_are_not_mixed_in() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        AnswerStore::resume(&folder, &[]).unwrap_err();
        drop(AnswerStore::begin(&folder, &["--org".to_owned()]).unwrap());
        let error = AnswerStore::resume(&folder, &[]).unwrap_err().to_string();
        assert!(
            error.contains("a collection with `--org`, and this one is without options"),
            "{error}"
        );
    }

    #[test]
    fn answers_of_more_than_a_week_ago_are_not_gone_on_from() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        drop(AnswerStore::begin(&folder, &[]).unwrap());
        let began = |hours_ago: i64| {
            let began_at = Timestamp::now() - SignedDuration::from_hours(hours_ago);
            let settings = Settings {
                arguments: Vec::new(),
                began_at,
            };
            let text = serde_json::to_string(&settings).unwrap();
            std::fs::write(folder.join(SETTINGS), text).unwrap();
            began_at
        };
        let began_at = began(7 * 24 - 1);
        let resumed = AnswerStore::resume(&folder, &[]).unwrap();
        assert_eq!(resumed.began_at(), began_at);
        drop(resumed);
        let began_at = began(7 * 24 + 1);
        let error = AnswerStore::resume(&folder, &[]).unwrap_err();
        assert!(matches!(error, StoreError::TooOld { .. }));
        assert!(error.to_string().contains(&began_at.to_string()), "{error}");
    }

    #[test]
    fn a_place_is_a_file_of_the_folder_whatever_its_name_is() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let store = AnswerStore::begin(&folder, &[]).unwrap();
        let names = ["../../evil", "/etc/evil", "profile a%2fb \u{e4}", "a\nb"];
        for name in names {
            let account = store.account(name).unwrap();
            account
                .put(CALL, OF_ALICE, &Member::Answer(NO_KEYS))
                .unwrap();
        }
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        assert_eq!(store.accounts().unwrap(), sorted);
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
        // The settings and the lock are there besides.
        let of_names = std::fs::read_dir(&folder).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(SUFFIX)
        });
        assert_eq!(of_names.count(), names.len());
    }

    /// What a run that goes on asks again: what could not be read, as the asker or the readers found out, and what failed.
    #[test]
    fn what_could_not_be_read_is_asked_again_and_that_there_is_nothing_is_not() {
        const REPORT: &str = "iam:GetCredentialReport";
        const POLICY: &str = "s3:GetBucketPolicy";
        let bucket = |name: &str| format!(r#"{{"ResourceArn":"arn:aws:s3:::{name}"}}"#);
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let store = AnswerStore::begin(&folder, &[]).unwrap();
        let account = store.account(ACCOUNT).unwrap();
        let put = |call: &str, parameters: &str, member: Member<'_>| {
            account.put(call, parameters, &member).unwrap();
        };
        put(
            CALL,
            OF_ALICE,
            Member::Answer(r#"{"AccessKeyMetadata":[],"IsTruncated":false}"#),
        );
        put(
            "organizations:ListRoots",
            "{}",
            Member::Answer(r#"{"Roots":[]}"#),
        );
        let not_readable = format!(r#"{{"Code":"{NOT_READABLE}","Message":"no"}}"#);
        put(
            "organizations:ListRoots",
            "{}",
            Member::Error(&not_readable),
        );
        // `hello` in base64.
        put(REPORT, "{}", Member::Answer(r#"{"Content":"aGVsbG8="}"#));
        let code = |code: &str| format!(r#"{{"Code":"{code}","Message":"no"}}"#);
        put(
            POLICY,
            &bucket("a"),
            Member::Error(&code("NoSuchBucketPolicy")),
        );
        put(POLICY, &bucket("b"), Member::Error(&code("AccessDenied")));
        put(CALL, "{}", Member::Error(&code("NoSuchEntity")));
        drop(store);
        let resumed = AnswerStore::resume(&folder, &[]).unwrap();
        let account = resumed.account(ACCOUNT).unwrap();
        assert!(account.get(CALL, OF_ALICE).is_some());
        assert_eq!(account.get("organizations:ListRoots", "{}"), None);
        assert_eq!(account.get(REPORT, "{}"), None);
        assert!(account.is_known_to_be_none(POLICY, &bucket("a")));
        assert!(!account.is_known_to_be_none(POLICY, &bucket("b")));
        // That a user is not there is no answer to the question for his keys.
        assert!(!account.is_known_to_be_none(CALL, "{}"));
        assert_eq!(of(&account).len(), 2);
    }
}
