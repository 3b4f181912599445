//! Whole texts in files, or from standard input, that somebody else may have written.

use std::io::{Error, ErrorKind};
use std::path::Path;

use leastgrant_inventory::{read_at_most, read_file_of_at_most};

/// Reads a text of at most so many bytes from a file, or from standard input for `-`.
pub(crate) fn read(path: &Path, most: u64) -> Result<String, Error> {
    let bytes = match path.as_os_str() == "-" {
        true => read_at_most(std::io::stdin().lock(), most),
        false => read_file_of_at_most(path, most),
    }?;
    String::from_utf8(bytes).map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}
