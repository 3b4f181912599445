//! What lies in a file system and is no file: pipes, sockets and devices.

use std::os::unix::fs::FileTypeExt as _;

/// Why one that lies in a folder is left out: it could block for ever.
pub const NO_FILE: &str =
    "is no file but a pipe, socket or device; give files and folders, or `-` for standard input";

/// Whether what was named is a device, which may have no end. A pipe that was named is read like a file, as a shell's process
/// substitution is one.
#[must_use]
pub fn is_device(kind: std::fs::FileType) -> bool {
    kind.is_char_device() || kind.is_block_device()
}
