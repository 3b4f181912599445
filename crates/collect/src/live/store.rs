//! The answers of a run, kept as they come: a file an account, a line of JSON an answer.
//!
//! A line is written by one call of the system, so that a process that is killed loses nothing that was answered. Of two answers to
//! one call with the same parameters the later one holds. A last line without its end, as a full disk leaves it, is no answer.
//! Errors are those of one run: whoever goes on asks again what failed, so that the answers of an account that is asked again begin without
//! them. Which accounts an organisation has is asked anew by each run.

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use leastgrant_inventory::InventoryLock;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::calls::LIST_ACCOUNTS;

const SUFFIX: &str = ".jsonl";
const SETTINGS: &str = "settings.json";

/// A folder that only its owner can look into.
#[derive(Debug)]
pub struct AnswerStore {
    folder: PathBuf,
    /// What an earlier run left, until this one has an account to ask.
    before: Option<PathBuf>,
    is_resumed: bool,
    /// The accounts, or other places, that this run asks.
    asked: Mutex<BTreeSet<String>>,
    /// No other run asks into the same folder.
    _lock: InventoryLock,
}

/// Which accounts are asked and where: a run that asks others would take what was not answered for what is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    arguments: Vec<String>,
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
        let settings = Settings {
            arguments: arguments.to_vec(),
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
        let store = Self {
            folder: folder.to_owned(),
            before: None,
            is_resumed: true,
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

    fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{SUFFIX}"))
    }

    /// The accounts' names, sorted.
    pub(super) fn accounts(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed(&self.folder))? {
            let name = entry.map_err(failed(&self.folder))?.file_name();
            if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)) {
                names.push(name.to_owned());
            }
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

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
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

/// Writes the file anew with the answers alone that are not asked for anew. A process that is killed leaves the old file or the new one.
fn forget_what_is_asked_anew(path: &Path) -> io::Result<()> {
    let new_path = path.with_extension("new");
    let new_file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new_path)?;
    let mut new_file = BufWriter::new(new_file);
    let answers = AccountAnswers::open(path)?;
    for place in answers.places() {
        let text = answers.read(place)?;
        let is_answer = serde_json::from_str::<Line<'_>>(&text)
            .is_ok_and(|line| line.answer.is_some() && line.call != LIST_ACCOUNTS.name);
        if is_answer {
            new_file.write_all(text.as_bytes())?;
        }
    }
    new_file.flush()?;
    std::fs::rename(&new_path, path)
}

/// The members of a line. The parameters are its key as they are written, for they are always written alike.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    call: &'a str,
    #[serde(borrow)]
    parameters: &'a RawValue,
    #[serde(borrow)]
    answer: Option<&'a RawValue>,
    #[serde(default)]
    forgotten: bool,
}

/// Where a line is in its file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: usize,
}

/// One account's answers: those of earlier runs and of this one.
#[derive(Debug)]
pub(super) struct AccountAnswers {
    file: File,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    places: HashMap<String, Place>,
    end: u64,
}

