//! The folder that the bundle is written into, and how files get there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde_json::ser::PrettyFormatter;

use crate::Error;

/// The indentation that the aws command line prints JSON with.
const INDENTATION: &[u8] = b"    ";

/// The bundle's folder. It counts the files that are written into it.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    files: AtomicUsize,
}

impl Folder {
    /// An existing folder.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            files: AtomicUsize::new(0),
        }
    }

    /// The number of files written so far.
    pub(crate) fn files(&self) -> usize {
        self.files.load(Ordering::Relaxed)
    }

    /// Writes a value as the aws command line prints it: indented, with a newline at the end.
    pub(crate) fn write_json(&self, path: &str, value: &impl Serialize) -> Result<(), Error> {
        let path = self.root.join(path);
        let mut file = BufWriter::with_capacity(1 << 16, self.create(&path)?);
        let formatter = PrettyFormatter::with_indent(INDENTATION);
        let mut serializer = serde_json::Serializer::with_formatter(&mut file, formatter);
        if let Err(source) = value.serialize(&mut serializer) {
            return Err(Error::Encode { path, source });
        }
        let ending = file.write_all(b"\n").and_then(|()| file.flush());
        ending.map_err(|source| Error::Write { path, source })
    }

    /// Writes bytes as they are.
    pub(crate) fn write_bytes(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.root.join(path);
        let mut file = self.create(&path)?;
        file.write_all(bytes)
            .map_err(|source| Error::Write { path, source })
    }

    /// Creates a file, and the folders above it where they are missing.
    fn create(&self, path: &Path) -> Result<File, Error> {
        self.files.fetch_add(1, Ordering::Relaxed);
        let created = match File::create(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent).map_err(|source| Error::CreateFolder {
                        path: parent.to_owned(),
                        source,
                    })?;
                }
                File::create(path)
            }
            other => other,
        };
        created.map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
    }
}

/// A user's or role's name as a file name: letters, digits, `.`, `_` and `-` stay, every other byte
/// becomes `%XX`. So does a dot at the beginning, which would hide the file.
pub(crate) fn file_name(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for (place, byte) in name.bytes().enumerate() {
        let is_plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-')
            || byte == b'.' && place > 0;
        if is_plain {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_folder() {
        assert_eq!(file_name("../../etc"), "%2E.%2F..%2Fetc");
        assert_eq!(file_name("dave,ops"), "dave%2Cops");
        assert_eq!(file_name("ada.okafor-2_x"), "ada.okafor-2_x");
    }

    #[test]
    fn a_folder_that_is_missing_is_named_in_the_error() {
        let error = Folder::new(Path::new("/dev/null/nowhere"))
            .write_bytes("a/b", b"")
            .unwrap_err();
        assert!(error.to_string().contains("/dev/null/nowhere/a"), "{error}");
        assert!(error.to_string().starts_with("cannot "), "{error}");
    }
}
