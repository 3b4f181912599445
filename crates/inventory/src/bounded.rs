//! Reading of whole files that somebody else may have written: no more than so many bytes of them.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// As much as `collect` reads of one file. No JSON file that leastgrant writes has more.
pub const MOST_BYTES_OF_JSON: u64 = 4 << 30;

/// A file that has more bytes than are read.
#[derive(Debug, thiserror::Error)]
#[error(
    "it has {}, and at most {most} bytes of it are read; check whether it is the right file",
    bytes.map_or_else(|| "more".to_owned(), |bytes| format!("{bytes} bytes"))
)]
struct TooLarge {
    /// None where the source does not tell its size.
    bytes: Option<u64>,
    most: u64,
}

/// Reads a file, or nothing of one that has more than so many bytes.
///
/// # Errors
/// Why it cannot be read; [`ErrorKind::FileTooLarge`] with the size and the bound.
pub fn read_file_of_at_most(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > most {
        let bytes = Some(bytes);
        return Err(Error::new(
            ErrorKind::FileTooLarge,
            TooLarge { bytes, most },
        ));
    }
    read_at_most(file, most)
}

/// Reads a source that does not tell its size, such as standard input.
///
/// # Errors
/// As [`read_file_of_at_most`].
pub fn read_at_most(source: impl Read, most: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut source = source.take(most.saturating_add(1));
    source.read_to_end(&mut bytes)?;
    if source.limit() == 0 {
        let bytes = None;
        return Err(Error::new(
            ErrorKind::FileTooLarge,
            TooLarge { bytes, most },
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_long_as_allowed_is_read_and_what_is_longer_is_told_with_its_size_and_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_file_of_at_most(&path, 4).unwrap(), b"four");
        let error = read_file_of_at_most(&path, 3).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(
            error.to_string(),
            "it has 4 bytes, and at most 3 bytes of it are read; check whether it is the right file"
        );
        assert_eq!(read_at_most(&b"four"[..], 4).unwrap(), b"four");
        let error = read_at_most(std::io::repeat(b' '), 3).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has more, and at most 3 bytes of it are read; check whether it is the right file"
        );
    }
}