impl AccountAnswers {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let mut lines = Lines::default();
        let mut reader = BufReader::new(File::open(path)?);
        let mut text = Vec::new();
        loop {
            text.clear();
            let length = reader.read_until(b'\n', &mut text)?;
            if length == 0 {
                break;
            }
            if text.last() != Some(&b'\n') {
                file.set_len(lines.end)?;
                break;
            }
            let line = serde_json::from_slice::<Line<'_>>(&text).map_err(io::Error::from)?;
            let place = Place {
                offset: lines.end,
                length,
            };
            let parameters = line.parameters.get();
            if line.forgotten {
                lines.places.remove(&key(line.call, parameters));
            } else if line.answer.is_some() {
                lines.places.insert(key(line.call, parameters), place);
            } else {
                lines
                    .places
                    .insert(key_of_error(line.call, parameters), place);
            }
            lines.end += u64::try_from(length).unwrap_or(u64::MAX);
        }
        Ok(Self {
            file,
            lines: Mutex::new(lines),
        })
    }

    /// The answer to a call as JSON, if there is one. An error is none.
    pub(super) fn get(&self, call: &str, parameters: &str) -> Option<String> {
        let place = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            *lines.places.get(&key(call, parameters))?
        };
        let text = self.read(place).ok()?;
        let line: Line<'_> = serde_json::from_str(&text).ok()?;
        Some(line.answer?.get().to_owned())
    }

    /// Adds a line, of which `member` is `"Answer":…`, `"Error":…` or `"Forgotten":true`.
    pub(super) fn put(&self, call: &str, parameters: &str, member: &Member<'_>) -> io::Result<()> {
        let (name, value) = match member {
            Member::Answer(value) => ("Answer", *value),
            Member::Error(value) => ("Error", *value),
            Member::Forgotten => ("Forgotten", "true"),
        };
        let mut text =
            format!("{{\"Call\":\"{call}\",\"Parameters\":{parameters},\"{name}\":{value}}}")
                .into_bytes();
        // In JSON, these are only between members: inside of texts they are written otherwise.
        for byte in &mut text {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        text.push(b'\n');
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        (&self.file).write_all(&text)?;
        let place = Place {
            offset: lines.end,
            length: text.len(),
        };
        lines.end += u64::try_from(text.len()).unwrap_or(u64::MAX);
        match member {
            Member::Answer(_) => lines.places.insert(key(call, parameters), place),
            Member::Error(_) => lines.places.insert(key_of_error(call, parameters), place),
            Member::Forgotten => lines.places.remove(&key(call, parameters)),
        };
        Ok(())
    }

    /// All lines that hold, in the order in which they came.
    pub(super) fn lines(&self) -> io::Result<Vec<String>> {
        let places = self.places().into_iter();
        places.map(|place| self.read(place)).collect()
    }

    fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.places.values().copied().collect()
        };
        places.sort_by_key(|place| place.offset);
        places
    }

    fn read(&self, place: Place) -> io::Result<String> {
        let mut bytes = vec![0; place.length];
        self.file.read_exact_at(&mut bytes, place.offset)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

/// What a line says of its call.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// The answer's JSON.
    Answer(&'a str),
    /// The error's JSON, with `Code` and `Message`.
    Error(&'a str),
    /// The answer that was kept does not hold any more.
    Forgotten,
}

fn key(call: &str, parameters: &str) -> String {
    format!("{call}{parameters}")
}

/// An error replaces no answer: it may be that of the operation as a whole, or say that the answer cannot be read.
fn key_of_error(call: &str, parameters: &str) -> String {
    format!("!{call}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "iam:ListAccessKeys";
    const ACCOUNT: &str = "111122223333";

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
            .put(CALL, r#"{"UserName":"a"}"#, &Member::Answer("{\n\"A\": 1}"))
            .unwrap();
        account
            .put(CALL, r#"{"UserName":"b"}"#, &Member::Error("{}"))
            .unwrap();
        assert_eq!(
            account.get(CALL, r#"{"UserName":"a"}"#).unwrap(),
            "{ \"A\": 1}"
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
            account.put(CALL, "{}", &Member::Answer("{}")).unwrap();
            let again = resumed.account(ACCOUNT).unwrap();
            assert_eq!(again.get(CALL, "{}").as_deref(), Some("{}"), "{length}");
        }
    }

    /// What a run kept is opened several times by it, last to be read: its errors are what becomes gaps.
    #[test]
    fn the_errors_of_a_run_are_there_until_another_run_goes_on() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let store = AnswerStore::begin(&folder, &[]).unwrap();
        let account = store.account(ACCOUNT).unwrap();
        account.put(CALL, "{}", &Member::Answer("{}")).unwrap();
        account.put(CALL, "{}", &Member::Error("{}")).unwrap();
        assert_eq!(account.get(CALL, "{}").as_deref(), Some("{}"));
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
        assert_eq!(again.get(CALL, "{}").as_deref(), Some("{}"));
    }

    #[test]
    fn what_an_earlier_run_left_is_there_until_an_account_can_be_asked() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("answers");
        let begin = || AnswerStore::begin(&folder, &[]).unwrap();
        let store = begin();
        let account = store.account(ACCOUNT).unwrap();
        account.put(CALL, "{}", &Member::Answer("{}")).unwrap();
        drop(store);
        begin().give_up().unwrap();
        let kept = |store: &AnswerStore| store.account(ACCOUNT).unwrap().get(CALL, "{}").is_some();
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
}
